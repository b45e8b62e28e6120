"""The life of an application as one table (state-machines.md D1) and the sets of states that rules speak of.

`deferral and reinstatement of offers` and appeals have rows but no trigger that anyone can pull yet.
"""

from typing import Final

from shared.domain import Machine, Transition

ADMITTED_EVENTS: Final = "offer.accepted + application.admitted"

APPLICATION: Final = Machine(
    "application",
    "draft",
    tuple(
        Transition(*row)
        for row in (
            ("draft", "submit", "submitted", "application.submitted"),
            ("draft", "expire", "expired", "application.expired"),
            ("submitted", "begin_review", "under_review", "application.review_started"),
            ("submitted", "make_offer", "offer", "offer.made"),
            ("submitted", "waitlist", "waitlisted", "application.waitlisted"),
            ("submitted", "withdraw", "withdrawn", "application.withdrawn"),
            (
                "under_review",
                "request_information",
                "information_requested",
                "application.information_requested",
            ),
            (
                "information_requested",
                "provide_information",
                "under_review",
                "application.information_provided",
            ),
            ("information_requested", "lapse", "under_review", "application.information_overdue"),
            ("information_requested", "withdraw", "withdrawn", "application.withdrawn"),
            ("under_review", "make_offer", "offer", "offer.made"),
            ("under_review", "waitlist", "waitlisted", "application.waitlisted"),
            ("under_review", "reject", "rejected", "application.rejected"),
            ("under_review", "withdraw", "withdrawn", "application.withdrawn"),
            ("waitlisted", "make_offer", "offer", "offer.made"),
            ("waitlisted", "reject", "rejected", "application.rejected"),
            ("waitlisted", "withdraw", "withdrawn", "application.withdrawn"),
            ("offer", "accept", "pending_conditions", "offer.accepted"),
            ("offer", "accept", "admitted", ADMITTED_EVENTS),
            ("offer", "decline", "declined", "offer.declined"),
            ("offer", "decline_by_default", "declined", "offer.declined"),
            ("offer", "withdraw_offer", "offer_withdrawn", "offer.withdrawn"),
            ("offer", "withdraw", "withdrawn", "application.withdrawn"),
            ("pending_conditions", "confirm_conditions_met", "admitted", "application.admitted"),
            (
                "pending_conditions",
                "conditions_not_met",
                "conditions_not_met",
                "application.conditions_not_met",
            ),
            ("pending_conditions", "defer_offer", "offer_deferred", "offer.deferred"),
            ("pending_conditions", "withdraw", "withdrawn", "application.withdrawn"),
            ("admitted", "defer_offer", "offer_deferred", "offer.deferred"),
            ("admitted", "withdraw", "withdrawn", "application.withdrawn"),
            ("admitted", "revoke_admission", "offer_withdrawn", "admission.revoked"),
            ("offer_deferred", "reinstate_pending_conditions", "pending_conditions", "offer.reinstated"),
            ("offer_deferred", "reinstate_conditions_met", "admitted", "offer.reinstated"),
            ("offer_deferred", "withdraw", "withdrawn", "application.withdrawn"),
            ("rejected", "correct", "under_review", "application.correction_made"),
            ("rejected", "uphold_appeal", "under_review", "appeal.upheld"),
            ("conditions_not_met", "uphold_appeal", "under_review", "appeal.upheld"),
            ("offer_withdrawn", "make_offer", "offer", "offer.made"),
        )
    ),
)

SETTLED: Final = frozenset(
    {"admitted", "conditions_not_met", "declined", "expired", "offer_withdrawn", "rejected", "withdrawn"}
)
"""Terminal for the normal flow."""

PLACED: Final = frozenset({"offer", "pending_conditions", "offer_deferred", "admitted"})
"""States that occupy a seat where the offering has a capacity."""

HAS_OFFER: Final = PLACED | {"waitlisted"}
"""States in which an offer is prepared, open or accepted."""

NOT_LIVE: Final = frozenset({"withdrawn", "declined", "expired", "rejected"})
"""States that let the learner apply to the same offering again."""

ENDED_ENROLMENT: Final = frozenset({"cancelled", "withdrawn", "ended"})
"""Enrolment states after which the learner may apply again (a completed one stays)."""

UNREVIEWED: Final = frozenset({"draft", "expired"})
"""States in which the reviewing institution has not been shown the application."""

UNOFFERED: Final = frozenset({"draft", "expired", "submitted", "under_review", "information_requested"})
"""States before any offer."""

UNDECIDED: Final = frozenset({"submitted", "under_review", "information_requested", "waitlisted"})
"""States in which evidence still counts."""


OFFERED: Final = frozenset({"offer", "pending_conditions"})
"""States on the way to an admission: an enrolment known here is that of one that was revoked."""


def is_live(state: str, enrolment_state: str | None) -> bool:
    """Whether an application in `state` keeps its learner from applying to the same offering again."""
    return state not in NOT_LIVE and (state in OFFERED or enrolment_state not in ENDED_ENROLMENT)
