"""A learner's assessment through the routes: from the plan to completion, overturn, holds, recognition."""

from datetime import timedelta

import pytest

from tests.integration.assessment.conftest import BOLOGNA, HELSINKI, LEUVEN, AssessmentService, short_offering
from tests.support import documents
from tests.unit.assessment.stories import instrument

LEARNER = "learner-of-enrolment-1"
JUNE = {
    "id": "june",
    "opens_at": "2026-06-01T09:00:00Z",
    "closes_at": "2026-06-01T12:00:00Z",
    "place": "Helsinki",
    "capacity": 1,
}


def test_a_plan_is_made_once_from_the_offering_version(service: AssessmentService):
    """AST-01: activation gives the learner a plan of their own; the document is fetched once and kept."""
    plan = service.start(briefed=False)
    second = service.start("enrolment-2", briefed=False)
    assert service.admission.asked == ["/admission/v1/offerings/sustainability/versions/1"]
    assert service.names() == ["assessment_plan.assigned"] * 2
    seen = service.plan(plan, "coordinator", HELSINKI)
    assert seen["state"] == "assigned"
    assert seen["expected_end"] == "2027-03-02T09:30:00+00:00"
    assert [o["state"] for o in seen["outcomes"]] == ["not_started", "not_started"]
    assert seen["next"]["what"] == "read_briefing"
    assert service.plan(second)["enrolment_id"] == "enrolment-2"


def test_an_unreachable_admission_delays_the_plan_and_loses_nothing(service: AssessmentService):
    service.admission.away = True
    service.deliver(service.event("activated", "enrolment-1"))
    service.run_jobs()
    assert ("plan.assign", "enrolment-1") in service.job_names()
    service.admission.away = False
    service.clock.advance(timedelta(minutes=6))
    service.run_jobs()
    assert service.names() == ["assessment_plan.assigned"]


def test_the_attendance_track_has_no_plan(service: AssessmentService):
    """Check 12 (its part)."""
    service.deliver(service.event("activated", "enrolment-1", track="attendance"))
    assert service.job_names() == set()


def test_the_exam_only_track_has_one(service: AssessmentService):
    assert service.plan(service.start(track="exam_only"))["track"] == "exam_only"


def test_from_the_briefing_to_completion(service: AssessmentService):
    """AST-15, AST-24, check 19 (its part): what certification needs is there when the last result is final."""
    plan = service.start(briefed=False)
    body = {"plan_id": plan, "instrument_id": "essay"}
    refused = service.call("POST", "/attempts", "learner", subject=LEARNER, body=body)
    assert (refused.status, "briefing" in refused.detail) == (409, True)
    briefing = service.ok("GET", f"/plans/{plan}/briefing", "learner", subject=LEARNER)
    assert briefing["rules"] == {"en": "Work alone; name your sources."}
    service.ok("POST", f"/plans/{plan}/briefing", "learner", subject=LEARNER)
    service.final(plan, "essay", a="72.50")
    service.final(plan, "project", b="50")
    seen = service.plan(plan)
    assert (seen["state"], seen["completion_number"]) == ("achieved", 1)
    name, last = service.published()[-1]
    assert (name, last["results_digest"]) == ("completion.achieved", seen["results_digest"])
    essay = seen["results"][0]
    assert essay.pop("final_at").startswith("2026-03-02")
    assert essay == {
        "outcome": "a",
        "state": "achieved",
        "instrument": "essay",
        "type": "written_examination",
        "mode": "online",
        "supervision": "unsupervised",
        "identity_verified": False,
        "mark": "72.5",
        "scale": "grade_0_100",
        "assessed_on": "2026-05-04",
    }
    assert seen["supervision"] == {"supervision": "unsupervised", "identity_verified": False}
    assert seen["participation"] == "online"


def test_an_introduction_comes_first(service: AssessmentService):
    """AST-31: the real sustainability plan."""
    service.admission.publish(documents.offering())
    plan = service.start()
    body = {"plan_id": plan, "instrument_id": "climate-essay"}
    refused = service.call("POST", "/attempts", "learner", subject=LEARNER, body=body)
    assert (refused.status, "lo-intro" in refused.detail) == (409, True)
    states = {i["id"]: i["availability"] for i in service.plan(plan, "assessor", LEUVEN)["instruments"]}
    assert (states["intro-essay"], states["climate-essay"]) == ("open", "locked")


