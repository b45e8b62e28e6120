"""Decisions that two different people of the reviewing institution take (four eyes; practice.md C1).

One proposes, another confirms; only then anything happens. The database refuses one person in both places too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from services.admission.domain.machine import APPLICATION
from shared.domain import Actor, ConflictError, InvalidError, Machine, Pointer, Transition

REJECTION: Final = "rejection"
WAIVER: Final = "waiver"
OVERRIDE: Final = "override"
CORRECTION: Final = "correction"
REVOCATION: Final = "revocation"
CONDITIONS_NOT_MET: Final = "conditions_not_met"
RPL_ACCEPTANCE: Final = "rpl_acceptance"

TRIGGER_OF: Final = {
    REJECTION: "reject",
    CORRECTION: "correct",
    REVOCATION: "revoke_admission",
    CONDITIONS_NOT_MET: "conditions_not_met",
}
"""The step of the application that a confirmed decision takes."""

DECISION_KINDS: Final = frozenset({*TRIGGER_OF, WAIVER, OVERRIDE, RPL_ACCEPTANCE})

_ABOUT: Final = {
    WAIVER: "a criterion of the rules, or a condition of the offer",
    CONDITIONS_NOT_MET: "a condition of the offer",
    RPL_ACCEPTANCE: "a piece of evidence",
}

_UNDECIDED: Final = frozenset({"submitted", "under_review", "information_requested"})
_STATES_OF: Final = {
    WAIVER: _UNDECIDED | {"pending_conditions", "offer"},
    OVERRIDE: _UNDECIDED,
    RPL_ACCEPTANCE: _UNDECIDED | {"pending_conditions", "offer"},
}

DECISION: Final = Machine(
    "decision",
    "proposed",
    (
        Transition("proposed", "confirm", "confirmed", "decision.confirmed"),
        Transition("proposed", "refuse", "refused", "decision.refused"),
    ),
)


@dataclass(frozen=True, slots=True)
class Decision:
    """`about` is the id of the criterion, condition or evidence that the decision is about, if it is about one."""

    id: str
    application_id: str
    kind: str
    state: str
    reason: str
    about: str | None
    proposed_by: str
    confirmed_by: str | None = None

    @property
    def people(self) -> tuple[str, str]:
        """The two people behind a confirmed decision."""
        if self.confirmed_by is None:
            raise ConflictError("This decision has not been confirmed.")
        return self.proposed_by, self.confirmed_by


def propose(
    kind: str,
    actor: Actor,
    *,
    decision_id: str,
    application_id: str,
    state: str,
    reason: str,
    about: str | None,
) -> Decision:
    """A decision of `kind` on an application in `state`, proposed by `actor`.

    Raises:
        IllegalTransitionError, ConflictError: the decision cannot be taken in this state.
        InvalidError: it does not say what it is about.
    """
    if kind in _ABOUT and about is None:
        raise InvalidError(
            f"A decision of kind '{kind}' is about {_ABOUT[kind]}.",
            pointers=[Pointer("/about", f"Name {_ABOUT[kind]} by its id.")],
        )
    check_possible(kind, state)
    return Decision(decision_id, application_id, kind, DECISION.initial, reason, about, actor.subject)


def check_possible(kind: str, state: str) -> None:
    """Refuse a decision that the application's state has no place for."""
    if kind in TRIGGER_OF:
        APPLICATION.fire(state, TRIGGER_OF[kind])
    elif state not in _STATES_OF[kind]:
        raise ConflictError(
            f"A decision of kind '{kind}' is possible in: {', '.join(sorted(_STATES_OF[kind]))}; "
            f"the application is in '{state}'."
        )


def check_new(decision: Decision, waiting: Sequence[Decision]) -> None:
    """Refuse what awaits its second person already: who agrees confirms that instead of proposing it again."""
    for other in waiting:
        if (other.kind, other.about) == (decision.kind, decision.about):
            raise ConflictError(f"This is proposed already; confirm or drop that proposal: {other.id}.")


def overtaken(decision: Decision, waiting: Sequence[Decision]) -> list[Decision]:
    """The proposals that fall with `decision`: it moves the case, and they were made for where the case stood."""
    return [other for other in waiting if decision.kind in TRIGGER_OF and other.id != decision.id]


def confirm(decision: Decision, actor: Actor) -> Decision:
    """The second person agrees.

    Raises:
        ConflictError: it is the person who proposed (check 5), or the decision is settled.
    """
    row = DECISION.fire(decision.state, "confirm")
    if actor.subject == decision.proposed_by:
        raise ConflictError("Who proposed a decision cannot confirm it; ask a colleague.")
    return replace(decision, state=row.target, confirmed_by=actor.subject)


def refuse(decision: Decision) -> Decision:
    """The proposal is dropped, by a second person or by the one who made it; the application stays as it is."""
    return replace(decision, state=DECISION.fire(decision.state, "refuse").target)
