"""Statuses of what the VC-API issues: what the W3C's suite of Bitstring Status List 1.0 asserts of issuers, and more.

The suite takes the credential below, gives it an id, and reads whatever entry and list the issuer gives it.
"""

import base64
import gzip
import json
import secrets
from collections.abc import Iterator
from itertools import chain, repeat
from typing import Any

import pytest

from services.certification.formats.statuslist import is_set
from services.certification.formats.vc_model import credential_faults
from services.certification.handlers import vc_api_status
from services.certification.store.vc_api_tables import vc_api_status_lists, vc_api_statuses
from shared.ids import new_id
from tests.integration.certification.test_racing import at_once
from tests.integration.certification.vc_api import (
    Document,
    credential,
    issued,
    old,
    post,
    presentation,
    presented,
    production,
    refused,
    verify,
    verify_presentation,
)
from tests.integration.certification.workshop import PUBLIC_URL, Workshop

SUBJECT = {"id": "did:key:z6MkhTNL7i2etLerDK8Acz5t528giE5KA4p75T6ka1E1D74r"}
SIXTEEN_KB = 16 * 1024
SUSPENSION = {"type": "BitstringStatusListEntry", "statusPurpose": "suspension"}
REVOCATION = {"type": "BitstringStatusListEntry", "statusPurpose": "revocation"}


@pytest.fixture(autouse=True)
def _nothing_is_fetched(workshop: Workshop) -> Iterator[None]:
    """The lists of this installation are read from its register: the fetcher goes nowhere private."""
    yield
    assert workshop.web.asked == []


def named(**changes: Any) -> Document:
    return credential(id=f"urn:uuid:{new_id()}", credentialSubject=SUBJECT, **changes)


def entry_of(workshop: Workshop, document: Document, **options: Any) -> Document:
    entry: Document = issued(workshop, document, **options)["credentialStatus"]
    return entry


def list_at(workshop: Workshop, entry: Document) -> Document:
    answer = workshop.get(entry["statusListCredential"].removeprefix(PUBLIC_URL))
    assert answer.status_code == 200
    assert "json" in answer.content_type
    listed: Document = json.loads(answer.data)
    return listed


def bit(workshop: Workshop, entry: Document) -> bool:
    subject = list_at(workshop, entry)["credentialSubject"]
    assert subject["statusPurpose"] == entry["statusPurpose"]
    return is_set(subject["encodedList"], int(entry["statusListIndex"]))


def update(
    workshop: Workshop, secured: Document, *, status: Any = True, purpose: Document = REVOCATION
) -> int:
    body = {"credentialId": secured["id"], "credentialStatus": purpose, "status": status}
    return post(workshop, "/credentials/status", **body)[0]


def place(entry: Document) -> tuple[str, str]:
    return entry["statusListCredential"], entry["statusListIndex"]


def drawing(monkeypatch: pytest.MonkeyPatch, *indexes: int) -> None:
    drawn = chain(indexes, repeat(indexes[-1]))
    monkeypatch.setattr(secrets, "randbelow", lambda _entries: next(drawn))


def test_the_entry_is_what_the_suite_asserts(workshop: Workshop) -> None:
    """Bitstring Status List 1.0, section 2.1."""
    given = named()
    secured = issued(workshop, given)
    assert credential_faults(secured) == []
    assert (secured["id"], secured["credentialSubject"]) == (given["id"], SUBJECT)
    assert isinstance(secured["proof"], dict)
    entry = secured["credentialStatus"]
    assert set(entry) == {"id", "type", "statusPurpose", "statusListIndex", "statusListCredential"}
    assert entry["type"] == "BitstringStatusListEntry"
    assert entry["statusPurpose"] == "revocation"
    assert entry["statusListIndex"] == str(int(entry["statusListIndex"]))
    assert int(entry["statusListIndex"]) >= 0
    assert entry["id"] != entry["statusListCredential"]
    assert entry["statusListCredential"].startswith(f"{PUBLIC_URL}/")


