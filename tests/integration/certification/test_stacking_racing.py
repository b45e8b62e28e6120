"""Two people and two workers at once: credits count once, and what is satisfied is proposed once."""

from collections import Counter

from services.certification.store.stacking_tables import counted_credits, stacks
from services.certification.worker import jobs
from shared.messaging.jobs import JobRunner
from shared.messaging.tables import jobs as job_table
from tests.integration.certification.stacking import BODY, WHY, Stacking
from tests.integration.certification.test_racing import at_once
from tests.integration.certification.workshop import Workshop
from tests.support.stacking import rule


def test_two_people_who_grant_the_same_credits_at_once_grant_one_award(workshop: Workshop) -> None:
    stacking = Stacking(workshop, rule(), rule(id="other-way"), rule(id="third-way"))
    stacking.complete()
    proposed = [stack["id"] for stack in stacking.list()]
    statuses: list[int] = []

    def grant(stack_id: str, subject: str) -> None:
        body = {"decision": "grant", **WHY}
        answer = workshop.post(f"/stacks/{stack_id}/decision", body, "registrar", subject, BODY)
        statuses.append(answer.status_code)

    at_once(
        *(
            lambda stack_id=stack_id, number=number: grant(stack_id, f"registrar-{number}")  # type: ignore[misc]
            for number, stack_id in enumerate([*proposed, *proposed])
        )
    )
    assert sorted(statuses) == [201, 409, 409, 409, 409, 409]
    workshop.work()
    assert Counter(row.state for row in workshop.rows(stacks)) == {"granted": 1, "lapsed": 2}
    assert len(workshop.rows(counted_credits)) == 2
    assert [name for name in stacking.names() if name == "granted"] == ["granted"]


def test_two_workers_that_look_at_once_propose_once(workshop: Workshop) -> None:
    stacking = Stacking(workshop)
    for learner in (stacking.first, stacking.second):
        learner.known()
        learner.results("sha256:" + "a" * 64)
        workshop.deliver(*stacking.events_of(learner))

    def worker() -> None:
        runner = JobRunner(
            workshop.settings,
            workshop.transactions,
            workshop.elsewhere,  # type: ignore[arg-type]
            jobs(workshop.signers, workshop.seals),
        )
        for _ in range(6):
            runner.round()

    at_once(worker, worker)
    workshop.wait()
    assert [row.kind for row in workshop.rows(job_table) if row.kind == "look_for_stacks"] == []
    assert stacking.names() == ["proposed"]
