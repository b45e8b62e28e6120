"""A plan as each kind of caller may see it: the learner, staff of its institutions, another service.

A view names what it shows. Attempts, reasons and holds are for the learner and for staff; another service gets what
counted, and never how many attempts it took (practice, XHochschule 161).
"""

from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from services.assessment.domain.marking import visible_sheets
from services.assessment.domain.plan import Attempt, Dispute, Plan, Sheet
from services.assessment.domain.standing import (
    Proof,
    Standing,
    attempts_left,
    proofs,
    standing,
    weakest_supervision,
)
from services.assessment.domain.steps import available, next_steps, task_of
from services.assessment.domain.template import Instrument
from services.assessment.handlers.keeping import Acting
from services.assessment.store import queries
from services.assessment.store.queries import Scope
from shared.messaging.history import history_of
from shared.web import Caller, Role

View = dict[str, Any]


def scope_of(person: Caller) -> Scope:
    """What `person` may see, from the token alone."""
    if person.sees_all:
        return Scope(everything=True)
    if person.role is Role.LEARNER:
        return Scope(learner=person.learner_id)
    return Scope(institution=person.institution)


def acting(person: Caller) -> Acting:
    """`person` as the one who asks for something to be done."""
    return Acting(person.actor, person.learner_id, scope_of(person))


def plan_view(plan: Plan, person: Caller) -> View:
    """The plan for this caller."""
    if person.role is Role.SERVICE:
        return _common(plan)
    view = {**_common(plan), **_journey(plan), "title": plan.template.title}
    attempts = [attempt_view(plan, attempt, person) for attempt in plan.attempts]
    if person.role is Role.LEARNER:
        return {**view, "attempts": attempts}
    hold = plan.integrity_hold
    recognitions = [asdict(recognition) for recognition in plan.recognitions]
    return {
        **view,
        "attempts": attempts,
        "recognitions": recognitions,
        "integrity_hold": None if hold is None else asdict(hold),
    }


def attempt_view(plan: Plan, attempt: Attempt, person: Caller) -> View:
    """One attempt with its result. The learner sees marks from their release on, staff as `visible_sheets` says."""
    view = _attempt(plan, attempt)
    learner = person.role is Role.LEARNER
    if attempt.stands or not learner:
        view |= {"marks": _marks(plan, attempt), "assessed_on": attempt.assessed_on}
    sheets = attempt.sheets if learner else visible_sheets(plan, attempt, person.subject)
    present = [sheet for sheet in sheets if sheet.round == attempt.round]
    if learner:
        shown = present if attempt.stands else []
        return {**view, "feedback": [asdict(word) for sheet in shown for word in sheet.feedback]}
    return {
        **view,
        "feedback": [asdict(word) for sheet in present for word in sheet.feedback],
        "markers": [claim.marker for claim in attempt.present_claims],
        "sheets": [_sheet(sheet) for sheet in sheets],
        "confirmations": [asdict(vote) for vote in attempt.present_votes],
        "quorum": plan.template.confirmation.quorum,
        "overturn": asdict(attempt.open_overturn) if attempt.open_overturn else None,
        "learner_id": plan.learner_id,
    }


def briefing_view(plan: Plan) -> View:
    """Rules, sample and instructions, and when they were delivered (AST-15, AST-20)."""
    return {**asdict(plan.template.briefing), "version": plan.version, "briefed_at": plan.briefed_at}


def history_view(connection: sa.Connection, scope: Scope, plan_id: str) -> View:
    """Every step of one plan, oldest first.

    Raises:
        NotFoundError: the plan is not in scope.
    """
    plan = queries.plan_by_id(connection, scope, plan_id)
    return {"items": history_of(connection, "plans", plan.id)}


def listed_plan(row: sa.RowMapping, person: Caller) -> View:
    """A plan as a line of a list; what comes next may be about a hold, which is no other service's business."""
    view = {**row, "suspended": row["held_since"] is not None}
    if person.role is Role.SERVICE:
        return view
    step = {"what": row["next_what"], "who": row["next_who"], "until": row["next_until"]}
    return {**view, "next": step if row["next_what"] else None}


def _common(plan: Plan) -> View:
    now = standing(plan)
    weakest = weakest_supervision(plan)
    return {
        "id": plan.id,
        "version": plan.version,
        "enrolment_id": plan.enrolment_id,
        "learner_id": plan.learner_id,
        "offering_id": plan.template.offering_id,
        "offering_version": plan.template.offering_version,
        "track": plan.track,
        "state": plan.state,
        "completion_number": plan.completion_number,
        # Of a completion that does not hold any more there is no digest: nobody issues on it by mistake.
        "results_digest": plan.results_digest if plan.state == "achieved" else None,
        "participation": plan.template.participation,
        "supervision": weakest and {"supervision": weakest[0], "identity_verified": weakest[1]},
        "outcomes": [
            {
                "id": o.outcome,
                "title": plan.template.outcomes[o.outcome],
                "state": o.state,
                "final": o.final,
            }
            for o in now.outcomes
        ],
        "results": [_proof(plan, proof) for proof in proofs(plan)],
    }