def test_the_list_is_what_the_suite_asserts(workshop: Workshop) -> None:
    """Sections 2.2 and 3.3: a credential of version 2.0 around at least 16 KB, in GZIP and multibase base64url."""
    secured = issued(workshop, named())
    listed = list_at(workshop, secured["credentialStatus"])
    assert credential_faults(listed) == []
    assert isinstance(listed["@context"], list)
    assert listed["id"] == secured["credentialStatus"]["statusListCredential"]
    assert listed["issuer"] == secured["issuer"]
    assert listed["type"] == ["VerifiableCredential", "BitstringStatusListCredential"]
    assert isinstance(listed["proof"], dict)
    subject = listed["credentialSubject"]
    assert set(subject) == {"id", "type", "statusPurpose", "encodedList"}
    assert subject["type"] == "BitstringStatusList"
    text = subject["encodedList"]
    assert text[0] == "u"
    assert "=" not in text
    bits = gzip.decompress(base64.urlsafe_b64decode(text[1:] + "=" * (-len(text[1:]) % 4)))
    assert len(bits) >= SIXTEEN_KB
    assert not any(bits)
    assert verify(workshop, listed)[0] == 200


def test_it_verifies_here(workshop: Workshop) -> None:
    secured = issued(workshop, named())
    status, answer = verify(workshop, secured)
    assert (status, answer["verified"], answer["problemDetails"]) == (200, True, [])
    assert "credentialStatus" in answer["checks"][0]["check"]
    assert verify_presentation(workshop, presented(presentation(secured))) == 200


def test_an_entry_that_is_none_is_refused(workshop: Workshop) -> None:
    """The suite's one negative test of issuers; there is no such term."""
    wrong = {**SUSPENSION, "statusListIndex": True, "statusListCredential": "https://example.com"}
    refused(workshop, named(statusEntry=wrong))
    refused(workshop, named(credentialStatus=wrong))


@pytest.mark.parametrize("purpose", ["revocation", "suspension"])
def test_a_set_status_is_published_and_seen_by_the_verifier(workshop: Workshop, purpose: str) -> None:
    asked = {"type": "BitstringStatusListEntry", "statusPurpose": purpose}
    withdrawn = issued(workshop, named(), credentialStatus=asked)
    other = issued(workshop, named(), credentialStatus=asked)
    assert withdrawn["credentialStatus"]["statusPurpose"] == purpose
    assert update(workshop, withdrawn, purpose=asked) == 200
    assert bit(workshop, withdrawn["credentialStatus"])
    status, answer = verify(workshop, withdrawn)
    assert (status, answer["verified"]) == (400, False)
    types = [problem["type"] for problem in answer["problemDetails"]]
    assert types == ["https://www.w3.org/ns/credentials/status-list#STATUS_VERIFICATION_ERROR"]
    assert verify_presentation(workshop, presented(presentation(withdrawn))) == 400
    assert verify(workshop, withdrawn, checks=["proof"])[0] == 200
    assert not bit(workshop, other["credentialStatus"])
    assert verify(workshop, other)[0] == 200
    assert update(workshop, withdrawn, purpose=asked) == 200


def test_a_suspension_is_lifted_and_a_revocation_is_final(workshop: Workshop) -> None:
    """Bitstring Status List 1.0, section 2.1: revocation is not reversible, suspension is."""
    suspended = issued(workshop, named(), credentialStatus=SUSPENSION)
    for status, verdict in ((True, 400), (False, 200), (True, 400)):
        assert update(workshop, suspended, status=status, purpose=SUSPENSION) == 200
        assert bit(workshop, suspended["credentialStatus"]) is status
        assert verify(workshop, suspended)[0] == verdict
    revoked = issued(workshop, named())
    assert update(workshop, revoked, status=False) == 200
    assert update(workshop, revoked) == 200
    assert update(workshop, revoked, status=False) == 409
    assert bit(workshop, revoked["credentialStatus"])


WITHOUT: dict[str, tuple[Document, Document]] = {
    "no identifier": (credential(), {}),
    "version 1.1": (old(id="urn:uuid:5"), {}),
    "none wanted": (credential(id="urn:uuid:6"), {"credentialStatus": None}),
}


@pytest.mark.parametrize("name", WITHOUT)
def test_who_gets_no_entry(workshop: Workshop, name: str) -> None:
    document, options = WITHOUT[name]
    assert "credentialStatus" not in issued(workshop, document, **options)
    assert workshop.rows(vc_api_statuses) == []


