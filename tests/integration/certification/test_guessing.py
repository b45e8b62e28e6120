"""A holder's name is confirmed, not found out: guesses are limited per certificate and time (security.md, API6)."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from services.certification.domain import guessing
from services.certification.store.guess_tables import name_guesses
from services.certification.store.tables import certificates
from tests.integration.certification.workshop import Workshop

HOLDER = "Ελένη Παπαδοπούλου"
YES = "Yes, it was issued to a person of this name."


@pytest.fixture
def addresses(workshop: Workshop) -> list[str]:
    """The public pages of two certificates."""
    for number in (1, 2):
        workshop.deliver(*workshop.learner(number).usual())
    workshop.work()
    return [f"/verify/{row.public_id}" for row in workshop.rows(certificates)]


def guess(workshop: Workshop, address: str, name: str) -> int:
    status: int = workshop.client.post(address, data={"name": name}).status_code
    return status


def guesses(workshop: Workshop, address: str, times: int) -> list[int]:
    return [guess(workshop, address, f"Name {number}") for number in range(times)]


def test_after_so_many_guesses_none_is_answered_until_the_window_is_over(
    workshop: Workshop, addresses: list[str]
) -> None:
    first, second = addresses
    assert set(guesses(workshop, first, guessing.LIMIT)) == {200}
    refused = workshop.client.post(first, data={"name": HOLDER})
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == str(int(guessing.WINDOW.total_seconds()))
    assert "person of this name" not in refused.get_data(as_text=True)
    assert "Try again in 15 minutes" in refused.get_data(as_text=True)
    assert workshop.get(first).status_code == 200, "the certificate itself is verified as ever"
    assert guess(workshop, second, "Somebody else") == 200, "other certificates are not concerned"


def test_nobody_is_locked_out_for_good(workshop: Workshop, addresses: list[str]) -> None:
    """Not by going on either: a refused guess does not lengthen the window."""
    address = addresses[0]
    guesses(workshop, address, guessing.LIMIT)
    workshop.wait(guessing.WINDOW.total_seconds() / 2)
    assert set(guesses(workshop, address, 3)) == {429}
    workshop.wait(guessing.WINDOW.total_seconds() / 2)
    answer = workshop.client.post(address, data={"name": HOLDER})
    assert answer.status_code == 200
    assert YES in answer.get_data(as_text=True)
    (row,) = workshop.rows(name_guesses)
    assert row.guesses == 1


def test_of_many_guesses_at_once_no_more_are_answered(workshop: Workshop, addresses: list[str]) -> None:
    def one(number: int) -> int:
        client = workshop.client.application.test_client()
        status: int = client.post(addresses[0], data={"name": f"Name {number}"}).status_code
        return status

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(3 * guessing.LIMIT)))
    assert answers.count(200) == guessing.LIMIT
    assert answers.count(429) == 2 * guessing.LIMIT


def test_what_is_no_guess_does_not_count(workshop: Workshop, addresses: list[str]) -> None:
    assert {guess(workshop, addresses[0], " ") for _ in range(guessing.LIMIT + 1)} == {422}
    assert guess(workshop, addresses[0], HOLDER) == 200


def test_the_count_keeps_no_name(workshop: Workshop, addresses: list[str]) -> None:
    guess(workshop, addresses[0], "Zofia Nowak")
    (row,) = workshop.rows(name_guesses)
    assert "Zofia" not in repr(row)


def test_negative_control_without_the_limit_a_list_of_names_finds_the_holder(
    workshop: Workshop, addresses: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guessing, "LIMIT", 10**6)
    assert set(guesses(workshop, addresses[0], 30)) == {200}
    assert YES in workshop.client.post(addresses[0], data={"name": HOLDER}).get_data(as_text=True)
