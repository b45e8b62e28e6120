"""The state tables of a certificate (D7), of its acceptance (D8) and of the decisions that take two people."""

from typing import Final

from shared.domain import Machine, Transition

CERTIFICATE: Final = Machine(
    name="certificate",
    initial="draft",
    table=(
        Transition("draft", "assemble", "incomplete", "certificate.blocked"),
        Transition("draft", "assemble", "ready", "certificate.ready"),
        Transition("incomplete", "supply_element", "ready", "certificate.ready"),
        Transition("draft", "cancel", "cancelled", "certificate.cancelled"),
        Transition("incomplete", "cancel", "cancelled", "certificate.cancelled"),
        Transition("ready", "issue", "issued", "certificate.issued"),
        Transition("ready", "block", "incomplete", "certificate.blocked"),
        Transition("ready", "cancel", "cancelled", "certificate.cancelled"),
        Transition("issued", "suspend", "suspended", "certificate.suspended"),
        Transition("suspended", "reinstate", "issued", "certificate.reinstated"),
        Transition("issued", "revoke", "revoked", "certificate.revoked"),
        Transition("suspended", "revoke", "revoked", "certificate.revoked"),
        Transition("issued", "supersede", "superseded", "certificate.superseded"),
        Transition("suspended", "supersede", "superseded", "certificate.superseded"),
    ),
)

OPEN: Final = frozenset({"draft", "incomplete", "ready"})
"""Being made: at most one per award."""

LIVE: Final = frozenset({"issued", "suspended"})
"""Signed and neither revoked nor replaced: at most one per award."""

WITHDRAWN: Final = frozenset({"suspended", "revoked", "superseded"})
"""Its bit in the status list is set."""

ACCEPTANCE: Final = Machine(
    name="acceptance",
    initial="unaccepted",
    table=(
        Transition("unaccepted", "accept", "accepted", "certificate.accepted"),
        Transition("unaccepted", "reject", "rejected", "certificate.rejected"),
    ),
)

PROPOSAL: Final = Machine(
    name="decision",
    initial="proposed",
    table=(
        Transition("proposed", "confirm", "confirmed", "decision.confirmed"),
        Transition("proposed", "refuse", "refused", "decision.refused"),
    ),
)
