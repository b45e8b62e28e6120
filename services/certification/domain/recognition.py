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

AGREEMENT: Final = "agreement"
REQUEST: Final = "request"

WAITING: Final = frozenset({"open", "under_review"})
"""States in which somebody at the institution has to do something, with a deadline."""

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
