"""A stack: certificates that satisfy a rule, what the deciding body makes of them, and what becomes of a part later.

Nothing here grants, suspends or revokes by itself: a rule that is satisfied, and a part that does not stand any more,
lead to a proposal to the deciding body (CRT-24).
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

import rfc8785

from services.certification.domain.stack_rules import Part, Rule
from shared.domain import Machine, Transition
from shared.ids import derived_id

STACK: Final = Machine(
    name="stack",
    initial="satisfied",
    table=(
        Transition("satisfied", "propose", "proposed", "stack.proposed"),
        Transition("proposed", "grant", "granted", "stack.granted"),
        Transition("proposed", "refuse", "refused", "stack.refused"),
        Transition("proposed", "lapse", "lapsed", "stack.lapsed"),
        Transition("lapsed", "propose", "proposed", "stack.proposed"),
        Transition("granted", "review", "in_review", "stack.review_proposed"),
        Transition("in_review", "settle", "granted", "stack.review_settled"),
        Transition("in_review", "keep", "granted", "stack.kept"),
        Transition("in_review", "suspend", "suspended", "stack.suspended"),
        Transition("suspended", "keep", "granted", "stack.kept"),
        Transition("granted", "withdraw", "withdrawn", "stack.withdrawn"),
        Transition("in_review", "withdraw", "withdrawn", "stack.withdrawn"),
        Transition("suspended", "withdraw", "withdrawn", "stack.withdrawn"),
    ),
)

COUNTING: Final = frozenset({"granted", "in_review", "suspended"})
"""The credits of its parts have counted towards the larger award of its kind."""

STANDS: Final = "stands"
STANDINGS: Final = MappingProxyType(
    {
        STANDS: "it stands",
        "suspended": "it is suspended",
        "revoked": "it was revoked",
        "replaced": "it was replaced by one with other results",
        "missing": "it is not on record any more",
    }
)
"""How a part stands by now. A replacement with the same results takes its place, and stands."""

PARTS_CHANGED: Final = "a certificate that it rests on does not stand any more"
COUNTED_ELSEWHERE: Final = "its credits have counted towards another award of the same kind"


@dataclass(frozen=True, slots=True)
class StackPart:
    """A part as it is known. `accepted` is the standing with which the deciding body has kept the award."""

    award_id: str
    offering_id: str
    certificate_id: str
    results_digest: str
    standing: str = STANDS
    accepted: str = STANDS

    @property
    def in_doubt(self) -> bool:
        return self.standing not in {STANDS, self.accepted}


@dataclass(frozen=True, slots=True)
class Stack:
    """One set of parts of one learner under one version of a rule. `reason` is what its last decision says."""

    id: str
    learner_id: str
    agreement_id: str
    agreement_version: int
    rule_id: str
    rule_version: int
    kind: str
    deciding_body: str
    parts: tuple[StackPart, ...]
    state: str = STACK.initial
    reason: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None

    @property
    def larger_award_id(self) -> str:
        """The award of the larger certificate; there is one as soon as it is granted."""
        return derived_id("award", self.id)

    @property
    def offerings(self) -> frozenset[str]:
        return frozenset(part.offering_id for part in self.parts)

    @property
    def award_ids(self) -> frozenset[str]:
        return frozenset(part.award_id for part in self.parts)

    @property
    def in_doubt(self) -> bool:
        return any(part.in_doubt for part in self.parts)

    @property
    def results_digest(self) -> str:
        """The digest over the results of all parts: what the larger certificate rests on."""
        said = sorted([part.award_id, part.results_digest] for part in self.parts)
        return "sha256:" + hashlib.sha256(rfc8785.dumps(said)).hexdigest()


def stack_id(learner_id: str, rule: Rule, award_ids: Iterable[str]) -> str:
    """The one id of a set of parts under a version of a rule: detected again, it is the same stack."""
    return derived_id(
        "stack", learner_id, rule.agreement_id, rule.id, str(rule.version), *sorted(set(award_ids))
    )


def new_stack(learner_id: str, rule: Rule, parts: Iterable[Part]) -> Stack:
    """The stack of `parts` before anything was proposed."""
    chosen = tuple(
        StackPart(part.award_id, part.offering_id, part.certificate_id, part.results_digest)
        for part in sorted(parts, key=lambda part: part.award_id)
    )
    return Stack(
        id=stack_id(learner_id, rule, (part.award_id for part in chosen)),
        learner_id=learner_id,
        agreement_id=rule.agreement_id,
        agreement_version=rule.agreement_version,
        rule_id=rule.id,
        rule_version=rule.version,
        kind=rule.kind,
        deciding_body=rule.deciding_body,
        parts=chosen,
    )
