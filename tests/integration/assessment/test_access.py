"""Who sees and does what: scopes, roles, people who may not judge (S1; practice, minimisation)."""

import json

import pytest

from shared.ids import derived_id
from tests.integration.assessment.conftest import BOLOGNA, HELSINKI, LEUVEN, AssessmentService, short_offering
from tests.unit.assessment.stories import instrument

LEARNER = "learner-of-enrolment-1"
FOREIGN = "uio.no"
PLATFORM = "ku.lt"


@pytest.mark.parametrize(
    ("role", "institution", "subject"),
    [
        ("learner", None, "somebody-else"),
        ("assessor", FOREIGN, None),
        ("confirmer", FOREIGN, None),
        ("coordinator", FOREIGN, None),
        ("registrar", PLATFORM, None),
    ],
)
def test_foreign_and_missing_are_the_same_404(service: AssessmentService, role, institution, subject):
    """S1: a platform partner has no part in results either."""
    plan = service.start()
    attempt = service.assess(plan, "essay", a="60")
    found = []
    for path in (f"/plans/{plan}", f"/plans/{derived_id('plan', 'x')}"):
        answer = service.call("GET", path, role, institution, subject=subject)
        found.append((answer.status, answer.detail))
    assert found[0] == found[1] == (404, "There is no such plan.")
    for path in (f"/attempts/{attempt}", f"/results/{attempt}", "/attempts/nowhere"):
        assert service.call("GET", path, role, institution, subject=subject).status == 404
    for path in ("/plans", "/attempts"):
        assert service.ok("GET", path, role, institution, subject=subject)["items"] == []


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/plans/{plan}/briefing", None),
        ("POST", "/plans/{plan}/integrity-hold", {"reason": "because"}),
        ("POST", "/plans/{plan}/integrity-hold/lifting", {"reason": "because"}),
        ("POST", "/attempts/{attempt}/marking", None),
        ("POST", "/attempts/{attempt}/release", None),
        ("POST", "/attempts/{attempt}/remark", {"reason": "because"}),
        ("POST", "/attempts/{attempt}/verification", {"verification": "verified"}),
        ("POST", "/attempts/{attempt}/cancellation", {}),
    ],
)
def test_staff_of_another_institution_change_nothing(service: AssessmentService, method, path, body):
    plan = service.start()
    attempt = service.assess(plan, "essay", a="60")
    before = service.plan(plan)["version"]
    path = path.format(plan=plan, attempt=attempt)
    assert service.call(method, path, "assessor", FOREIGN, body=body).status == 404
    assert service.plan(plan)["version"] == before


def test_only_confirmers_that_the_template_names(service: AssessmentService):
    """AST-03: an institution of the offering is not enough."""
    plan = service.start()
    attempt = service.assess(plan, "essay", a="60")
    assert service.confirm(attempt, "carl", LEUVEN).status == 403
    assert service.call("POST", f"/results/{attempt}/confirmation", "assessor", HELSINKI).status == 403
    assert service.confirm(attempt, "ada", HELSINKI).status == 409, "a marker never confirms"
    assert service.confirm(attempt).status == 201


def test_nobody_judges_their_own_work(service: AssessmentService):
    """Staff may be learners; then others judge."""
    subject = "ada"
    service.deliver(service.event("activated", "enrolment-1", learner_id=service.learner_id(subject)))
    service.run_jobs()
    plan = derived_id("plan", "enrolment-1")
    service.ok("POST", f"/plans/{plan}/briefing", "learner", subject=subject)
    body = {"plan_id": plan, "instrument_id": "essay"}
    attempt = service.ok("POST", "/attempts", "learner", subject=subject, body=body)["id"]
    service.ok("POST", f"/attempts/{attempt}/submission", "learner", subject=subject, body={})
    own = service.call("POST", f"/attempts/{attempt}/marking", "assessor", LEUVEN, subject=subject)
    assert (own.status, "own plan" in own.detail) == (403, True)


