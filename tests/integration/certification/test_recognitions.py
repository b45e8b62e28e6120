"""Recognition without asking (CRT-42, CRT-43): proposed by itself, decided by a person, stated by the institution."""

import hashlib
import json

import pytest

from services.certification.handlers.proposing import follow_recognitions, remind
from services.certification.store.recognition_tables import recognitions
from services.certification.store.tables import certificates
from shared.ids import new_id
from shared.messaging.tables import outbox
from tests.integration.certification.issued import certified
from tests.integration.certification.recognitions import (
    CREDENTIAL,
    LEUVEN,
    NO,
    YES,
    as_holder,
    decide,
    names,
    row,
    run,
    statement,
    verdict,
    work_list,
)
from tests.integration.certification.workshop import Workshop
from tests.support.documents import agreement, offering


def test_the_agreed_programme_has_it_before_it_and_nobody_has_asked(workshop: Workshop) -> None:
    certified(workshop)
    (case,) = work_list(workshop)
    assert (case["state"], case["origin"], case["institution"]) == ("open", "agreement", LEUVEN)
    assert case["programme"]["title"] == {"en": "Master of Sustainable Development"}
    assert (case["programme"]["credits"], case["rule"]["criteria_version"]) == ("5", "2026-1")
    assert case["decide_by"].startswith("2026-12-03")
    assert case["certificate"]["certificate_id"] == workshop.rows(certificates)[0].id
    assert names(workshop) == ["proposed"]
    with workshop.database.read() as connection:
        audiences = {
            r.type.split(".")[4]: r.audience
            for r in connection.execute(outbox.select())
            if ".recognition." in r.type
        }
    assert audiences == {"proposed": [LEUVEN]}


def test_only_its_institution_and_its_holder_see_it(workshop: Workshop) -> None:
    certified(workshop)
    assert work_list(workshop, "unibo.it") == []
    path = f"/certification/v1/recognitions/{row(workshop).id}"
    for foreign in (workshop.token("registrar", "unibo.it"), workshop.token("learner", subject="somebody")):
        assert workshop.get(path, foreign).status_code == 404
        assert workshop.get(f"{path}/credential", foreign).status_code == 404
    assert decide(workshop, YES, "unibo.it").status_code == 404


def test_each_programme_is_asked_exactly_once_whatever_is_delivered_again(workshop: Workshop) -> None:
    two = [
        {**offering()["recognition"][0], "institution": institution} for institution in (LEUVEN, "unibo.it")
    ]
    document = offering(recognition=two)
    workshop.elsewhere.publish(document, agreement())
    learner = workshop.learner(offering=document)
    events = learner.usual()
    workshop.deliver(*events, *events)
    workshop.work()
    for _ in range(3):
        run(workshop, "follow_recognitions", follow_recognitions, learner.award_id)
    workshop.deliver(*reversed(events))
    workshop.work()
    assert sorted(r.institution for r in workshop.rows(recognitions)) == [LEUVEN, "unibo.it"]
    assert names(workshop) == ["proposed", "proposed"]