def test_a_failed_plan_and_a_resit(service: AssessmentService):
    """D4: only without any attempt left is an outcome not achieved."""
    service.admission.publish(short_offering(instrument("exam", "a")))
    plan = service.start()
    service.assess(plan, "exam", a="10")
    assert service.plan(plan, "registrar", HELSINKI)["state"] == "in_progress"
    service.final(plan, "exam", a="20")
    assert service.plan(plan)["state"] == "awaiting_confirmation"
    first = service.plan(plan, "registrar", HELSINKI)["attempts"][0]["id"]
    assert service.confirm(first).status == 201
    assert service.plan(plan)["state"] == "not_achieved"
    assert service.names()[-1] == "completion.not_achieved"
    assert service.plan(plan)["results"] == []


def test_an_overturned_result_takes_the_completion_back(service: AssessmentService):
    """Check 21 (its part): two confirmers; the digest tells certification whether the results are the same."""
    service.admission.publish(short_offering(instrument("exam", "a")))
    plan = service.start()
    attempt = service.final(plan, "exam", a="60")
    digest = service.plan(plan)["results_digest"]
    path, reason = f"/results/{attempt}/overturn", {"reason": "misconduct proven"}
    early = service.call("POST", f"{path}/confirmation", "confirmer", HELSINKI, subject="dora")
    assert early.status == 409
    service.ok("POST", path, "confirmer", HELSINKI, subject="dora", body=reason)
    assert service.plan(plan)["state"] == "achieved"
    alone = service.call("POST", f"{path}/confirmation", "confirmer", HELSINKI, subject="dora")
    assert (alone.status, "two people" in alone.detail) == (409, True)
    service.ok("POST", f"{path}/confirmation", "confirmer", HELSINKI, subject="emil")
    seen = service.plan(plan)
    assert (seen["state"], seen["results_digest"], seen["results"]) == ("in_progress", None, [])
    assert service.names()[-2:] == ["result.overturned", "completion.overturned"]
    assert service.mark(attempt, "ben", a="60").status == 201
    service.release(attempt)
    service.confirm(attempt)
    seen = service.plan(plan)
    assert (seen["completion_number"], seen["results_digest"]) == (2, digest)


def test_an_integrity_hold_waits_for_nobody_else(service: AssessmentService):
    """Scene 3: one learner under a hold; the other completes meanwhile, and the held one when it is lifted."""
    service.admission.publish(short_offering(instrument("exam", "a")))
    held, free = service.start(), service.start("enrolment-2")
    attempt = service.assess(held, "exam", a="60")
    reason = {"reason": "similarity report above the threshold"}
    service.ok("POST", f"/plans/{held}/integrity-hold", "assessor", LEUVEN, body=reason)
    assert service.confirm(attempt).status == 409
    service.final(free, "exam", "enrolment-2", a="55")
    assert service.plan(free)["state"] == "achieved"
    assert "integrity_hold" not in service.plan(held)
    lifting = f"/plans/{held}/integrity-hold/lifting"
    service.ok("POST", lifting, "coordinator", HELSINKI, body={"reason": "sources were named"})
    assert service.confirm(attempt).status == 201
    assert service.plan(held)["state"] == "achieved"


def test_prior_learning_is_recognised(service: AssessmentService):
    """AST-22."""
    plan = service.start()
    body = {"outcome": "b", "reason": "ten years as a project engineer"}
    path = f"/plans/{plan}/recognitions"
    assert service.call("POST", path, "confirmer", LEUVEN, body=body).status == 403
    service.ok("POST", path, "confirmer", HELSINKI, subject="dora", body=body)
    service.final(plan, "essay", a="60")
    seen = service.plan(plan)
    assert seen["state"] == "achieved"
    assert [(r["outcome"], r["state"], r["instrument"]) for r in seen["results"]] == [
        ("a", "achieved", "essay"),
        ("b", "recognised", None),
    ]
    assert "outcome.recognised" in service.names()


