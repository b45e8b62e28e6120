"""Verification: the page by address and presented credentials; never green without every check (CRT-41, CRT-20)."""

import copy
import json
import re
import unicodedata
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from services.certification.formats.renderer import CREDENTIAL_TYPE
from services.certification.handlers.foreign import verify_any
from services.certification.handlers.verification import verify_address
from services.certification.store.tables import certificates, issuer_keys, renderings, status_lists
from shared.fetch import Fetcher
from tests.integration.certification.flips import INVALID, verdicts_of_flipped
from tests.integration.certification.issued import badge, certified
from tests.integration.certification.workshop import NOW, OTHER, Learner, Workshop


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite alone: verification reads by the same queries as `test_reading`, which runs on both databases."""
    return f"sqlite:///{tmp_path / 'database.sqlite'}"


@pytest.fixture
def learner(workshop: Workshop) -> Learner:
    return certified(workshop)


@pytest.fixture
def credential(workshop: Workshop, learner: Learner) -> dict[str, Any]:
    return badge(workshop)


def present(workshop: Workshop, document: Any) -> dict[str, Any]:
    answer = workshop.client.post("/certification/v1/verifications", json={"credential": document})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    body: dict[str, Any] = answer.get_json()
    return body


def outcomes(verdict: dict[str, Any]) -> dict[str, str]:
    return {check["name"]: check["outcome"] for check in verdict["checks"]}


def address(workshop: Workshop) -> str:
    first = min(workshop.rows(certificates), key=lambda row: row.ordinal)
    return f"/verify/{first.public_id}"


def change(workshop: Workshop, statement: Any) -> None:
    with workshop.database.write() as connection:
        connection.execute(statement)


def test_a_credential_as_issued_is_valid_with_every_check_listed(
    workshop: Workshop, credential: dict[str, Any]
) -> None:
    verdict = present(workshop, credential)
    assert verdict["verdict"] == "valid"
    assert [check["name"] for check in verdict["checks"]] == ["format", "issuer", "proof", "status", "dates"]
    assert all(check["detail"] for check in verdict["checks"])
    assert verdict["shown"]["title"] == "Sustainability"
    assert verdict["shown"]["issuer"] == "University of Helsinki"
    assert "Παπαδοπούλου" not in json.dumps(verdict, ensure_ascii=False)


def test_nothing_is_read_twice_for_one_verdict(workshop: Workshop, learner: Learner) -> None:
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.extend([f"{statement} {parameters}"] if statement.startswith("SELECT") else [])

    with workshop.database.read() as connection:
        sa.event.listen(connection, "before_cursor_execute", note)
        row = connection.execute(certificates.select()).one()
        asked.clear()
        found = verify_address(connection, workshop.settings, workshop.clock.now(), row.public_id)
    assert found is not None
    assert found.verdict == "valid"
    tables = [statement.split("FROM ")[1].split()[0] for statement in asked]
    assert tables == ["certificates", "renderings", "issuer_keys", "status_lists"]


@pytest.mark.parametrize(
    "path",
    [["name"], ["issuer", "name"], ["validFrom"], ["credentialSubject", "identifier", 0, "identityHash"]],
)
def test_a_changed_credential_is_not_valid_and_nothing_of_it_is_shown(
    workshop: Workshop, credential: dict[str, Any], path: list[Any]
) -> None:
    tampered = copy.deepcopy(credential)
    place: Any = tampered
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = "2020-01-01T00:00:00Z"
    verdict = present(workshop, tampered)
    assert (verdict["verdict"], verdict["shown"]) == ("not_valid", None)
    assert outcomes(verdict)["proof"] == "failed"


def test_random_flips_of_one_byte_are_never_called_valid(
    workshop: Workshop, credential: dict[str, Any]
) -> None:
    original = json.dumps(credential, ensure_ascii=False, separators=(",", ":")).encode()
    verdicts = verdicts_of_flipped(workshop, original, 60)
    assert "not_valid" in verdicts
    assert verdicts <= INVALID


def test_a_suspended_certificate_is_not_valid_and_the_reason_stands_there(
    workshop: Workshop, learner: Learner, credential: dict[str, Any]
) -> None:
    """Acceptance check 21."""
    workshop.deliver(learner.completion("overturned"))
    workshop.work()
    for verdict in (present(workshop, credential), page_json(workshop)):
        assert verdict["verdict"] == "not_valid"
        assert outcomes(verdict) | {"status": "failed"} == outcomes(verdict)
    html = workshop.get(address(workshop)).get_data(as_text=True)
    assert "This certificate is not valid." in html
    assert "It is suspended" in html


def test_the_status_is_current_even_before_the_list_is_signed_again(
    workshop: Workshop, learner: Learner, credential: dict[str, Any]
) -> None:
    workshop.deliver(learner.completion("overturned"))
    assert present(workshop, credential)["verdict"] == "not_valid"


def test_a_reinstated_certificate_is_valid_again(
    workshop: Workshop, learner: Learner, credential: dict[str, Any]
) -> None:
    workshop.deliver(learner.completion("overturned"), learner.completion("achieved", 2))
    workshop.work()
    assert present(workshop, credential)["verdict"] == "valid"


@pytest.mark.parametrize(
    ("second", "words"), [("achieved", "replaced by a newer certificate"), ("not_achieved", "was revoked")]
)
def test_a_replaced_or_revoked_certificate_says_which(
    workshop: Workshop, learner: Learner, second: str, words: str
) -> None:
    learner.results(OTHER)
    workshop.deliver(learner.completion("overturned"), learner.completion(second, 2, OTHER))
    workshop.work()
    assert words in workshop.get(address(workshop)).get_data(as_text=True)


def test_a_status_list_that_cannot_be_read_is_never_green(
    workshop: Workshop, credential: dict[str, Any]
) -> None:
    change(workshop, status_lists.update().values(credential=None))
    verdict = present(workshop, credential)
    assert verdict["verdict"] == "could_not_be_checked"
    assert outcomes(verdict)["status"] == "unchecked"
    assert "could not be checked" in workshop.get(address(workshop)).get_data(as_text=True)


def test_a_credential_of_another_installation_is_never_looked_up_within(
    workshop: Workshop, credential: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No SSRF (S5): the real fetcher opens no connection to an address that is not public."""
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("a connection"))
    foreign = copy.deepcopy(credential)
    did = "did:web:169.254.169.254:certification:issuers:helsinki.fi"
    foreign["issuer"]["id"] = did
    foreign["proof"][0]["verificationMethod"] = f"{did}#key"
    foreign["credentialStatus"]["statusListCredential"] = "http://169.254.169.254/latest"
    with workshop.database.read() as connection:
        found = verify_any(connection, workshop.settings, workshop.clock.now(), Fetcher(), foreign)
    assert (found.verdict, found.shown) == ("could_not_be_checked", None)
    assert any("not public" in check.detail for check in found.checks)


