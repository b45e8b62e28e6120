"""The state tables of a certificate (D7), of its acceptance (D8), of signing keys and of two people's decisions."""

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

KEY: Final = Machine(
    name="signing key",
    initial="pending",
    table=(
        Transition("pending", "activate", "active", "key.activated"),
        Transition("pending", "retire", "retired", "key.retired"),
        Transition("active", "retire", "retired", "key.retired"),
        Transition("pending", "compromise", "compromised", "key.compromised"),
        Transition("active", "compromise", "compromised", "key.compromised"),
        Transition("retired", "compromise", "compromised", "key.compromised"),
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

RECOGNITION: Final = Machine(
    name="recognition",
    initial="received",
    table=(
        Transition("received", "propose", "open", "recognition.proposed"),
        Transition("received", "request", "open", "recognition.requested"),
        Transition("received", "withdraw", "withdrawn", "recognition.withdrawn"),
        Transition("open", "renew", "open", "recognition.proposed"),
        Transition("open", "pause", "paused", "recognition.paused"),
        Transition("open", "close", "closed", "recognition.closed"),
        Transition("open", "withdraw", "withdrawn", "recognition.withdrawn"),
        Transition("open", "recognise", "recognised", "recognition.decided"),
        Transition("open", "recognise_partly", "partly_recognised", "recognition.decided"),
        Transition("open", "refuse", "refused", "recognition.decided"),
        Transition("paused", "resume", "open", "recognition.resumed"),
        Transition("paused", "close", "closed", "recognition.closed"),
        Transition("paused", "withdraw", "withdrawn", "recognition.withdrawn"),
        Transition("closed", "propose", "open", "recognition.proposed"),
        Transition("recognised", "propose_review", "under_review", "recognition.review_proposed"),
        Transition("partly_recognised", "propose_review", "under_review", "recognition.review_proposed"),
        Transition("under_review", "propose_review", "under_review", "recognition.review_proposed"),
        Transition("under_review", "uphold", "recognised", "recognition.upheld"),
        Transition("under_review", "uphold", "partly_recognised", "recognition.upheld"),
        Transition("under_review", "drop_review", "recognised", "recognition.review_dropped"),
        Transition("under_review", "drop_review", "partly_recognised", "recognition.review_dropped"),
        Transition("under_review", "recognise", "recognised", "recognition.decided"),
        Transition("under_review", "recognise_partly", "partly_recognised", "recognition.decided"),
        Transition("under_review", "refuse", "refused", "recognition.decided"),
    ),
)
"""A certificate before the institution of one programme. What is decided stands until that institution decides again.

`renew` puts a replacing certificate in the place of the one that is looked at.
"""