def test_negative_control_with_ids_drawn_anew_it_would_be_proposed_again(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.certification.handlers.proposing.recognition_id_of", lambda *_: new_id())
    learner = certified(workshop)
    run(workshop, "follow_recognitions", follow_recognitions, learner.award_id)
    assert names(workshop) == ["proposed", "proposed"]


def test_attendance_is_nothing_to_recognise(workshop: Workshop) -> None:
    learner = workshop.learner()
    workshop.deliver(*learner.attended())
    workshop.work()
    assert workshop.states() == ["issued"]
    assert workshop.rows(recognitions) == []


def test_a_decision_becomes_a_statement_of_that_institution(workshop: Workshop) -> None:
    certified(workshop)
    answer = decide(workshop, YES)
    assert (answer.status_code, answer.get_json()["state"]) == (201, "recognised")
    workshop.work()
    assert names(workshop) == ["proposed", "decided", "stated"]
    signed = statement(workshop)
    assert signed.content_type == CREDENTIAL
    credential = json.loads(signed.get_data())
    assert credential["issuer"]["id"].endswith(f":{LEUVEN}")
    assert credential["credentialSubject"]["creditsEarned"] == 5
    made = workshop.rows(certificates)[0]
    alignment = credential["credentialSubject"]["achievement"]["alignment"][0]
    token = workshop.token("registrar", "helsinki.fi")
    badge = workshop.get(f"/certification/v1/certificates/{made.id}", token, CREDENTIAL).get_data()
    assert alignment["targetUrl"] == json.loads(badge)["id"]
    assert alignment["targetCode"] == "sha256:" + hashlib.sha256(badge).hexdigest()
    assert verdict(workshop, credential)[0] == "valid"
    credential["credentialSubject"]["creditsEarned"] = 10
    assert verdict(workshop, credential)[0] == "not_valid"


def test_anybody_verifies_it_by_its_address(workshop: Workshop) -> None:
    certified(workshop)
    decide(workshop, YES)
    workshop.work()
    (case,) = work_list(workshop)
    address = case["statement"]["verify_url"].removeprefix("https://certificates.example.org")
    page = workshop.get(address).get_data(as_text=True)
    assert "This statement is valid." in page
    assert "KU Leuven" in page
    assert "Παπαδοπούλου" not in page
    answer = workshop.client.post(address, data={"name": "Eleni"})
    assert "No, it was not issued" in answer.get_data(as_text=True)
    answer = workshop.client.post(address, data={"name": "Ελένη Παπαδοπούλου"})
    assert "Yes, it was issued" in answer.get_data(as_text=True)


def test_the_learner_has_it_in_hand(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    learner = certified(workshop)
    decide(workshop, {**YES, "note": "welcome"})
    workshop.work()
    as_holder(monkeypatch, learner.learner_id)
    token = workshop.token("learner", subject="eleni")
    (case,) = workshop.get("/certification/v1/recognitions", token).get_json()["items"]
    assert (case["decision"]["outcome"], case["decision"]["decided_by"]) == ("recognised", None)
    mine = workshop.get(f"/certification/v1/recognitions/{case['id']}", token, CREDENTIAL)
    assert mine.get_data() == statement(workshop).get_data()
    steps = workshop.get(f"/certification/v1/recognitions/{case['id']}/history", token).get_json()["items"]
    assert [(step["trigger"], step["actor"], step["institution"]) for step in steps] == [
        ("propose", "system", None),
        ("recognise", "lena", LEUVEN),
    ]


def test_a_refusal_names_the_substantial_difference_and_where_to_appeal(workshop: Workshop) -> None:
    certified(workshop)
    bare = decide(workshop, {"outcome": "refused"})
    assert bare.status_code == 422
    assert bare.get_json()["errors"][0]["pointer"] == "#/grounds"
    assert decide(workshop, NO).status_code == 201
    workshop.work()
    (case,) = work_list(workshop)
    assert case["decision"]["grounds"][0]["says"] == "a substantial difference in level"
    assert case["rule"]["appeal"]["en"].startswith("To the appeals board")
    narrative = json.loads(statement(workshop).get_data())["credentialSubject"]["achievement"]["criteria"][
        "narrative"
    ]
    assert "Appeal: To the appeals board" in narrative
    assert decide(workshop, YES).status_code == 409, "decided once"


def test_what_was_agreed_is_recognised_as_agreed(workshop: Workshop) -> None:
    certified(workshop)
    for wrong, place in (({"credits": "4"}, "credits"), ({"outcomes": ["lo-x"]}, "outcomes/0")):
        answer = decide(workshop, {**YES, **wrong})
        assert answer.status_code == 422
        assert answer.get_json()["errors"][0]["pointer"] == f"#/{place}"


def test_a_deadline_reminds_and_decides_nothing(workshop: Workshop) -> None:
    certified(workshop)
    run(workshop, "recognition_overdue", remind, row(workshop).id)
    assert not row(workshop).overdue
    workshop.wait(31 * 86_400)
    assert (row(workshop).state, row(workshop).overdue) == ("open", True)
    assert len(work_list(workshop, query="?overdue=true")) == 1
    assert decide(workshop, YES).status_code == 201


def test_a_holder_who_does_not_want_it_withdraws(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    learner = certified(workshop)
    as_holder(monkeypatch, learner.learner_id)
    path = f"/recognitions/{row(workshop).id}/withdrawal"
    assert workshop.post(path, None, "learner", "eleni").status_code == 201
    assert workshop.post(path, None, "learner", "eleni").status_code == 409
    assert decide(workshop, YES).status_code == 409