def _proof(plan: Plan, proof: Proof) -> View:
    instrument, attempt = proof.instrument, proof.attempt
    recognition = plan.recognised(proof.outcome)
    view: View = {
        "outcome": proof.outcome,
        "state": proof.state,
        "instrument": instrument and instrument.id,
        "type": instrument and instrument.type,
        "mode": instrument and instrument.mode,
        "supervision": instrument and instrument.supervision,
        "identity_verified": proof.identity_verified,
        "mark": proof.mark,
        "scale": instrument and instrument.scale.type,
        "assessed_on": attempt and attempt.assessed_on,
        "final_at": attempt and attempt.final_at,
    }
    return view if recognition is None else {**view, "final_at": recognition.recognised_at}


def _journey(plan: Plan) -> View:
    now = standing(plan)
    steps = next_steps(plan)
    return {
        "timing": plan.template.timing,
        "assigned_at": plan.assigned_at,
        "briefed_at": plan.briefed_at,
        "expected_end": plan.expected_end,
        "suspended": plan.held,
        "progress": {
            "outcomes": len(now.outcomes),
            "shown": sum(o.state in {"achieved", "recognised"} for o in now.outcomes),
            "final": sum(o.final for o in now.outcomes),
        },
        "groups": [
            {
                "id": group.id,
                "title": group.title,
                "outcomes": group.outcomes,
                "requires": group.requires,
                "shown": now.shown(group.outcomes),
            }
            for group in plan.template.groups
        ],
        "instruments": [_instrument(plan, instrument, now) for instrument in plan.template.instruments],
        "next": asdict(steps[0]) if steps else None,
        "steps": [asdict(step) for step in steps],
    }


def _instrument(plan: Plan, instrument: Instrument, now: Standing) -> View:
    return {
        "id": instrument.id,
        "title": instrument.title,
        "purpose": instrument.purpose,
        "type": instrument.type,
        "mode": instrument.mode,
        "outcomes": instrument.outcomes,
        "duration": instrument.duration,
        "scale": {"type": instrument.scale.type, "pass": instrument.scale.lowest_pass},
        "supervision": instrument.supervision,
        "identity_verification": instrument.identity_verification,
        "booking_required": instrument.booking_required,
        "sessions": [asdict(session) for session in instrument.sessions],
        "availability": available(plan, instrument, now),
        "attempts_left": attempts_left(plan, instrument),
    }


def _attempt(plan: Plan, attempt: Attempt) -> View:
    step = task_of(plan, attempt)
    return {
        "id": attempt.id,
        "version": plan.version,
        "plan_id": plan.id,
        "plan_state": plan.state,
        "result_id": attempt.id,
        "instrument_id": attempt.instrument_id,
        "state": attempt.state,
        "marking": attempt.marking,
        "verification": attempt.verification,
        "session_id": attempt.session_id,
        "place": attempt.place,
        "opens_at": attempt.opens_at,
        "closes_at": attempt.closes_at,
        "submitted_at": attempt.submitted_at,
        "timed_out": attempt.timed_out,
        "evidence": [asdict(evidence) for evidence in attempt.evidence],
        "released_at": attempt.released_at,
        "disputable_until": attempt.disputable_until,
        "final_at": attempt.final_at,
        "dispute": _dispute(attempt.disputes[-1]) if attempt.disputes else None,
        "next": step and asdict(step),
    }


def _marks(plan: Plan, attempt: Attempt) -> list[View] | None:
    if attempt.marks is None:
        return None
    scale = plan.instrument_of(attempt).scale
    return [
        {"outcome": outcome, "mark": mark, "passed": scale.passes(mark)}
        for outcome, mark in attempt.marks.items()
    ]


def _sheet(sheet: Sheet) -> View:
    marks = [{"outcome": outcome, "mark": mark} for outcome, mark in sheet.marks.items()]
    return {
        "round": sheet.round,
        "kind": sheet.kind,
        "marker": sheet.marker,
        "marks": marks,
        "assessed_on": sheet.assessed_on,
        "feedback": [asdict(word) for word in sheet.feedback],
        "given_at": sheet.given_at,
    }


def _dispute(dispute: Dispute) -> View:
    return {
        "reason": dispute.reason,
        "raised_at": dispute.raised_at,
        "answer": dispute.answer,
        "answered_at": dispute.answered_at,
    }
