"""What becomes of a recognition when its certificate does: paused, closed, reviewed by its institution (CRT-43)."""

import json

from services.certification.handlers.proposing import follow_recognitions
from services.certification.store.recognition_tables import recognition_statements
from services.certification.store.tables import certificates
from tests.integration.certification.issued import certified
from tests.integration.certification.recognitions import (
    LEUVEN,
    WHY,
    YES,
    decide,
    names,
    row,
    run,
    statement,
    verdict,
    work_list,
)
from tests.integration.certification.workshop import OTHER, Workshop


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