def test_a_service_sees_what_counted_and_no_attempts(service: AssessmentService):
    """Practice: the number of attempts never leaves the assessment service."""
    service.admission.publish(short_offering(instrument("exam", "a", max_attempts=3)))
    plan = service.start()
    service.assess(plan, "exam", a="10")
    service.final(plan, "exam", a="60")
    seen = service.plan(plan)
    assert set(seen) == {
        "id",
        "version",
        "enrolment_id",
        "learner_id",
        "offering_id",
        "offering_version",
        "track",
        "state",
        "completion_number",
        "results_digest",
        "participation",
        "supervision",
        "outcomes",
        "results",
    }
    assert service.call("GET", "/attempts", "service").status == 403
    assert "next" not in service.ok("GET", "/plans", "service")["items"][0]


def test_partners_hear_of_final_results_only(service: AssessmentService):
    """D9: no attempts, no holds, no names; the event of a superseded failure is for nobody."""
    service.admission.publish(short_offering(instrument("exam", "a")))
    plan = service.start()
    first = service.final(plan, "exam", a="10")
    service.ok("POST", f"/plans/{plan}/integrity-hold", "assessor", LEUVEN, body={"reason": "similarity"})
    service.ok(
        "POST", f"/plans/{plan}/integrity-hold/lifting", "assessor", LEUVEN, body={"reason": "cleared"}
    )
    second = service.final(plan, "exam", a="60")
    heard = [(name, data["attempt_id"]) for name, data in service.published() if data["_to"]]
    assert heard == [("result.final", second)]
    told = json.dumps([data for _, data in service.published()])
    assert first in told
    for private in ("similarity", "cleared", LEARNER, "ada", "dora", '"60"'):
        assert private not in told


def test_a_learner_is_told_what_is_next_by_whom_until_when(service: AssessmentService):
    """AST-28: progress, and the next step in plain members."""
    plan = service.start(briefed=False)

    def seen() -> dict:
        return service.ok("GET", f"/plans/{plan}", "learner", subject=LEARNER)

    end = "2027-03-02T09:30:00+00:00"
    assert {k: seen()["next"][k] for k in ("what", "who", "until")} == {
        "what": "read_briefing",
        "who": "learner",
        "until": end,
    }
    service.ok("POST", f"/plans/{plan}/briefing", "learner", subject=LEARNER)
    assert [(s["what"], s["who"], s["instrument"]) for s in seen()["steps"]] == [
        ("attempt", "learner", "essay"),
        ("attempt", "learner", "project"),
    ]
    attempt = service.open(plan, "essay")
    assert seen()["next"]["what"] == "submit"
    service.submit(attempt)
    assert ("mark", "assessor") in [(s["what"], s["who"]) for s in seen()["steps"]]
    service.mark(attempt, a="60")
    service.release(attempt)
    assert seen()["progress"] == {"outcomes": 2, "shown": 1, "final": 0}
    service.confirm(attempt)
    service.final(plan, "project", b="60")
    assert (seen()["next"], seen()["progress"]["final"]) == (None, 2)


def test_a_learner_does_not_read_integrity_holds_in_lists_or_history(service: AssessmentService):
    plan = service.start()
    service.ok("POST", f"/plans/{plan}/integrity-hold", "assessor", LEUVEN, body={"reason": "similarity"})
    seen = service.ok("GET", f"/plans/{plan}", "learner", subject=LEARNER)
    assert "similarity" not in json.dumps(seen)
    listed = service.ok("GET", "/plans?integrity_hold=false", "learner", subject=LEARNER)["items"]
    assert [item["id"] for item in listed] == [plan], "the filter tells a learner nothing"
    assert service.call("GET", f"/plans/{plan}/history", "learner", subject=LEARNER).status == 403


