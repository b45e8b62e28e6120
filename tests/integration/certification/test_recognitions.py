"""Recognition without asking (CRT-42, CRT-43): proposed by itself, decided by a person, stated by the institution."""

import hashlib
import json
import random
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from services.certification.handlers.log_audit import audit_log
from services.certification.handlers.proposing import follow_recognitions, remind
from services.certification.handlers.recognition_keeping import STATE
from services.certification.handlers.saving import FOLLOW_RECOGNITIONS
from services.certification.handlers.stating import state_recognition
from services.certification.store.recognition_tables import recognition_statements, recognitions
from services.certification.store.tables import certificates, log_entries
from services.certification.worker import jobs
from shared.ids import new_id
from shared.messaging.jobs import Job, JobContext, JobRunner
from shared.messaging.tables import outbox
from shared.messaging.unit_of_work import Cause, StaleAggregateError
from shared.web.callers import Caller, Role
from tests.integration.certification.test_racing import at_once
from tests.integration.certification.workshop import OTHER, Learner, Workshop
from tests.support.documents import agreement, offering

FLIPS = 1_000
LEUVEN = "kuleuven.be"
YES = {
    "outcome": "recognised",
    "recognised_as": "Elective: Sustainability",
    "credits": "5",
    "outcomes": ["lo-intro", "lo-climate"],
}
NO = {"outcome": "refused", "grounds": [{"code": "level", "explanation": "It is of the first cycle."}]}
WHY = {"reason_code": "identity_under_review", "reason": "as agreed"}
CREDENTIAL = "application/vc+ld+json"


def certified(workshop: Workshop, **changes: Any) -> Learner:
    learner = workshop.learner(**changes)
    workshop.deliver(*learner.usual())
    workshop.work()
    return learner


def as_holder(monkeypatch: pytest.MonkeyPatch, learner_id: str) -> None:
    """Whoever comes as a learner from now on is this one."""
    known = vars(Caller)["learner_id"].fget

    def found(self: Caller) -> str:
        return learner_id if self.role is Role.LEARNER else known(self)

    monkeypatch.setattr(Caller, "learner_id", property(found))


def row(workshop: Workshop) -> Any:
    (found,) = workshop.rows(recognitions)
    return found


def names(workshop: Workshop) -> list[str]:
    return [name.removeprefix("recognition.") for name, _ in workshop.events("recognition.")]


def decide(workshop: Workshop, body: dict[str, Any], institution: str = LEUVEN) -> Any:
    return workshop.post(f"/recognitions/{row(workshop).id}/decision", body, "registrar", "lena", institution)


def work_list(workshop: Workshop, institution: str = LEUVEN, query: str = "") -> list[Any]:
    token = workshop.token("registrar", institution)
    items: list[Any] = workshop.get(f"/certification/v1/recognitions{query}", token).get_json()["items"]
    return items


def statement(workshop: Workshop, institution: str = LEUVEN) -> Any:
    token = workshop.token("registrar", institution)
    return workshop.get(f"/certification/v1/recognitions/{row(workshop).id}", token, CREDENTIAL)


def verdict(workshop: Workshop, credential: Any) -> tuple[str, dict[str, str]]:
    answer = workshop.client.post("/certification/v1/verifications", json={"credential": credential})
    found = answer.get_json()
    return found["verdict"], {check["name"]: check["detail"] for check in found["checks"]}


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


def run(workshop: Workshop, kind: str, handler: Any, key: str) -> None:
    job = Job(kind, key, workshop.clock.now(), 0, {}, 1, Cause("test"))
    handler(JobContext(workshop.settings, workshop.transactions, workshop.elsewhere, job), job)  # type: ignore[arg-type]


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


