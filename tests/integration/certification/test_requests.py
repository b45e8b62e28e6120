"""The learner's own request for recognition (ADM-32): one of ours, or a certificate from elsewhere that is verified."""

import base64
import copy
import hashlib
import json
import os
import threading
from concurrent import futures
from pathlib import Path
from typing import Any

import pytest

from services.certification.formats.did_key import did_of
from services.certification.formats.vc_jwt import sign_jwt
from services.certification.handlers.aside import Aside
from services.certification.handlers.recognition_requests import MOST_WAITING
from services.certification.keys.signing import sign
from services.certification.store.recognition_tables import recognition_documents, recognitions
from services.certification.store.tables import certificates
from tests.credentials.generate import ED, P256, WEB, documents, signed, unsigned
from tests.integration.certification.recognitions import (
    CREDENTIAL,
    LEUVEN,
    WHY,
    as_holder,
    names,
    verdict,
)
from tests.integration.certification.workshop import Learner, Workshop
from tests.support.documents import agreement, offering

ROOT = Path(__file__).parents[3]
REFERENCE = Path(os.environ.get("PASSERELLE_REFERENCE_DATA", ROOT / ".." / "shared" / "data"))
SAMPLE = REFERENCE / "elm" / "samples" / "Sample-MC-Annex1-signed.jsonld"
AGREEMENT = {"id": "una-europa", "version": 1}
ASKED = {"institution": LEUVEN, "programme": "Master of Geography"}
YES = {"outcome": "recognised", "recognised_as": "Elective", "credits": "4"}
NO = {"outcome": "refused", "grounds": [{"code": "not_authentic", "explanation": "It was changed."}]}
BY = did_of(ED.public_key())
OURS = "did:web:certificates.example.org:certification:issuers:helsinki.fi"
EQF_7 = {
    "type": ["Alignment"],
    "targetType": "ext:EQF",
    "targetName": "EQF level 7",
    "targetUrl": "http://data.europa.eu/snb/eqf/7",
}


def foreign(name: str = "Ελένη Παπαδοπούλου", by: str = BY, **changes: Any) -> dict[str, Any]:
    """A micro-credential of another university, not signed yet."""
    document = copy.deepcopy(unsigned(by, **changes))
    subject = document["credentialSubject"]
    subject["creditsEarned"] = 4
    subject["identifier"] = [
        {"type": "IdentityObject", "hashed": False, "identityHash": name, "identityType": "name"}
    ]
    subject["achievement"]["alignment"] = [EQF_7]
    return document


