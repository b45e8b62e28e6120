"""Jobs of stacking: keep the rules that are in force, and look at what a learner's certificates satisfy by now.

A look reads the database as it is, so events that come twice or in another order change nothing.
"""

from typing import Final

from services.certification.domain.stack import COUNTING, Stack
from services.certification.domain.stacking import detect
from services.certification.handlers.documents import agreement_version
from services.certification.handlers.saving import ISSUE, LOOK_FOR_STACKS
from services.certification.store import stacking_rules, stacks
from services.certification.store.holdings import holdings_of
from shared.messaging.envelope import Event
from shared.messaging.jobs import Job, JobContext
from shared.messaging.unit_of_work import UnitOfWork

KEEP_RULES: Final = "keep_stacking_rules"


def on_agreement(uow: UnitOfWork, event: Event) -> None:
    """`agreement.published` and `agreement.partner_joined`: the rules of the version are in force from now on."""
    identifier, version = event.data["agreement_id"], event.data["version"]
    payload = {"agreement_id": identifier, "version": version}
    uow.schedule(KEEP_RULES, f"{identifier}/{version}", payload=payload)


def keep_rules(context: JobContext, job: Job) -> None:
    """Job: keep the rules of an agreement version, and look at everybody whose certificates they name."""
    agreement = agreement_version(context, job.payload["agreement_id"], job.payload["version"])
    with context.unit_of_work() as uow:
        if stacking_rules.put_rules(uow, agreement):
            for learner_id in stacking_rules.holders(uow.connection, agreement["id"]):
                uow.schedule(LOOK_FOR_STACKS, learner_id)


def look_for_stacks(context: JobContext, job: Job) -> None:
    """Job: propose what a learner's certificates satisfy; have what has changed in a part reviewed."""
    with context.unit_of_work() as uow:
        known = stacks.stacks_of(uow.connection, job.key)
        held = holdings_of(uow.connection, job.key, [stack for stack, _ in known.values()])
        rules = stacking_rules.rules_in_force(uow.connection, [part.offering_id for part in held.parts])
        for move in detect(held, rules, [stack for stack, _ in known.values()]):
            version = known[move.after.id][1] if move.before is not None else None
            stacks.save_move(uow, version, move)
            go_on(uow, move.after)


def go_on(uow: UnitOfWork, stack: Stack) -> None:
    """The larger certificate may have waited for this."""
    if stack.state in COUNTING:
        uow.schedule(ISSUE, stack.larger_award_id)