def test_a_suspended_certificate_pauses_and_a_revoked_one_closes(workshop: Workshop) -> None:
    learner = certified(workshop)
    certificate = workshop.rows(certificates)[0].id
    workshop.post(f"/certificates/{certificate}/suspension", WHY, "registrar", "rita")
    workshop.work()
    assert row(workshop).state == "paused"
    assert decide(workshop, YES).status_code == 409
    workshop.post(f"/certificates/{certificate}/reinstatement", {"reason": "cleared"}, "registrar", "rita")
    workshop.work()
    assert row(workshop).state == "open"
    workshop.deliver(learner.completion("not_achieved"))
    workshop.work()
    assert (row(workshop).state, row(workshop).cause) == ("closed", "certificate_revoked")
    workshop.deliver(learner.completion("achieved", 2, OTHER))
    learner.results(OTHER)
    workshop.wait()
    assert row(workshop).state == "open", "the new certificate is proposed in the same case"
    assert names(workshop) == ["proposed", "paused", "resumed", "closed", "proposed"]


def test_what_was_decided_is_reviewed_and_stays_until_its_institution_says_otherwise(
    workshop: Workshop,
) -> None:
    learner = certified(workshop)
    decide(workshop, YES)
    workshop.work()
    before = json.loads(statement(workshop).get_data())
    workshop.deliver(learner.completion("not_achieved"))
    workshop.work()
    (case,) = work_list(workshop, query="?state=under_review")
    assert case["cause"] == "certificate_revoked"
    outcome, checks = verdict(workshop, before)
    assert outcome == "valid_with_remark"
    assert "has been asked to look at it again" in checks["status"]
    gone = {"outcome": "refused", "grounds": [{"code": "certificate_withdrawn", "explanation": "Revoked."}]}
    assert decide(workshop, gone).status_code == 201
    workshop.work()
    outcome, checks = verdict(workshop, before)
    assert outcome == "not_valid"
    assert "later decision" in checks["status"]
    after = json.loads(statement(workshop).get_data())
    assert after["id"] != before["id"]
    assert verdict(workshop, after)[0] == "valid"
    assert [r.state for r in sorted(workshop.rows(recognition_statements), key=lambda r: r.number)] == [
        "superseded",
        "issued",
    ]


def test_a_review_can_leave_the_decision_as_it_is(workshop: Workshop) -> None:
    learner = certified(workshop)
    decide(workshop, YES)
    workshop.work()
    path = f"/recognitions/{row(workshop).id}/upholding"
    because = {"reason": "the course is completed"}
    assert workshop.post(path, because, "registrar", "lena", LEUVEN).status_code == 409
    workshop.deliver(learner.completion("not_achieved"))
    workshop.work()
    assert workshop.post(path, because, "registrar", "lena", LEUVEN).status_code == 201
    run(workshop, "follow_recognitions", follow_recognitions, learner.award_id)
    assert row(workshop).state == "recognised"
    assert verdict(workshop, json.loads(statement(workshop).get_data()))[0] == "valid"


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


