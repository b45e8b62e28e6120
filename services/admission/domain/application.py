"""An application, and how a step on the table of `machine` changes it.

A step returns the application after it, the row of history, and the events that say so.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import dropwhile
from typing import Any, Final

from services.admission.domain.machine import APPLICATION, PLACED, is_live
from shared.domain import Change, ConflictError, DomainEvent
from shared.ids import derived_id

_STAYS: Final = frozenset({"completed", "ended"})
_MOST_ROUNDS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Application:
    """One learner's application to one offering version.

    `seat_held`: counts against the offering's capacity. `deadline_at` is the next deadline, of whoever is to act.
    `decide_by` is the reviewer's. `rank` orders the waiting list, lowest first. `enrolment_id` is set from the
    admission on. `settled_by` and `settled_with` are the two people behind a rejection or revocation.
    """

    id: str
    learner_id: str
    offering_id: str
    offering_version: int
    agreement_id: str
    agreement_version: int
    reviewing_institution: str
    target_group: str
    contract_type: str
    track: str
    home_institution: str | None
    state: str
    live: bool
    seat_held: bool = False
    duplicate_hold: bool = False
    information_overdue: bool = False
    information_request: str | None = None
    terms_version: str | None = None
    terms_accepted_at: datetime | None = None
    submitted_at: datetime | None = None
    decide_by: datetime | None = None
    deadline_at: datetime | None = None
    rank: int = 0
    waitlisted_at: datetime | None = None
    enrolment_id: str | None = None
    enrolment_state: str | None = None
    revoked: bool = False
    settled_by: str | None = None
    settled_with: str | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """An application after one or more steps, with the history and the events of these steps in order."""

    application: Application
    changes: tuple[Change, ...] = ()
    events: tuple[DomainEvent, ...] = ()
    freed_seat: bool = False

    def then(self, step: Callable[[Application], "Decided"]) -> "Decided":
        """This and a further step, to be saved together."""
        after = step(self.application)
        return Decided(
            after.application,
            (*self.changes, *after.changes),
            (*self.events, *after.events),
            self.freed_seat or after.freed_seat,
        )


def take_step(
    application: Application,
    trigger: str,
    *,
    target: str | None = None,
    reason: str | None = None,
    rule_set: str | None = None,
    detail: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None,
    **values: Any,
) -> Decided:
    row = APPLICATION.fire(application.state, trigger, target=target)
    after = replace(application, state=row.target, **values)
    if after.state == "admitted":
        after = _enrolled_anew(after)
    keeps_seat = after.seat_held and after.state in PLACED
    after = replace(
        after,
        live=is_live(after.state, after.enrolment_state),
        seat_held=keeps_seat,
        waitlisted_at=after.waitlisted_at if after.state == "waitlisted" else None,
    )
    change = Change("application", after.id, trigger, row.source, row.target, reason, rule_set, detail or {})
    events = tuple(_event(name, after, data or {}) for name in row.event.split(" + "))
    return Decided(after, (change,), events, application.seat_held and not keeps_seat)


def _enrolled_anew(application: Application) -> Application:
    """The enrolment that an admission starts: after a revocation the next round, under an id of its own (D3).

    One that had come to its end before the revocation stays, and nothing new is started beside it.
    """
    before = application.enrolment_id
    if before is not None and application.enrolment_state in _STAYS:
        return application
    rounds: Iterator[str] = (_enrolment_of(application.id, number) for number in range(1, _MOST_ROUNDS))
    if before is not None:
        rounds = dropwhile(lambda each: each != before, rounds)
        next(rounds)
    return replace(application, enrolment_id=next(rounds), enrolment_state=None)


def _enrolment_of(application_id: str, round_: int) -> str:
    again = () if round_ == 1 else (str(round_),)
    return derived_id("enrolment", application_id, *again)


def _event(name: str, after: Application, data: Mapping[str, Any]) -> DomainEvent:
    facts: dict[str, Any] = {
        "application_id": after.id,
        "learner_id": after.learner_id,
        "offering_id": after.offering_id,
        "offering_version": after.offering_version,
        "state": after.state,
        "track": after.track,
        **data,
    }
    if name == "application.admitted":
        facts |= {
            "target_group": after.target_group,
            "contract_type": after.contract_type,
            "agreement_id": after.agreement_id,
            "agreement_version": after.agreement_version,
        }
    return DomainEvent(name, facts, frozenset({after.reviewing_institution}))


def two_people(people: tuple[str, str]) -> dict[str, Any]:
    """The columns that name the two people behind a decision against the learner; refuses one person (check 5)."""
    proposed_by, confirmed_by = people
    if proposed_by == confirmed_by:
        raise ConflictError("This decision needs two different people.")
    return {"settled_by": proposed_by, "settled_with": confirmed_by}