def test_an_issuer_that_never_issued_here_is_not_valid(
    workshop: Workshop, credential: dict[str, Any]
) -> None:
    claimed = copy.deepcopy(credential)
    claimed["issuer"]["id"] = claimed["issuer"]["id"].replace("helsinki.fi", "unibo.it")
    verdict = present(workshop, claimed)
    assert (verdict["verdict"], outcomes(verdict)["issuer"]) == ("not_valid", "failed")


def test_a_key_that_was_betrayed_no_longer_proves_anything(
    workshop: Workshop, credential: dict[str, Any]
) -> None:
    change(workshop, issuer_keys.update().values(state="retired"))
    assert present(workshop, credential)["verdict"] == "valid"
    change(
        workshop, issuer_keys.update().values(state="compromised", compromised_from=NOW - timedelta(days=1))
    )
    assert present(workshop, credential)["verdict"] == "not_valid"
    assert workshop.get("/certification/issuers/helsinki.fi/did.json").status_code == 404


def test_a_certificate_dated_in_the_future_is_not_valid_yet(
    workshop: Workshop, credential: dict[str, Any]
) -> None:
    workshop.clock.advance(timedelta(days=-1))
    verdict = present(workshop, credential)
    assert (verdict["verdict"], outcomes(verdict)["dates"]) == ("not_valid", "failed")


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"@context": [], "type": []},
        {"@context": "https://www.w3.org/ns/credentials/v2", "type": "VerifiableCredential"},
        {"proof": {"jwt": "a.b.c"}},
    ],
)
def test_another_format_could_not_be_checked(workshop: Workshop, document: dict[str, Any]) -> None:
    verdict = present(workshop, document)
    assert verdict["verdict"] == "could_not_be_checked"
    assert set(outcomes(verdict).values()) == {"unchecked"}