def test_a_status_that_is_brought_and_a_proof_that_was_made_stay_as_they_are(workshop: Workshop) -> None:
    own = {"type": "https://example.org/#Status"}
    for options in ({}, {"credentialStatus": SUSPENSION}):
        assert entry_of(workshop, named(credentialStatus=own), **options) == own
        first = issued(workshop, named(), credentialStatus=None)
        second = issued(workshop, first, **options)
        assert "credentialStatus" not in second
        assert verify(workshop, second)[0] == 200
    assert workshop.rows(vc_api_statuses) == []


def test_the_identifier_may_stay_outside_of_the_credential(workshop: Workshop) -> None:
    """VC-API, `credentialId`; without any, the entry's own id serves."""
    told = issued(workshop, credential(), credentialId="urn:uuid:outside")
    assert "id" not in told
    assert update(workshop, {"id": "urn:uuid:outside"}) == 200
    assert bit(workshop, told["credentialStatus"])
    entry = entry_of(workshop, credential(), credentialStatus={"type": "BitstringStatusListEntry"})
    assert entry["statusPurpose"] == "revocation"
    assert update(workshop, entry) == 200
    assert bit(workshop, entry)
    refused(workshop, credential(), credentialId="not a url")


UNKNOWN_PURPOSES: tuple[Any, ...] = (None, 5, ["revocation"], {}, "message")
UNKNOWN: tuple[Any, ...] = (
    *(5, [], {}, "revocation", {"type": 5}, {**REVOCATION, "type": "StatusList2021Entry"}),
    *({**REVOCATION, "statusPurpose": each} for each in UNKNOWN_PURPOSES),
)


@pytest.mark.parametrize("asked", UNKNOWN)
def test_a_status_that_cannot_be_had_is_refused(workshop: Workshop, asked: Any) -> None:
    refused(workshop, named(), credentialStatus=asked)
    body = {"credentialId": issued(workshop, named())["id"], "status": True}
    assert post(workshop, "/credentials/status", **body, credentialStatus=asked)[0] == 400


def test_an_entry_needs_version_2(workshop: Workshop) -> None:
    refused(workshop, old(id="urn:uuid:7"), credentialStatus=REVOCATION)
    assert workshop.rows(vc_api_statuses) == []


@pytest.mark.parametrize("changed", [{"credentialId": 5}, {"credentialId": ""}, {"credentialId": None}])
@pytest.mark.parametrize("status", [None, 1, "true", []])
def test_a_request_that_cannot_be_read_is_refused(workshop: Workshop, changed: Document, status: Any) -> None:
    good = {"credentialId": issued(workshop, named())["id"], "credentialStatus": REVOCATION, "status": True}
    for body in ({**good, **changed}, {**good, "status": status}, {}):
        code, problem = post(workshop, "/credentials/status", **body)
        assert (code, bool(problem["errors"])) == (400, True)
    assert post(workshop, "/credentials/status", **good, unknown=1)[0] == 422
    assert post(workshop, "/credentials/status", **good)[0] == 200


def test_what_was_not_issued_with_this_status_is_not_found(workshop: Workshop) -> None:
    secured = issued(workshop, named())
    entry = secured["credentialStatus"]
    assert update(workshop, {"id": "urn:uuid:another"}) == 404
    assert update(workshop, secured, purpose=SUSPENSION) == 404
    others: list[Document] = [{"statusListIndex": "x"}, {"id": 5}, {"more": []}]
    for wrong in (*others, {"statusListCredential": entry["id"]}):
        assert update(workshop, secured, purpose={**entry, **wrong}) == 404
    assert not bit(workshop, entry)
    assert update(workshop, secured, purpose=entry) == 200


def test_a_credential_that_was_issued_twice_is_withdrawn_as_a_whole_or_by_its_entry(
    workshop: Workshop,
) -> None:
    document = named()
    first, second, third = (issued(workshop, document) for _ in range(3))
    assert update(workshop, first, purpose=second["credentialStatus"]) == 200
    assert [bit(workshop, each["credentialStatus"]) for each in (first, second, third)] == [
        False,
        True,
        False,
    ]
    assert update(workshop, first) == 200
    assert all(bit(workshop, each["credentialStatus"]) for each in (first, second, third))