class TestWorkLists:
    """For the people: by task, state and deadline."""

    def test_assessors_and_confirmers_find_their_work(self, service: AssessmentService):
        one, two = service.start(), service.start("enrolment-2")
        to_mark = service.open(one, "essay")
        service.submit(to_mark)
        to_confirm = service.assess(two, "essay", "enrolment-2", a="60")

        def listed(query: str, role: str = "assessor", institution: str = LEUVEN) -> list[str]:
            found = service.ok("GET", f"/attempts?{query}", role, institution)["items"]
            return [item["id"] for item in found]

        assert listed("task=mark") == [to_mark]
        assert listed("task=confirm", "confirmer", HELSINKI) == [to_confirm]
        assert listed("marking=released") == [to_confirm]
        assert listed("task=mark&deadline_before=2026-04-01T00:00:00Z") == []
        assert listed("task=mark&deadline_before=2028-01-01T00:00:00Z&offering=sustainability") == [to_mark]
        assert listed("task=mark&instrument=project") == []
        assert listed(f"plan={two}") == [to_confirm]

    def test_nobody_finds_what_they_have_done_or_may_not_judge(self, service: AssessmentService):
        exam = instrument("exam", "a", markers=2)
        service.admission.publish(short_offering(exam, confirmation={"quorum": 2}))
        plan = service.start()
        attempt = service.open(plan, "exam")
        service.submit(attempt)

        def found(task: str, role: str, institution: str, subject: str) -> bool:
            path = f"/attempts?task={task}"
            return service.ok("GET", path, role, institution, subject=subject)["items"] != []

        service.mark(attempt, "ada", a="60")
        assert not found("mark", "assessor", LEUVEN, "ada")
        assert found("mark", "assessor", LEUVEN, "ben")
        service.mark(attempt, "ben", a="60")
        service.release(attempt)
        assert not found("confirm", "confirmer", HELSINKI, "ada")
        assert found("confirm", "confirmer", HELSINKI, "dora")
        service.confirm(attempt, "dora")
        assert not found("confirm", "confirmer", HELSINKI, "dora")
        assert found("confirm", "confirmer", HELSINKI, "emil")

    def test_a_result_under_a_hold_is_on_no_list(self, service: AssessmentService):
        plan = service.start()
        service.assess(plan, "essay", a="60")
        service.ok("POST", f"/plans/{plan}/integrity-hold", "assessor", LEUVEN, body={"reason": "similarity"})
        assert service.ok("GET", "/attempts?task=confirm", "confirmer", HELSINKI)["items"] == []
        held = service.ok("GET", "/plans?integrity_hold=true", "coordinator", HELSINKI)["items"]
        assert [item["id"] for item in held] == [plan]

    def test_plans_by_state_and_deadline_page_by_page(self, service: AssessmentService):
        made = [service.start(f"enrolment-{n}", briefed=False) for n in range(5)]
        seen, path = [], "/plans?state=assigned&limit=2"
        while path:
            page = service.ok("GET", path, "registrar", BOLOGNA)
            seen += [item["id"] for item in page["items"]]
            path = page["next"] and page["next"].removeprefix("/assessment/v1")
            assert {item["next"]["what"] for item in page["items"]} == {"read_briefing"}
        assert sorted(seen) == sorted(made)
        assert len(seen) == 5
        early = service.ok("GET", "/plans?deadline_before=2026-12-31T00:00:00Z", "registrar", BOLOGNA)
        assert early["items"] == []

    def test_history_says_who_did_what_and_why(self, service: AssessmentService):
        plan = service.start()
        attempt = service.assess(plan, "essay", a="60")
        reason = {"reason": "marked the wrong page"}
        service.ok("POST", f"/attempts/{attempt}/remark", "confirmer", HELSINKI, subject="dora", body=reason)
        last = service.ok("GET", f"/plans/{plan}/history", "coordinator", HELSINKI)["items"][-1]
        assert {
            k: last[k] for k in ("trigger", "source", "target", "actor", "role", "institution", "reason")
        } == {
            "trigger": "remark",
            "source": "released",
            "target": "inmarking",
            "actor": "dora",
            "role": "confirmer",
            "institution": HELSINKI,
            "reason": "marked the wrong page",
        }
        assert last["rule_set"] == "sustainability/1"


def test_a_stale_if_match_changes_nothing(service: AssessmentService):
    plan = service.start()
    tag = service.call("GET", f"/plans/{plan}", "coordinator", HELSINKI).etag
    service.open(plan, "essay")
    body = {"until": "2027-06-01T00:00:00Z", "reason": "illness"}
    answer = service.call(
        "POST", f"/plans/{plan}/extension", "registrar", HELSINKI, body=body, If_Match=tag or ""
    )
    assert answer.status == 412


def test_the_same_key_opens_one_attempt(service: AssessmentService):
    plan = service.start()
    body = {"plan_id": plan, "instrument_id": "essay"}
    answers = [
        service.call("POST", "/attempts", "learner", subject=LEARNER, body=body, Idempotency_Key="once")
        for _ in range(2)
    ]
    assert answers[0].body == answers[1].body
    assert len(service.plan(plan, "assessor", LEUVEN)["attempts"]) == 1