HOSTILE: list[tuple[list[Any], Any]] = [
    (["issuer"], None),
    (["issuer"], 5),
    (["issuer", "id"], ["x"]),
    (["issuer", "id"], {"id": "x"}),
    (["id"], 5),
    (["id"], "urn:uuid:" + "9" * 5_000),
    (["credentialSubject"], []),
    (["credentialSubject"], {}),
    (["credentialStatus"], []),
    (["credentialStatus", "statusListIndex"], -1),
    (["validFrom"], None),
    (["validFrom"], "0000-00-00T00:00:00Z"),
    (["proof"], [[]]),
    (["proof", 0, "proofValue"], 5),
    (["proof", 0, "proofValue"], "z" + "9" * 5_000),
    (["type"], ["OpenBadgeCredential"] * 500),
    (["type"], ["OpenBadgeCredential", {"a": 1}]),
    (["credentialSubject", "achievement", "alignment"], [{"type": ["Alignment"] * 3} for _ in range(900)]),
    (["credentialSubject", "achievement", "creditsAvailable"], 2**63 - 1),
    (["extra"], {"@id": "x"}),
]


@pytest.mark.parametrize(("path", "value"), HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_document_gets_an_answer_and_never_a_green_one(
    workshop: Workshop, credential: dict[str, Any], path: list[Any], value: Any
) -> None:
    hostile = copy.deepcopy(credential)
    place: Any = hostile
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    answer = workshop.client.post("/certification/v1/verifications", json={"credential": hostile})
    assert answer.status_code < 500
    assert (answer.get_json() or {}).get("verdict") != "valid"


@pytest.mark.parametrize("body", [b"", b"[]", b'{"credential": 5}', b'{"credential": {}, "more": 1}', b"{"])
def test_a_malformed_request_is_refused_as_a_problem(workshop: Workshop, body: bytes) -> None:
    answer = workshop.client.post(
        "/certification/v1/verifications", data=body, content_type="application/json"
    )
    assert 400 <= answer.status_code < 500
    assert answer.content_type == "application/problem+json"


def page_json(workshop: Workshop) -> dict[str, Any]:
    body: dict[str, Any] = workshop.get(address(workshop), accept="application/json").get_json()
    return body


def test_the_page_needs_no_token_and_no_script_and_shows_no_name(
    workshop: Workshop, learner: Learner
) -> None:
    answer = workshop.get(address(workshop))
    html = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert answer.content_type == "text/html; charset=utf-8"
    assert "<script" not in html
    assert "Παπαδοπούλου" not in html
    assert len(answer.data) < 100_000
    for words in ("This certificate is valid.", "Sustainability", "University of Helsinki", "2026-11-04"):
        assert words in html
    for check in ("Format: Passed", "Issuer: Passed", "Signature: Passed", "Status: Passed", "Dates: Passed"):
        assert check in html


def test_the_page_answers_as_json_where_that_is_accepted(workshop: Workshop, learner: Learner) -> None:
    body = page_json(workshop)
    assert (body["verdict"], body["shown"]["issued_on"]) == ("valid", "2026-11-04")


class Outline(HTMLParser):
    """What assistive technology gets of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def test_the_page_is_built_for_assistive_technology(workshop: Workshop, learner: Learner) -> None:
    """WCAG 2.1 AA by what can be read from the markup; contrast and zoom are for a browser."""
    outline = Outline(workshop.get(address(workshop)).get_data(as_text=True))
    assert outline.named("html")[0]["lang"] == "en"
    assert len(outline.named("h1")) == len(outline.named("main")) == len(outline.named("title")) == 1
    ids = [attributes["id"] for _, attributes in outline.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    (field,) = outline.named("input")
    assert field["id"] in {label["for"] for label in outline.named("label")}
    icons = [attributes for _, attributes in outline.elements if attributes.get("class") == "icon"]
    assert icons
    assert all(icon["aria-hidden"] == "true" for icon in icons)
    assert outline.named("dd")[0]["lang"] == "en"
    assert all(link["href"].startswith("/") for link in outline.named("link") if link["href"])


def test_the_stylesheet_comes_from_here(workshop: Workshop) -> None:
    answer = workshop.get("/verify/assets/verify.css")
    assert answer.content_type == "text/css; charset=utf-8"
    assert "@import" not in answer.get_data(as_text=True)
    assert not re.search(r"url\(", answer.get_data(as_text=True))


@pytest.mark.parametrize(
    ("typed", "matches"),
    [
        ("Ελένη Παπαδοπούλου", True),
        ("  ελένη   ΠΑΠΑΔΟΠΟΎΛΟΥ ", True),
        (unicodedata.normalize("NFD", "Ελένη Παπαδοπούλου"), True),
        ("Παπαδοπουλου, Ελενη", True),
        ("Ελένη Παπαδοπούλο", False),
        ("Ελένη", False),
        ("Eleni Papadopoulou", False),
    ],
)
def test_the_name_is_confirmed_by_typing_it(
    workshop: Workshop, learner: Learner, typed: str, *, matches: bool
) -> None:
    answer = workshop.client.post(address(workshop), data={"name": typed})
    html = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert ("Yes, it was issued to a person of this name." in html) is matches
    assert ("No, it was not issued to a person of this name." in html) is not matches
    assert "Παπαδοπούλου" not in html


@pytest.mark.parametrize("form", [{}, {"name": "  "}, {"name": "x" * 301}])
def test_an_empty_or_endless_name_is_refused_with_a_word_at_the_field(
    workshop: Workshop, learner: Learner, form: dict[str, str]
) -> None:
    answer = workshop.client.post(address(workshop), data=form)
    assert answer.status_code == 422
    assert 'aria-describedby="name-hint name-error"' in answer.get_data(as_text=True)


def test_after_a_bad_signature_no_content_is_shown_and_no_name_is_compared(
    workshop: Workshop, learner: Learner
) -> None:
    (made,) = [row for row in workshop.rows(renderings) if row.format == "open_badges_3"]
    forged = made.content.replace(b"Sustainability", b"Brain surgery!")
    change(workshop, renderings.update().where(renderings.c.format == "open_badges_3").values(content=forged))
    html = workshop.get(address(workshop)).get_data(as_text=True)
    assert "This certificate is not valid." in html
    assert "Brain surgery" not in html
    assert "Sustainability" not in html
    answer = workshop.client.post(address(workshop), data={"name": "Ελένη Παπαδοπούλου"})
    assert answer.status_code == 409
    assert "person of this name" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("public_id", ["v", "vAAAAAAAAAAAAAAAAAAAAAAAA", "x" * 150])
def test_an_unknown_address_has_an_accessible_page(workshop: Workshop, public_id: str) -> None:
    for answer in (workshop.get(f"/verify/{public_id}"), workshop.client.post(f"/verify/{public_id}")):
        assert answer.status_code == 404
        assert Outline(answer.get_data(as_text=True)).named("html")[0]["lang"] == "en"
    refused = workshop.get(f"/verify/{public_id}", accept="application/json")
    assert (refused.status_code, refused.content_type) == (404, "application/problem+json")


def test_the_internal_id_opens_no_verification_page(workshop: Workshop, learner: Learner) -> None:
    """ASVS 11.5.1: an identifier that appears in events never authorises."""
    (row,) = workshop.rows(certificates)
    assert workshop.get(f"/verify/{row.id}").status_code == 404


def test_a_certificate_that_is_not_signed_yet_has_no_page(workshop: Workshop) -> None:
    learner = workshop.learner()
    learner.known(given_name="漢字")
    workshop.deliver(*learner.usual())
    workshop.work()
    assert workshop.get(address(workshop)).status_code == 404


def test_status_lists_and_keys_are_public_and_cached_briefly(
    workshop: Workshop, credential: dict[str, Any]
) -> None:
    path = credential["credentialStatus"]["statusListCredential"].removeprefix(
        "https://certificates.example.org"
    )
    listed = workshop.get(path)
    assert (listed.status_code, listed.content_type) == (200, CREDENTIAL_TYPE)
    assert listed.headers["Cache-Control"] == "public, max-age=60"
    assert listed.headers["Access-Control-Allow-Origin"] == "*"
    again = workshop.client.get(path, headers={"If-None-Match": listed.headers["ETag"]})
    assert again.status_code == 304
    document = workshop.get("/certification/issuers/helsinki.fi/did.json").get_json()
    assert credential["proof"][0]["verificationMethod"] in document["assertionMethod"]
    assert document["id"] == credential["issuer"]["id"] == json.loads(listed.data)["issuer"]
    assert workshop.get("/certification/v1/status-lists/missing").status_code == 404


def test_indexes_are_drawn_at_random(workshop: Workshop) -> None:
    for number in range(1, 7):
        workshop.deliver(*workshop.learner(number).usual())
    workshop.work()
    with workshop.database.read() as connection:
        indexes = list(connection.execute(sa.select(certificates.c.status_index)).scalars())
    assert len(set(indexes)) == 6
    assert max(indexes) - min(indexes) > 100