@pytest.fixture
def learner(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> Learner:
    """Somebody who learns here, and is the one who asks."""
    found = workshop.learner()
    workshop.deliver(workshop.published(), *found.usual())
    workshop.work()
    as_holder(monkeypatch, found.learner_id)
    return found


def ask(workshop: Workshop, **body: Any) -> Any:
    answer = workshop.post("/recognitions", {**ASKED, **body}, "learner", "eleni")
    workshop.work()
    return answer


def present(workshop: Workshop, credential: Any, **body: Any) -> Any:
    answer = ask(workshop, credential=credential, agreement=AGREEMENT, **body)
    assert answer.status_code == 201, answer.get_json()
    return read(workshop, answer.get_json()["id"])


def read(workshop: Workshop, recognition_id: str) -> Any:
    token = workshop.token("registrar", LEUVEN)
    return workshop.get(f"/certification/v1/recognitions/{recognition_id}", token).get_json()


def decide(workshop: Workshop, recognition_id: str, body: dict[str, Any]) -> Any:
    answer = workshop.post(f"/recognitions/{recognition_id}/decision", body, "registrar", "lena", LEUVEN)
    workshop.work()
    return answer


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["errors"][0]["pointer"]


def test_a_certificate_of_ours_comes_before_another_programme_at_once(
    workshop: Workshop, learner: Learner
) -> None:
    certificate = workshop.rows(certificates)[0].id
    answer = ask(workshop, certificate_id=certificate)
    case = read(workshop, answer.get_json()["id"])
    assert (case["state"], case["origin"], case["certificate"]["certificate_id"]) == (
        "open",
        "request",
        certificate,
    )
    assert names(workshop) == ["proposed", "requested"]
    assert ask(workshop, certificate_id=certificate).status_code == 409, "asked once"
    assert ask(workshop, certificate_id=certificate, programme="  MASTER of geography ").status_code == 409
    agreed = {"programme": "Master of Sustainable Development", "certificate_id": certificate}
    assert ask(workshop, **agreed).status_code == 409, "the fall-back is for what was not agreed"
    assert decide(workshop, case["id"], {**YES, "credits": "10"}).status_code == 201
    assert names(workshop)[-2:] == ["decided", "stated"]


def test_nobody_asks_with_a_certificate_that_does_not_stand_or_is_anothers(
    workshop: Workshop, learner: Learner, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = workshop.rows(certificates)[0].id
    workshop.post(f"/certificates/{certificate}/suspension", WHY, "registrar", "rita")
    assert ask(workshop, certificate_id=certificate).status_code == 409
    as_holder(monkeypatch, "somebody-else")
    assert ask(workshop, certificate_id=certificate).status_code == 404


def test_a_certificate_from_elsewhere_is_verified_and_may_count(workshop: Workshop, learner: Learner) -> None:
    case = present(workshop, signed(foreign()))
    found = case["examination"]
    assert (case["state"], found["verdict"], found["holder"], found["objections"]) == (
        "open",
        "valid_with_remark",
        "same",
        [],
    )
    certificate = case["certificate"]
    assert certificate["title"] == {"en": "Sustainable seas"}
    assert (certificate["credits"], certificate["eqf"], certificate["certificate_id"]) == ("4", 7, None)
    assert decide(workshop, case["id"], YES).status_code == 201
    token = workshop.token("registrar", LEUVEN)
    statement = workshop.get(f"/certification/v1/recognitions/{case['id']}", token, CREDENTIAL)
    credential = json.loads(statement.get_data())
    assert verdict(workshop, credential)[0] == "valid"
    alignment = credential["credentialSubject"]["achievement"]["alignment"][0]
    assert alignment["targetCode"] == certificate["digest"]
    path = f"/certification/v1/recognitions/{case['id']}/credential"
    kept = workshop.get(path, token)
    assert json.loads(kept.get_data()) == signed(foreign())
    assert certificate["digest"] == "sha256:" + hashlib.sha256(kept.get_data()).hexdigest()


def test_what_is_signed_as_a_token_or_baked_into_a_picture_is_taken_too(
    workshop: Workshop, learner: Learner
) -> None:
    by = did_of(P256.public_key())
    token = sign_jwt(
        foreign(by=by), kid=f"{by}#{by.removeprefix('did:key:')}", sign=lambda data: sign(P256, data)
    )
    assert present(workshop, token)["examination"]["verdict"] == "valid_with_remark"
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0">'
        f"<openbadges:credential><![CDATA[{json.dumps(signed(foreign()))}]]></openbadges:credential></svg>"
    )
    picture = "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
    assert present(workshop, picture)["examination"]["verdict"] == "valid_with_remark"
    assert {row.media_type for row in workshop.rows(recognition_documents)} == {
        "application/vc+jwt",
        CREDENTIAL,
    }


@pytest.mark.skipif(not SAMPLE.exists(), reason=f"no reference data: {SAMPLE.name} is absent")
def test_the_commissions_sealed_sample_is_read_and_comes_before_a_person(
    workshop: Workshop, learner: Learner
) -> None:
    case = present(workshop, json.loads(SAMPLE.read_text(encoding="utf-8")))
    assert case["state"] == "open"
    assert case["certificate"]["title"]["en"]
    assert case["examination"]["holder"] == "different"


def test_a_changed_certificate_is_not_refused_by_a_machine_and_cannot_count(
    workshop: Workshop, learner: Learner
) -> None:
    document = signed(foreign())
    document["credentialSubject"]["creditsEarned"] = 9
    case = present(workshop, document)
    assert (case["state"], case["examination"]["verdict"]) == ("open", "not_valid")
    assert decide(workshop, case["id"], {**YES, "credits": "9"}).status_code == 409
    assert decide(workshop, case["id"], NO).status_code == 201
    assert names(workshop)[-2:] == ["decided", "stated"]


def test_a_name_that_differs_is_a_remark(workshop: Workshop, learner: Learner) -> None:
    case = present(workshop, signed(foreign("Maria Garcia")))
    assert case["examination"]["holder"] == "different"
    assert case["examination"]["objections"] == []
    assert decide(workshop, case["id"], YES).status_code == 201, "a person has looked at it"


def test_the_agreement_says_what_may_count(workshop: Workshop, learner: Learner) -> None:
    low = foreign()
    low["credentialSubject"]["achievement"]["alignment"] = [
        {**EQF_7, "targetName": "EQF level 5", "targetUrl": "http://data.europa.eu/snb/eqf/5"}
    ]
    case = present(workshop, signed(low))
    assert case["examination"]["objections"] == [
        "it is of level 5 of the EQF, and level 6 is the lowest that may count"
    ]
    answer = decide(workshop, case["id"], YES)
    assert answer.status_code == 409
    assert "level 5" in answer.get_json()["detail"]


def test_an_issuer_that_cannot_be_reached_is_asked_again(workshop: Workshop, learner: Learner) -> None:
    case = present(workshop, signed(foreign(by=WEB), method=f"{WEB}#signing"))
    assert case["examination"]["verdict"] == "could_not_be_checked"
    assert decide(workshop, case["id"], YES).status_code == 409
    workshop.web.documents |= documents()
    again = f"/recognitions/{case['id']}/examination"
    assert workshop.post(again, None, "registrar", "lena", LEUVEN).status_code == 201
    workshop.work()
    assert read(workshop, case["id"])["examination"]["verdict"] == "valid_with_remark"
    assert decide(workshop, case["id"], YES).status_code == 201


def test_an_issuer_that_answers_slowly_keeps_no_certificate_waiting(
    workshop: Workshop, learner: Learner, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, get = threading.Event(), workshop.web.get
    monkeypatch.setattr(workshop.web, "get", lambda *a, **k: answers.wait(60) and get(*a, **k))
    workshop.web.documents |= documents()
    workshop.aside = Aside(patience=0)
    slow = ask(workshop, credential=signed(foreign(by=WEB), method=f"{WEB}#signing"), agreement=AGREEMENT)
    workshop.deliver(*workshop.learner(2).usual())
    workshop.work()
    assert workshop.states() == ["issued", "issued"]
    assert "state" not in read(workshop, slow.get_json()["id"])
    answers.set()
    futures.wait(workshop.aside._begun.values())
    workshop.wait(1)
    assert read(workshop, slow.get_json()["id"])["examination"]["verdict"] == "valid_with_remark"


def test_our_own_certificate_presented_as_a_document_is_our_own(workshop: Workshop, learner: Learner) -> None:
    token = workshop.token("registrar", "helsinki.fi")
    made = workshop.rows(certificates)[0]
    badge = workshop.get(f"/certification/v1/certificates/{made.id}", token, CREDENTIAL).get_json(force=True)
    badge["credentialSubject"]["creditsEarned"] = 99
    case = present(workshop, badge)
    assert (case["certificate"]["certificate_id"], case["certificate"]["credits"]) == (made.id, "10")


def test_a_certificate_that_was_issued_here_to_somebody_else_is_told(
    workshop: Workshop, learner: Learner, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = workshop.token("registrar", "helsinki.fi")
    made = workshop.rows(certificates)[0]
    badge = workshop.get(f"/certification/v1/certificates/{made.id}", token, CREDENTIAL).get_json(force=True)
    other = workshop.learner(2)
    as_holder(monkeypatch, other.learner_id)
    case = present(workshop, badge)
    assert case["examination"]["objections"] == ["it was issued here, to another learner"]
    assert decide(workshop, case["id"], {**YES, "credits": "10"}).status_code == 409


@pytest.mark.parametrize("identifier", ["urn:uuid:\\ud800", "urn:uuid:\\u0000"])
@pytest.mark.parametrize("by", [OURS, BY])
def test_an_identifier_that_no_database_can_hold_is_one_that_the_register_does_not_have(
    workshop: Workshop, learner: Learner, identifier: str, by: str
) -> None:
    """Escapes inside a token are not those of the request's body, so nobody has refused them before."""
    text = json.dumps(foreign(by=by, id="here")).replace('"here"', f'"{identifier}"')
    token = ".".join(
        base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode()
        for part in ('{"alg":"ES256"}', text, "x" * 64)
    )
    case = present(workshop, token)
    assert (case["state"], case["examination"]["verdict"]) == ("open", "not_valid")


def test_outcomes_of_an_offering_may_be_what_it_is_to_take_the_place_of(
    workshop: Workshop, learner: Learner
) -> None:
    wanted = {"offering": {"id": "sustainability", "version": 1}, "outcomes": ["lo-intro", "lo-x"]}
    credential = signed(foreign())
    asked = {"institution": "helsinki.fi", "credential": credential}
    assert refusal(ask(workshop, **asked, exemption=wanted)) == (422, "#/exemption/outcomes/1")
    nowhere = {**wanted, "offering": {"id": "no-such-thing", "version": 1}}
    assert refusal(ask(workshop, **asked, exemption=nowhere)) == (422, "#/exemption/offering")
    wanted["outcomes"] = ["lo-intro"]
    assert refusal(ask(workshop, **{**asked, "institution": LEUVEN}, exemption=wanted)) == (
        422,
        "#/institution",
    )
    answer = ask(workshop, **asked, exemption=wanted)
    assert answer.status_code == 201
    assert answer.get_json()["exemption"] == wanted
    body = {**YES, "outcomes": ["lo-intro"]}
    path = f"/recognitions/{answer.get_json()['id']}/decision"
    assert workshop.post(path, body, "registrar", "rita").status_code == 201
    (event,) = [data for name, data in workshop.events("recognition.") if name == "recognition.decided"]
    assert (event["offering_id"], event["outcomes"]) == ("sustainability", ["lo-intro"])


REFUSED = [
    ({"credential": {"no": "credential"}, "agreement": AGREEMENT}, 422, "/credential"),
    ({"credential": "no.token.either", "agreement": AGREEMENT}, 422, "/credential"),
    ({"credential": "data:image/png;base64,AAAA", "agreement": AGREEMENT}, 422, "/credential"),
    ({"credential": 7, "agreement": AGREEMENT}, 422, "/credential"),
    ({}, 422, "/certificate_id"),
    ({"certificate_id": "x", "credential": {"a": 1}}, 422, "/certificate_id"),
    ({"credential": signed(foreign())}, 422, "/agreement"),
    ({"credential": signed(foreign()), "agreement": {"id": "una-europa", "version": 9}}, 422, "/agreement"),
    (
        {"credential": signed(foreign()), "agreement": AGREEMENT, "institution": "uu.nl"},
        422,
        "/institution",
    ),
    ({"credential": signed(foreign()), "agreement": AGREEMENT, "programme": "a\x07b"}, 422, "/programme"),
]


@pytest.mark.parametrize(("body", "status", "place"), REFUSED)
def test_what_cannot_be_asked_is_refused_by_its_place(
    workshop: Workshop, learner: Learner, body: dict[str, Any], status: int, place: str
) -> None:
    assert refusal(ask(workshop, **body)) == (status, f"#{place}")


def test_a_certificate_larger_than_any_is_refused(workshop: Workshop, learner: Learner) -> None:
    document = {**signed(foreign()), "description": "x" * 300_000}
    assert ask(workshop, credential=document, agreement=AGREEMENT).status_code == 413


def test_requests_are_bounded_and_withdrawn(workshop: Workshop, learner: Learner) -> None:
    certificate = workshop.rows(certificates)[0].id
    made = [
        ask(workshop, certificate_id=certificate, programme=f"Programme {n}").get_json()["id"]
        for n in range(MOST_WAITING)
    ]
    assert ask(workshop, certificate_id=certificate, programme="One more").status_code == 409
    assert workshop.post(f"/recognitions/{made[0]}/withdrawal", None, "learner", "eleni").status_code == 201
    assert ask(workshop, certificate_id=certificate, programme="One more").status_code == 201


def test_the_institution_sees_nothing_before_it_was_looked_at(workshop: Workshop, learner: Learner) -> None:
    body = {**ASKED, "credential": signed(foreign()), "agreement": AGREEMENT}
    workshop.elsewhere.away.add("admission")
    answer = workshop.post("/recognitions", body, "learner", "eleni")
    workshop.work()
    assert answer.get_json()["state"] == "received"
    token = workshop.token("registrar", LEUVEN)
    path = f"/certification/v1/recognitions/{answer.get_json()['id']}"
    assert workshop.get(path, token).status_code == 404
    workshop.elsewhere.away.clear()
    workshop.wait()
    assert workshop.get(path, token).get_json()["state"] == "open"


def test_without_a_clause_nothing_from_elsewhere_counts(workshop: Workshop, learner: Learner) -> None:
    agreed = agreement(version=2, recognition_clause=None)
    document = offering(version=2, agreement={"id": "una-europa", "version": 2})
    workshop.elsewhere.publish(document, agreed)
    data = {**workshop.published().data, "version": 2, "digest": document["digest"], "agreement_version": 2}
    workshop.deliver(workshop.event("admission", "offering.published", data))
    workshop.work()
    answer = ask(workshop, credential=signed(foreign()), agreement={"id": "una-europa", "version": 2})
    case = read(workshop, answer.get_json()["id"])
    assert case["examination"]["objections"] == [
        "the agreement does not provide for certificates from elsewhere"
    ]
    assert case["rule"]["criteria_version"] == "agreement-2"
    assert len(workshop.rows(recognitions)) == 2


def test_what_was_presented_is_forgotten_when_the_request_is_withdrawn(
    workshop: Workshop, learner: Learner
) -> None:
    case = present(workshop, signed(foreign()))
    path = f"/recognitions/{case['id']}"
    assert workshop.post(f"{path}/withdrawal", None, "learner", "eleni").status_code == 201
    workshop.work()
    assert workshop.rows(recognition_documents) == []
    token = workshop.token("registrar", LEUVEN)
    assert workshop.get(f"/certification/v1{path}/credential", token).status_code == 404
    assert read(workshop, case["id"])["examination"] is None
    assert present(workshop, signed(foreign()))["state"] == "open", "asked anew"


def test_negative_control_without_its_guard_a_changed_certificate_would_count(
    workshop: Workshop, learner: Learner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.certification.handlers.recognitions._require_countable", lambda _case: None)
    document = signed(foreign())
    document["credentialSubject"]["creditsEarned"] = 9
    assert decide(workshop, present(workshop, document)["id"], {**YES, "credits": "9"}).status_code == 201
