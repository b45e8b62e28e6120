"""One certificate before one institution: proposed as agreed (CRT-42) or asked for by its holder (ADM-32).

Nothing counts by itself: a named person of the institution decides (CRT-36), and what was decided is changed by that
institution only. Deadlines remind; they never decide.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from services.certification.domain.machines import RECOGNITION
from services.certification.domain.recognition_rules import ForeignRule, Ruling
from shared.domain import Change, DomainEvent
from shared.durations import add_duration

AGREEMENT: Final = "agreement"
REQUEST: Final = "request"

WAITING: Final = frozenset({"open", "under_review"})
"""States in which somebody at the institution has to do something, with a deadline."""

DECIDED: Final = frozenset({"recognised", "partly_recognised", "refused"})

SUSPENDED: Final = "certificate_suspended"
REVOKED: Final = "certificate_revoked"
REPLACED: Final = "certificate_replaced"
REJECTED: Final = "rejected_by_holder"


@dataclass(frozen=True, slots=True)
class Programme:
    """What the certificate is to count towards. `credits` as agreed, None where nothing was agreed about them.

    `outcomes` are those that it is looked at for, by the ids of the offering that has them; `titles` says them.
    """

    institution: str
    title: Mapping[str, str]
    credits: str | None = None
    outcomes: tuple[str, ...] = ()
    titles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Exemption:
    """Outcomes of an offering that the learner asks to be exempted from (ADM-32)."""

    offering_id: str
    offering_version: int
    outcomes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """By what it is decided: the agreement's clause, or the programme's own criteria under that agreement."""

    agreement_id: str
    agreement_version: int
    criteria_version: str
    criteria: Mapping[str, str] = field(default_factory=dict)
    appeal: Mapping[str, str] = field(default_factory=dict)
    decide_within: str = "P30D"
    foreign: ForeignRule | None = None


@dataclass(frozen=True, slots=True)
class Basis:
    """The certificate: its credential's identifier, and the digest (`sha256:` and hex) of the credential's bytes.

    `issuer` is who issued it, as a reader is told. `certificate_id` and `award_id` name one of ours; both are None for
    a certificate from elsewhere.
    """

    credential_id: str
    digest: str
    title: Mapping[str, str]
    issuer: str
    credits: str | None = None
    eqf: int | None = None
    certificate_id: str | None = None
    award_id: str | None = None

    @property
    def foreign(self) -> bool:
        return self.certificate_id is None


@dataclass(frozen=True, slots=True)
class Examination:
    """What looking at a certificate from elsewhere showed; remarks, of which none decides anything.

    `holder` compares names: `same`, `different` or `unknown`. `objections` are what the agreement's rule says
    against it.
    """

    verdict: str
    checks: tuple[Mapping[str, str], ...]
    holder: str
    objections: tuple[str, ...]
    examined_at: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What is to be said of an award's certificates now: the one that counts, and why it does not where it does not.

    `obstacle` is None for a certificate that stands; `basis` is None where there is none that could.
    """

    basis: Basis | None
    obstacle: str | None = None


@dataclass(frozen=True, slots=True)
class Recognition:
    """One case. `cause` says why it is paused, closed or under review; `number` counts the decisions made in it.

    `ruled_on` is the digest of the credential that the ruling was made on; `answered` is what the institution has
    looked at since and has not changed its ruling for.
    """

    id: str
    origin: str
    learner_id: str
    programme: Programme
    rule: Rule
    basis: Basis
    state: str = RECOGNITION.initial
    exemption: Exemption | None = None
    examination: Examination | None = None
    decide_by: datetime | None = None
    overdue: bool = False
    paused_at: datetime | None = None
    cause: str | None = None
    number: int = 0
    ruling: Ruling | None = None
    ruled_on: str | None = None
    answered: str | None = None

    @property
    def institution(self) -> str:
        return self.programme.institution


@dataclass(frozen=True, slots=True)
class Step:
    """A case as it is to be, with what has to be told about the way there."""

    case: Recognition
    events: tuple[DomainEvent, ...] = ()
    changes: tuple[Change, ...] = ()

    def move(
        self, trigger: str, *, target: str | None = None, reason: str | None = None, **updates: Any
    ) -> "Step":
        """Fire `trigger`; `updates` are members that change with it.

        Raises:
            IllegalTransitionError: the case's state has no such row.
        """
        row = RECOGNITION.fire(self.case.state, trigger, target=target)
        after = replace(self.case, **{**updates, "state": row.target})
        event = DomainEvent(row.event, facts(after), frozenset({after.institution}))
        change = Change("recognition", after.id, trigger, row.source, row.target, reason)
        return Step(after, (*self.events, event), (*self.changes, change))


def facts(case: Recognition) -> dict[str, Any]:
    """What the events `recognition.*` carry: ids, codes, credits and link, never who the learner is."""
    data: dict[str, Any] = {
        "recognition_id": case.id,
        "learner_id": case.learner_id,
        "institution": case.institution,
        "origin": case.origin,
        "state": case.state,
        "agreement_id": case.rule.agreement_id,
        "agreement_version": case.rule.agreement_version,
        "criteria_version": case.rule.criteria_version,
        "link": f"/certification/v1/recognitions/{case.id}",
    }
    optional = {
        "certificate_id": case.basis.certificate_id,
        "award_id": case.basis.award_id,
        "cause": case.cause,
        "decide_by": case.decide_by.isoformat() if case.decide_by and case.state in WAITING else None,
        "credits": case.ruling.credits if case.ruling else None,
        "outcomes": list(case.ruling.outcomes) if case.ruling and case.ruling.outcomes else None,
        "decision_number": case.number or None,
    }
    data |= {name: value for name, value in optional.items() if value is not None}
    if case.exemption is not None:
        data["offering_id"] = case.exemption.offering_id
        data["offering_version"] = case.exemption.offering_version
    return data


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
        "propose_review", cause=cause, basis=basis, overdue=False, decide_by=_deadline(case, now)
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
    trigger = {"recognised": "recognise", "partly_recognised": "recognise_partly", "refused": "refuse"}
    return Step(case).move(
        trigger[ruling.outcome],
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
