"""The verification page for somebody on a phone, with a screen reader, in another language, or on paper."""

import re
from pathlib import Path

import pytest

from services.certification.domain import guessing
from services.certification.formats.wording import words
from services.certification.store.tables import certificates, status_lists
from tests.integration.certification.workshop import PUBLIC_URL, Workshop
from tests.support.documents import agreement, offering

TITLE = {"el": "Διαδικτυακή διδασκαλία", "en": "Teaching online"}


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'database.sqlite'}"


@pytest.fixture
def address(workshop: Workshop) -> str:
    """The page of a certificate of a course in Greek."""
    workshop.elsewhere.publish(offering(languages=["el", "en"], title=TITLE), agreement())
    workshop.deliver(*workshop.learner().usual())
    workshop.work()
    (row,) = workshop.rows(certificates)
    return f"/verify/{row.public_id}"


def page(workshop: Workshop, address: str) -> str:
    return str(workshop.get(address).get_data(as_text=True))


def answer(workshop: Workshop, address: str, name: str) -> str:
    return str(workshop.client.post(address, data={"name": name}).get_data(as_text=True))


def title(html: str) -> str:
    (found,) = re.findall("<title>(.*?)</title>", html)
    return str(found)


def summary(html: str) -> str:
    return html[html.index('<section class="verdict') : html.index("</section>")]


def test_the_verdict_and_the_kind_stand_in_the_certificates_language_too(
    workshop: Workshop, address: str
) -> None:
    html = page(workshop, address)
    assert "This certificate is valid." in summary(html)
    greek = words("el")
    assert f'<p lang="el"><strong>{greek["verdict.valid"]}</strong></p>' in summary(html)
    assert f'Micro-credential <span lang="el">({greek["micro_credential"]})</span>' in html


def test_of_many_open_pages_each_is_found_by_its_title(workshop: Workshop, address: str) -> None:
    assert title(page(workshop, address)) == f"This certificate is valid. {TITLE['el']}. Verification"


@pytest.mark.parametrize(
    ("typed", "first"),
    [("Ελένη Παπαδοπούλου", "Yes, "), ("Zofia Nowak", "No, "), (" ", "Error: Type the name")],
)
def test_the_answer_is_what_a_screen_reader_says_first_and_a_phone_shows(
    workshop: Workshop, address: str, typed: str, first: str
) -> None:
    assert f'action="{address}#holder"' in page(workshop, address)
    html = answer(workshop, address, typed)
    assert title(html).startswith(first)
    assert '<h2 id="holder">' in html


def test_the_field_says_in_which_letters_the_name_is_compared(workshop: Workshop, address: str) -> None:
    html = page(workshop, address)
    assert 'aria-describedby="name-hint"' in html
    assert re.search('id="name-hint">In the letters of the certificate', html)


def test_what_could_not_be_checked_is_said_at_once(workshop: Workshop, address: str) -> None:
    with workshop.database.write() as connection:
        connection.execute(status_lists.update().values(credential=None))
    told = summary(page(workshop, address))
    assert "This certificate could not be checked." in told
    assert "could not be read" in told


def test_a_single_minute_is_one(workshop: Workshop, address: str) -> None:
    for number in range(guessing.LIMIT):
        answer(workshop, address, f"Name {number}")
    workshop.wait(guessing.WINDOW.total_seconds() - 30)
    assert "Try again in 1 minute." in answer(workshop, address, "Another")


def test_on_paper_it_names_its_address_and_asks_nothing(workshop: Workshop, address: str) -> None:
    html = page(workshop, address)
    assert f'<span class="printed"> {PUBLIC_URL}{address}</span>' in html
    assert html.count('class="unanswered"') == 1
    assert 'class="unanswered"' not in answer(workshop, address, "Zofia Nowak")
    style = page(workshop, "/verify/assets/verify.css")
    assert re.search(r"@media print \{ form, \.unanswered \{ display: none; \}", style)
