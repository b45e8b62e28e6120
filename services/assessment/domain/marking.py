"""Marking of one attempt (D6) up to its release, and the ways back into marking."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.assessment.domain.agreement import (
    AGREED,
    INDEPENDENT,
    agree,
    markers_needed,
    under_discussion,
)
from services.assessment.domain.completion import settled
from services.assessment.domain.decision import Decision
from services.assessment.domain.machines import MARKING
from services.assessment.domain.plan import IDENTITY_SETTLED, Attempt, Claim, Plan, Sheet
from services.assessment.domain.template import Instrument
from shared.domain import Actor, ConflictError, InvalidError, Pointer
from shared.durations import add_duration

_ENDED = frozenset({"lapsed", "voided"})


def begin(plan: Plan, attempt_id: str, claim: Claim) -> Decision:
    """An assessor takes a marker's place; the first one starts the marking.

    Raises:
        ConflictError: the attempt is not handed in, its identity check failed, the assessor has a place already,
            or all places are taken.
    """
    attempt = plan.attempt(attempt_id)
    _may_be_marked(plan, attempt)
    taken = attempt.present_claims
    if any(held.marker == claim.marker for held in taken):
        raise ConflictError("you have begun to mark this attempt already; hand in your marks")
    if len(taken) >= markers_needed(plan.instrument_of(attempt), attempt):
        raise ConflictError("this attempt has all the markers it needs for now")
    claims = (*attempt.claims, claim)
    if attempt.marking == "notmarked":
        return Decision(plan).move_attempt(attempt_id, MARKING, "begin", claims=claims)
    if attempt.marking != "inmarking":
        MARKING.fire(attempt.marking, "begin")
    return Decision(plan).note(
        plan.with_attempt(attempt_id, claims=claims),
        attempt_id,
        "join",
        subject_type="marking",
        state=attempt.marking,
    )


def hand_in(plan: Plan, attempt_id: str, sheet: Sheet) -> Decision:
    """A marker hands in marks for every outcome of the instrument; the last one needed completes the marking.

    Moderation by sample does not exist yet, so a completed marking skips it at once.

    Raises:
        ConflictError: the marker has not begun, or has handed in already and there is nothing to discuss.
        InvalidError: an outcome is missing or foreign, or a mark is not of the scale.
    """
    attempt = plan.attempt(attempt_id)
    _may_be_marked(plan, attempt)
    if attempt.marking != "inmarking":
        MARKING.fire(attempt.marking, "complete")
    instrument = plan.instrument_of(attempt)
    sheet = replace(
        sheet, kind=_kind_of(instrument, attempt, sheet.marker), marks=_read(instrument, sheet.marks)
    )
    plan = plan.with_attempt(attempt_id, sheets=(*attempt.sheets, sheet))
    agreed = agree(instrument, plan.attempt(attempt_id))
    if agreed is None:
        return Decision(plan).note(plan, attempt_id, "hand_in", subject_type="marking", state=attempt.marking)
    decision = Decision(plan).move_attempt(
        attempt_id, MARKING, "complete", marks=agreed.marks, assessed_on=agreed.assessed_on
    )
    return decision.move_attempt(attempt_id, MARKING, "skip")


def release(plan: Plan, attempt_id: str, now: datetime) -> Decision:
    """Show the result to the learner; the dispute window starts.

    Raises:
        ConflictError: an integrity hold is in force, or identity is not verified yet.
    """
    attempt = plan.attempt(attempt_id)
    not_on_hold(plan)
    _not_ended(plan)
    if attempt.verification not in IDENTITY_SETTLED:
        raise ConflictError(
            f"identity verification is '{attempt.verification}'; a result is released once it is verified"
        )
    window = plan.template.confirmation.dispute_window
    decision = Decision(plan).move_attempt(
        attempt_id,
        MARKING,
        "release",
        released_at=now,
        disputable_until=add_duration(plan.clock(now), window),
    )
    return settled(plan, decision)


def remark(plan: Plan, attempt_id: str, reason: str, actor: Actor, now: datetime) -> Decision:
    """Mark a released result again, in a new round; an open dispute is thereby upheld.

    Raises:
        ConflictError: the plan has ended or is complete (a final result is overturned instead).
    """
    attempt = plan.attempt(attempt_id)
    _not_ended(plan)
    if plan.instrument_of(attempt).summative and plan.state in {"achieved", "not_achieved"}:
        raise ConflictError(
            f"the plan is {plan.state}; only an overturned final result leads back to marking"
        )
    disputes = tuple(
        replace(d, answer="upheld", answered_by=actor.subject, answered_at=now)
        if d.answered_at is None
        else d
        for d in attempt.disputes
    )
    decision = Decision(plan).move_attempt(
        attempt_id, MARKING, "remark", reason=reason, disputes=disputes, **a_new_round(attempt)
    )
    return settled(plan, decision)


def a_new_round(attempt: Attempt) -> dict[str, Any]:
    """The fields with which an attempt goes back into marking; the sheets of earlier rounds stay on record."""
    return {
        "round": attempt.round + 1,
        "marks": None,
        "assessed_on": None,
        "released_at": None,
        "disputable_until": None,
        "final_at": None,
    }


def not_on_hold(plan: Plan) -> None:
    """Refuse while an integrity hold is in force on this plan; no other plan is looked at."""
    if plan.integrity_hold is not None:
        raise ConflictError(
            "an integrity hold is in force; results of this plan are neither released nor confirmed"
        )


def visible_sheets(plan: Plan, attempt: Attempt, viewer: str) -> tuple[Sheet, ...]:
    """The mark sheets that this member of staff may read now (independent marking, acceptance check 17).

    While marking goes on, a marker sees only what is their own; once all of the first markers have handed in, they
    also see each other's. Everybody else waits until the marking is complete.
    """
    if attempt.marking not in {"notmarked", "inmarking"}:
        return attempt.sheets
    independent = attempt.present_sheets(INDEPENDENT)
    first = independent[: plan.instrument_of(attempt).markers]
    all_done = len(first) == plan.instrument_of(attempt).markers
    if all_done and any(sheet.marker == viewer for sheet in first):
        shown = {sheet.id for sheet in (*first, *attempt.present_sheets(AGREED))}
        return tuple(s for s in attempt.sheets if s.id in shown or s.marker == viewer)
    return tuple(sheet for sheet in attempt.sheets if sheet.marker == viewer)


def _may_be_marked(plan: Plan, attempt: Attempt) -> None:
    _not_ended(plan)
    if attempt.state != "finished":
        raise ConflictError(f"the attempt is {attempt.state}; only what is handed in is marked")
    if attempt.rejected:
        raise ConflictError("the identity check of this attempt failed; it has no result")


def _not_ended(plan: Plan) -> None:
    if plan.state in _ENDED:
        raise ConflictError(f"the plan is {plan.state}; its attempts have no further results")


def _kind_of(instrument: Instrument, attempt: Attempt, marker: str) -> str:
    if all(claim.marker != marker for claim in attempt.present_claims):
        raise ConflictError("begin first: POST /attempts/{id}/marking")
    if all(sheet.marker != marker for sheet in attempt.present_sheets(INDEPENDENT)):
        return INDEPENDENT
    if under_discussion(instrument, attempt):
        return AGREED
    raise ConflictError("you have handed in your marks; they stand until the result is marked again")


def _read(instrument: Instrument, marks: Mapping[str, str]) -> dict[str, str]:
    wrong = [
        *(Pointer("/marks", f"the mark of {o} is missing") for o in instrument.outcomes if o not in marks),
        *(Pointer("/marks", f"{o} is not assessed here") for o in marks if o not in instrument.outcomes),
    ]
    read: dict[str, str] = {}
    for outcome in instrument.outcomes:
        try:
            read[outcome] = instrument.scale.read(marks.get(outcome, ""))
        except InvalidError as error:
            if outcome in marks:
                wrong.append(Pointer("/marks", f"{outcome}: {error.detail}"))
    if wrong:
        raise InvalidError("each outcome of the instrument gets one mark on its scale", pointers=wrong)
    return read