def test_a_crash_between_any_two_steps_leaves_one_statement(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    certified(workshop)
    decide(workshop, YES)
    steps = ("_intend", "signed_statement", "_store")
    for step in steps:
        with monkeypatch.context() as broken:
            broken.setattr(f"services.certification.handlers.stating.{step}", crash)
            with pytest.raises(ConnectionError):
                run(
                    workshop,
                    STATE,
                    lambda *args: state_recognition(workshop.signers, *args),
                    row(workshop).id,
                )
        if step == "_intend":
            assert workshop.rows(recognition_statements) == []
    workshop.work()
    (made,) = workshop.rows(recognition_statements)
    run(workshop, STATE, lambda *args: state_recognition(workshop.signers, *args), row(workshop).id)
    (again,) = workshop.rows(recognition_statements)
    assert (made.state, made.content) == ("issued", again.content)
    assert names(workshop).count("stated") == 1
    assert [entry.kind for entry in workshop.rows(log_entries)].count("stated") == 1


def crash(*_args: Any, **_more: Any) -> Any:
    raise ConnectionError


def test_nobody_decides_about_the_own_certificate(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner = certified(workshop)
    monkeypatch.setattr(Caller, "learner_id", learner.learner_id)
    assert decide(workshop, YES).status_code == 403
    path = f"/recognitions/{row(workshop).id}/upholding"
    assert workshop.post(path, {"reason": "fine"}, "registrar", "lena", LEUVEN).status_code == 403
    monkeypatch.undo()
    assert decide(workshop, YES).status_code == 201


def test_two_people_cannot_decide_the_same_case_differently(workshop: Workshop) -> None:
    certified(workshop)
    path = f"/recognitions/{row(workshop).id}/decision"
    assert workshop.post(path, YES, "registrar", "lena", LEUVEN).status_code == 201
    assert workshop.post(path, NO, "registrar", "luc", LEUVEN).status_code == 409
    workshop.work()
    assert row(workshop).decided_by == "lena"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"content": b"{}"}, "is not the document that was made"),
        ({"issued_at": None}, "the register has it no more"),
        ({"id": "7c0e3f2a-0000-4a55-9a5e-0c6f3a1f2b10"}, "beside the log"),
    ],
)
def test_the_log_shows_what_was_done_to_a_statement_beside_it(
    workshop: Workshop, change: dict[str, Any], told: str
) -> None:
    certified(workshop)
    decide(workshop, YES)
    workshop.work()
    with workshop.database.write() as connection:
        assert audit_log(connection, workshop.settings, {}).findings == ()
        connection.execute(recognition_statements.update().values(**change))
        assert any(told in finding for finding in audit_log(connection, workshop.settings, {}).findings)


def test_no_flipped_bit_of_a_statement_is_called_valid(workshop: Workshop) -> None:
    certified(workshop)
    decide(workshop, YES)
    workshop.work()
    original, draw = statement(workshop).get_data(), random.Random(20261122)
    outcomes = set()
    for _ in range(FLIPS):
        flipped = bytearray(original)
        flipped[draw.randrange(len(original))] ^= 1 << draw.randrange(8)
        body = b'{"credential":' + bytes(flipped) + b"}"
        answer = workshop.client.post(
            "/certification/v1/verifications", data=body, content_type="application/json"
        )
        assert answer.status_code < 500
        if answer.status_code == 200:
            outcomes.add(answer.get_json()["verdict"])
    assert outcomes <= {"not_valid", "could_not_be_checked"}
    assert "not_valid" in outcomes


def test_two_workers_that_run_the_same_jobs_propose_and_state_once(workshop: Workshop) -> None:
    """As after a lost lease: whoever is second finds what the first has done."""
    learner = workshop.learner()
    workshop.deliver(*learner.usual())
    runner = JobRunner(
        workshop.settings,
        workshop.transactions,
        workshop.elsewhere,  # type: ignore[arg-type]
        {**jobs(workshop.signers), FOLLOW_RECOGNITIONS: lambda _context, _job: None},
    )
    while runner.round():
        workshop.clock.advance(timedelta(milliseconds=1))
    follow = partial(run, workshop, FOLLOW_RECOGNITIONS, follow_recognitions, learner.award_id)
    at_once(partial(attempt, follow), partial(attempt, follow))
    follow()
    assert names(workshop) == ["proposed"]
    assert decide(workshop, YES).status_code == 201
    sign = partial(
        run, workshop, STATE, lambda *args: state_recognition(workshop.signers, *args), row(workshop).id
    )
    at_once(partial(attempt, sign), partial(attempt, sign))
    sign()
    assert names(workshop) == ["proposed", "decided", "stated"]
    (made,) = workshop.rows(recognition_statements)
    assert made.state == "issued"


def attempt(job: Callable[[], None]) -> None:
    """A job that loses a race is run again by its runner."""
    with suppress(IntegrityError, StaleAggregateError):
        job()