def test_an_index_that_is_drawn_again_goes_to_nobody_else(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawing(monkeypatch, 5, 5, 5, 6)
    first, second = entry_of(workshop, named()), entry_of(workshop, named())
    assert first["statusListCredential"] == second["statusListCredential"]
    assert (first["statusListIndex"], second["statusListIndex"]) == ("5", "6")


def test_the_next_list_begins_when_half_of_one_is_given(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vc_api_status, "ENTRIES", 4)
    entries = [entry_of(workshop, named()) for _ in range(5)]
    lists = [entry["statusListCredential"] for entry in entries]
    assert lists[0] == lists[1] != lists[2] == lists[3] != lists[4] != lists[0]
    assert len({place(entry) for entry in entries}) == 5
    assert [row.allocated for row in workshop.rows(vc_api_status_lists)].count(2) == 2


def test_no_index_is_given_twice_however_many_ask_at_once(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lists are so small that draws meet places that are taken, and that several lists have to be begun."""
    monkeypatch.setattr(vc_api_status, "ENTRIES", 32)
    application, found = workshop.client.application, []

    def issue() -> None:
        client = application.test_client()
        for _ in range(6):
            answer = client.post("/credentials/issue", json={"credential": named()})
            assert answer.status_code == 201
            found.append(place(json.loads(answer.data)["credentialStatus"]))

    at_once(*[issue] * 6)
    assert len(found) == len(set(found)) == 36
    assert {
        (f"{PUBLIC_URL}/certification/v1/status-lists/{row.status_list_id}", str(row.status_index))
        for row in workshop.rows(vc_api_statuses)
    } == set(found)
    rows = workshop.rows(vc_api_status_lists)
    assert len(rows) == len({row.ordinal for row in rows}) >= 2


def test_no_bit_is_lost_however_many_are_set_at_once(workshop: Workshop) -> None:
    issued_here = [issued(workshop, named()) for _ in range(8)]
    application, codes = workshop.client.application, []

    def revoke(secured: Document) -> None:
        body = {"credentialId": secured["id"], "credentialStatus": REVOCATION, "status": True}
        codes.append(application.test_client().post("/credentials/status", json=body).status_code)

    at_once(*(lambda secured=secured: revoke(secured) for secured in issued_here))
    assert codes == [200] * 8
    assert all(bit(workshop, secured["credentialStatus"]) for secured in issued_here)


def test_a_list_is_kept_apart_from_those_of_awarding_bodies(workshop: Workshop) -> None:
    learner = workshop.learner()
    workshop.deliver(*learner.usual())
    workshop.work()
    secured = issued(workshop, named())
    assert update(workshop, secured) == 200
    assert workshop.states() == ["issued"]
    assert workshop.names().count("suspended") == 0


def test_of_a_credential_only_a_digest_is_kept(workshop: Workshop) -> None:
    issued(workshop, credential(id="https://example.org/people/eleni-papadopoulou", name="Eleni"))
    for table in (vc_api_statuses, vc_api_status_lists):
        kept = [dict(row._mapping) for row in workshop.rows(table)]
        assert kept
        assert "eleni" not in json.dumps(kept).lower()


def test_with_another_key_other_lists_begin_and_the_old_ones_stay_as_they_are(workshop: Workshop) -> None:
    before = issued(workshop, named())
    (workshop.settings.home / "vc-api.key").unlink()
    after = issued(workshop, named())
    assert before["issuer"] != after["issuer"]
    assert place(before["credentialStatus"])[0] != place(after["credentialStatus"])[0]
    assert update(workshop, before) == 404
    assert [verify(workshop, each)[0] for each in (before, after)] == [200, 200]
    assert update(workshop, after) == 200


def test_in_production_who_may_issue_may_withdraw_and_anybody_may_look(workshop: Workshop) -> None:
    client = production(workshop).test_client()
    secured = issued(workshop, named())
    body = {"credentialId": secured["id"], "credentialStatus": REVOCATION, "status": True}

    def send(token: str | None, key: str | None = None) -> int:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers |= {"Idempotency-Key": key} if key else {}
        return client.post("/credentials/status", json=body, headers=headers).status_code

    assert send(None) == 401
    assert send(workshop.token("registrar", "helsinki.fi")) == 403
    assert not bit(workshop, secured["credentialStatus"])
    assert send(workshop.token("administrator"), "once") == 200
    assert send(workshop.token("administrator"), "once") == 200
    assert bit(workshop, secured["credentialStatus"])
    address = secured["credentialStatus"]["statusListCredential"].removeprefix(PUBLIC_URL)
    assert client.get(address).status_code == 200