def test_two_markers_do_not_see_each_other(service: AssessmentService):
    """Check 17: neither in the attempt, nor in the plan, nor in the history."""
    service.admission.publish(short_offering(instrument("exam", "a", markers=2)))
    plan = service.start()
    attempt = service.open(plan, "exam")
    service.submit(attempt)
    first = service.mark(attempt, "ada", LEUVEN, a="61.37")
    assert [s["marker"] for s in first.body["sheets"]] == ["ada"]
    second = service.ok("POST", f"/attempts/{attempt}/marking", "assessor", BOLOGNA, subject="ben")
    assert second["sheets"] == []
    assert second["marks"] is None
    for path in (f"/attempts/{attempt}", f"/plans/{plan}", f"/plans/{plan}/history", f"/results/{attempt}"):
        assert "61.37" not in str(service.ok("GET", path, "assessor", BOLOGNA, subject="ben"))
    third = service.mark(attempt, "ben", BOLOGNA, a="40")
    assert third.body["marking"] == "inmarking"
    done = service.mark(attempt, "cleo", "ucm.es", a="59")
    assert done.body["marks"] == [{"outcome": "a", "mark": "60.19", "passed": True}]
    assert {s["marker"] for s in done.body["sheets"]} == {"ada", "ben", "cleo"}


def test_the_learner_sees_the_result_from_its_release_on(service: AssessmentService):
    """D6: released shows it to the learner, with the feedback of its kind (AST-12 to AST-14)."""
    plan = service.start()
    attempt = service.open(plan, "essay")
    service.submit(attempt)
    service.ok("POST", f"/attempts/{attempt}/marking", "assessor", LEUVEN, subject="ada")
    body = {
        "marks": [{"outcome": "a", "mark": "70"}],
        "assessed_on": "2026-05-04",
        "feedback": [{"kind": "instructor", "text": "Clear argument."}],
    }
    service.ok("POST", f"/attempts/{attempt}/marks", "assessor", LEUVEN, subject="ada", body=body)
    before = service.ok("GET", f"/attempts/{attempt}", "learner", subject=LEARNER)
    assert "marks" not in before
    assert before["feedback"] == []
    service.release(attempt)
    after = service.ok("GET", f"/results/{attempt}", "learner", subject=LEARNER)
    assert after["marks"] == [{"outcome": "a", "mark": "70", "passed": True}]
    assert after["feedback"] == [{"kind": "instructor", "text": "Clear argument."}]
    assert "sheets" not in after
    assert "confirmations" not in after


def test_a_dispute_holds_the_confirmation_until_it_is_answered(service: AssessmentService):
    """AST-30."""
    plan = service.start()
    attempt = service.assess(plan, "essay", a="40")
    reason = {"reason": "page three was not read"}
    service.ok("POST", f"/results/{attempt}/dispute", "learner", subject=LEARNER, body=reason)
    assert service.confirm(attempt).status == 409
    listed = service.ok("GET", "/attempts?task=answer_dispute", "confirmer", HELSINKI)["items"]
    assert [item["id"] for item in listed] == [attempt]
    dismissal = {"reason": "it was read and changes nothing"}
    path = f"/results/{attempt}/dispute/dismissal"
    service.ok("POST", path, "confirmer", HELSINKI, subject="dora", body=dismissal)
    assert service.confirm(attempt).status == 201


def test_a_remark_upholds_a_dispute(service: AssessmentService):
    plan = service.start()
    attempt = service.assess(plan, "essay", a="40")
    reason = {"reason": "page three was not read"}
    service.ok("POST", f"/results/{attempt}/dispute", "learner", subject=LEARNER, body=reason)
    service.ok("POST", f"/attempts/{attempt}/remark", "confirmer", HELSINKI, subject="dora", body=reason)
    service.mark(attempt, "ben", a="60")
    service.release(attempt)
    seen = service.ok("GET", f"/attempts/{attempt}", "learner", subject=LEARNER)
    assert seen["dispute"]["answer"] == "upheld"
    assert seen["marks"][0]["mark"] == "60"
    assert len(service.ok("GET", f"/attempts/{attempt}", "assessor", LEUVEN)["sheets"]) == 2


def test_identity_is_verified_before_a_release(service: AssessmentService):
    """AST-09, CRT-13: the weakest that counted is what is told."""
    service.admission.publish(
        short_offering(
            instrument("exam", "a", identity_verification=True, supervision="supervised_onsite"),
            instrument("oral", "b", identity_verification=True, supervision="supervised_online"),
        )
    )
    plan = service.start()
    for part, outcome in (("exam", "a"), ("oral", "b")):
        attempt = service.open(plan, part)
        service.submit(attempt)
        service.mark(attempt, **{outcome: "60"})
        assert service.release(attempt).status == 409
        listed = service.ok("GET", "/attempts?task=verify_identity", "assessor", LEUVEN)["items"]
        assert [item["id"] for item in listed] == [attempt]
        verdict = {"verification": "verified"}
        service.ok("POST", f"/attempts/{attempt}/verification", "assessor", LEUVEN, body=verdict)
        assert service.release(attempt).status == 201
        service.confirm(attempt)
    expected = {"supervision": "supervised_online", "identity_verified": True}
    assert service.plan(plan)["supervision"] == expected


