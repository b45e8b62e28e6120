"""What follows for a recognition: from the certificate, from people, from time. Only a person decides."""

from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from services.certification.domain.machines import RECOGNITION
from services.certification.domain.recognition import (
    AGREEMENT,
    REJECTED,
    REPLACED,
    REVOKED,
    SUSPENDED,
    WAITING,
    Basis,
    Recognition,
    Standing,
    Step,
    facts,
)
from services.certification.domain.recognition_rules import Ruling
from shared.domain import Change, DomainEvent
from shared.durations import add_duration

_TRIGGERS: Final = MappingProxyType(
    {"recognised": "recognise", "partly_recognised": "recognise_partly", "refused": "refuse"}
)


def proposed(case: Recognition, now: datetime) -> Step:
    """A case that was agreed in advance comes before the institution; the learner files nothing (CRT-42)."""
    return Step(case).move("propose", decide_by=_deadline(case, now))


def requested(case: Recognition, now: datetime) -> Step:
    """A learner's request comes before the institution, once its certificate has been looked at (ADM-32)."""
    return Step(case).move("request", decide_by=_deadline(case, now))


def withdrawn(case: Recognition) -> Step:
    """The holder does not want it looked at.

    Raises:
        IllegalTransitionError: it is decided or closed.
    """
    return Step(case).move("withdraw", cause=None, decide_by=None, paused_at=None, examination=None)


def followed(case: Recognition, standing: Standing, now: datetime) -> Step:
    """What follows for a case from its award's certificates as they are now; said again it changes nothing.

    An open case pauses with a suspended certificate, closes with a revoked one and goes on with the one that replaces
    it. What was decided stays as it is: its institution is asked to look at it again.
    """
    if standing.obstacle == SUSPENDED:
        return _suspended(case, now)
    if standing.obstacle is not None or standing.basis is None:
        return _gone(case, standing.obstacle or REVOKED, now)
    return _stands(case, standing.basis, now)


def _suspended(case: Recognition, now: datetime) -> Step:
    if case.state == "open":
        return Step(case).move("pause", cause=SUSPENDED, paused_at=now)
    return _review(case, SUSPENDED, case.basis, now)


def _gone(case: Recognition, cause: str, now: datetime) -> Step:
    if case.state in {"open", "paused"}:
        return Step(case).move("close", cause=cause, decide_by=None, paused_at=None)
    if cause == REJECTED:
        # What its holder does not want delivered has been decided, and stays decided.
        return Step(case)
    return _review(case, cause, case.basis, now)


def _stands(case: Recognition, basis: Basis, now: datetime) -> Step:
    same = basis.certificate_id == case.basis.certificate_id
    if case.state == "paused":
        pause = now - (case.paused_at or now)
        return Step(case).move(
            "resume", basis=basis, cause=None, paused_at=None, decide_by=(case.decide_by or now) + pause
        )
    if case.state == "open" and not same:
        return Step(case).move("renew", basis=basis, reason=f"replaced by certificate {basis.certificate_id}")
    if case.state == "closed" and not same and case.origin == AGREEMENT:
        return Step(case).move(
            "propose", basis=basis, cause=None, overdue=False, decide_by=_deadline(case, now)
        )
    if not same or (case.state == "under_review" and case.basis.digest != case.ruled_on):
        return _review(case, REPLACED, basis, now)
    if case.state == "under_review" and case.cause == SUSPENDED:
        return _back(case, "drop_review")
    # A certificate that stands again may be suspended another time, which is another question.
    return Step(replace(case, answered=None))


def _review(case: Recognition, cause: str, basis: Basis, now: datetime) -> Step:
    """Ask the institution to look again at what it recognised, once for each cause and certificate."""
    known = case.state == "under_review" and (case.cause, case.basis) == (cause, basis)
    if (
        known
        or case.answered == _question(cause, basis)
        or not RECOGNITION.allows(case.state, "propose_review")
    ):
        return Step(case)
    return Step(case).move(
        "propose_review",
        cause=cause,
        basis=basis,
        overdue=False,
        decide_by=_deadline(case, now),
        answered=None,
    )


def _question(cause: str | None, basis: Basis) -> str | None:
    return f"{cause}:{basis.digest}" if cause else None


def _back(case: Recognition, trigger: str, reason: str | None = None, **updates: Any) -> Step:
    outcome = case.ruling.outcome if case.ruling else None
    return Step(case).move(
        trigger, target=outcome, reason=reason, cause=None, decide_by=None, overdue=False, **updates
    )


def decided(case: Recognition, ruling: Ruling, reason: str | None = None) -> Step:
    """A named person has decided; `recognition_rules` has found nothing against the ruling.

    Raises:
        IllegalTransitionError: nobody is asked to decide now.
    """
    return Step(case).move(
        _TRIGGERS[ruling.outcome],
        reason=reason,
        ruling=ruling,
        number=case.number + 1,
        ruled_on=case.basis.digest,
        answered=_question(case.cause, case.basis),
        cause=None,
        decide_by=None,
        overdue=False,
    )


def upheld(case: Recognition, reason: str) -> Step:
    """The institution has looked again and leaves its decision as it is.

    Raises:
        IllegalTransitionError: nothing is under review.
    """
    answered = _question(case.cause, case.basis)
    return _back(case, "uphold", reason, ruled_on=case.basis.digest, answered=answered)


def fell_overdue(case: Recognition, now: datetime) -> Step:
    """The deadline has passed: the institution is reminded, the learner sees it, nothing is decided by it."""
    late = case.decide_by is not None and case.decide_by <= now
    if case.state not in WAITING or case.overdue or not late:
        return Step(case)
    after = replace(case, overdue=True)
    event = DomainEvent("recognition.overdue", facts(after), frozenset({after.institution}))
    change = Change("recognition", case.id, "fall_overdue", case.state, case.state)
    return Step(after, (event,), (change,))


def _deadline(case: Recognition, now: datetime) -> datetime:
    return add_duration(now, case.rule.decide_within)
