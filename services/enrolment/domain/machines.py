"""The state tables of a registration (D2) and of an enrolment (D3), next to each other.

Registration states are the values of OOAPI's associationState; `x-suspended` uses its extension prefix.
"""

from typing import Final

from shared.domain import Machine, Transition

REGISTRATION: Final = Machine(
    name="registration",
    initial="pending",
    table=(
        Transition("pending", "confirm", "associated", "registration.associated"),
        Transition("pending", "queue", "queued", "registration.queued"),
        Transition("queued", "confirm", "associated", "registration.associated"),
        Transition("pending", "deny", "denied", "registration.denied"),
        Transition("queued", "deny", "denied", "registration.denied"),
        Transition("pending", "cancel", "cancelled", "registration.cancelled"),
        Transition("queued", "cancel", "cancelled", "registration.cancelled"),
        Transition("associated", "cancel", "cancelled", "registration.cancelled"),
        Transition("associated", "suspend", "x-suspended", "registration.suspended"),
        Transition("x-suspended", "resume", "associated", "registration.resumed"),
        Transition("x-suspended", "cancel", "cancelled", "registration.cancelled"),
        Transition("associated", "finish", "finished", "registration.finished"),
    ),
)

ENROLMENT: Final = Machine(
    name="enrolment",
    initial="pending",
    table=(
        Transition("pending", "all_required_for_start_associated", "enrolled", "enrolment.activated"),
        Transition("pending", "required_denied", "cancelled", "enrolment.cancelled"),
        Transition("pending", "cancel", "cancelled", "enrolment.cancelled"),
        Transition("pending", "withdraw", "withdrawn", "enrolment.withdrawn"),
        Transition("enrolled", "required_denied", "cancelled", "enrolment.cancelled"),
        Transition("suspended", "required_denied", "cancelled", "enrolment.cancelled"),
        Transition("enrolled", "suspend", "suspended", "enrolment.suspended"),
        Transition("suspended", "resume", "enrolled", "enrolment.resumed"),
        Transition("suspended", "withdraw", "withdrawn", "enrolment.withdrawn"),
        Transition("suspended", "cancel", "cancelled", "enrolment.cancelled"),
        Transition("suspended", "end", "ended", "enrolment.ended"),
        Transition("enrolled", "withdraw", "withdrawn", "enrolment.withdrawn"),
        Transition("enrolled", "cancel", "cancelled", "enrolment.cancelled"),
        Transition("enrolled", "complete", "completed", "enrolment.completed"),
        Transition("enrolled", "end", "ended", "enrolment.ended"),
        Transition("completed", "reopen", "enrolled", "enrolment.reopened"),
        Transition("ended", "reopen", "enrolled", "enrolment.reopened"),
    ),
)

UNANSWERED: Final = frozenset({"pending", "queued"})
HELD: Final = frozenset({"associated", "x-suspended", "finished"})
LOST: Final = frozenset({"denied", "cancelled"})
CALLED_OFF: Final = frozenset({"cancelled", "withdrawn"})