def test_a_plan_lapses_and_is_extended(service: AssessmentService):
    """ENR-19, D4."""
    plan = service.start()
    service.clock.advance(timedelta(days=365))
    service.run_jobs()
    assert service.plan(plan)["state"] == "lapsed"
    body = {"until": "2027-06-01T00:00:00Z", "reason": "parental leave"}
    service.ok("POST", f"/plans/{plan}/extension", "registrar", HELSINKI, body=body)
    assert service.names()[-1] == "assessment_plan.extended"
    service.open(plan, "essay")
    assert service.job_due("plan.lapse").isoformat() == "2027-06-01T00:00:00+00:00"


def test_time_runs_out_of_an_attempt(service: AssessmentService):
    service.admission.publish(short_offering(instrument("exam", "a", duration="PT2H")))
    plan = service.start()
    attempt = service.open(plan, "exam")
    assert service.job_names() == {("attempt.time_out", attempt)}
    service.clock.advance(timedelta(hours=2))
    service.run_jobs()
    seen = service.ok("GET", f"/attempts/{attempt}", "assessor", LEUVEN)
    assert (seen["state"], seen["timed_out"], seen["next"]["what"]) == ("finished", True, "mark")


class TestSessions:
    """AST-02: scheduled assessment, with seats."""

    def _publish(self, service) -> None:
        exam = instrument("exam", "a", booking_required=True, sessions=[JUNE])
        service.admission.publish(short_offering(exam, timing="scheduled"))

    def test_the_last_seat_is_taken_once_and_freed_again(self, service):
        self._publish(service)
        first, second = service.start(), service.start("enrolment-2")
        attempt = service.open(first, "exam", session_id="june")
        body = {"plan_id": second, "instrument_id": "exam", "session_id": "june"}
        other = {"subject": "learner-of-enrolment-2", "body": body}
        full = service.call("POST", "/attempts", "learner", **other)
        assert (full.status, "no seat" in full.detail) == (409, True)
        assert service.plan(second)["state"] == "assigned"
        service.ok("POST", f"/attempts/{attempt}/cancellation", "learner", subject=LEARNER, body={})
        service.ok("POST", "/attempts", "learner", **other)

    def test_outside_its_session_an_attempt_is_refused(self, service):
        self._publish(service)
        plan = service.start()
        attempt = service.open(plan, "exam", session_id="june")
        path = f"/attempts/{attempt}/submission"
        assert service.call("POST", path, "learner", subject=LEARNER, body={}).status == 409
        service.clock.advance(timedelta(days=91, hours=1))
        service.submit(attempt)

    def test_a_pending_attempt_is_booked_by_the_learner_or_appointed_by_staff(self, service):
        self._publish(service)
        plan = service.start()
        attempt = service.open(plan, "exam")
        times = {"opens_at": "2026-07-01T09:00:00Z", "closes_at": "2026-07-01T10:00:00Z", "place": "Room 1"}
        path = f"/attempts/{attempt}/booking"
        assert service.call("POST", path, "learner", subject=LEARNER, body=times).status == 403
        unclear = {**times, "session_id": "june"}
        assert service.call("POST", path, "assessor", LEUVEN, body=unclear).status == 422
        booked = service.ok("POST", path, "assessor", LEUVEN, body=times)
        assert (booked["state"], booked["place"]) == ("associated", "Room 1")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/attempts", {"plan_id": "{plan}", "instrument_id": "unknown"}),
        ("/attempts", {"plan_id": "unknown", "instrument_id": "essay"}),
        ("/attempts", {"plan_id": "{plan}", "instrument_id": "essay", "session_id": "unknown"}),
    ],
)
def test_what_a_body_names_wrongly_is_pointed_at(service: AssessmentService, path, body):
    """Foreign ids in a body are the same 422 as missing ones."""
    plan = service.start()
    body = {name: value.replace("{plan}", plan) for name, value in body.items()}
    answer = service.call("POST", path, "learner", subject=LEARNER, body=body)
    assert answer.status == 422
