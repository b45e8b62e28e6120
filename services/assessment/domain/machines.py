"""The state machines of assessment: D4 plan, D5 attempt with its verification, D6 marking, next to each other."""

from typing import Final

from shared.domain import Machine, Transition

PLAN: Final = Machine(
    "assessment plan",
    "assigned",
    (
        Transition("assigned", "start", "in_progress", "assessment_plan.started"),
        Transition("assigned", "lapse", "lapsed", "assessment_plan.lapsed"),
        Transition("assigned", "void", "voided", "assessment_plan.voided"),
        Transition("in_progress", "all_outcomes_settled", "awaiting_confirmation", "completion.proposed"),
        Transition("in_progress", "lapse", "lapsed", "assessment_plan.lapsed"),
        Transition("in_progress", "void", "voided", "assessment_plan.voided"),
        Transition("awaiting_confirmation", "confirm", "achieved", "completion.achieved"),
        Transition("awaiting_confirmation", "confirm", "not_achieved", "completion.not_achieved"),
        Transition("awaiting_confirmation", "reopen", "in_progress", "completion.reopened"),
        Transition("awaiting_confirmation", "void", "voided", "assessment_plan.voided"),
        Transition("achieved", "overturn", "in_progress", "completion.overturned"),
        Transition("not_achieved", "reopen", "in_progress", "completion.reopened"),
        Transition("lapsed", "extend", "in_progress", "assessment_plan.extended"),
    ),
)

ATTEMPT: Final = Machine(
    "attempt",
    "pending",
    (
        Transition("pending", "book", "associated", "attempt.associated"),
        Transition("pending", "cancel", "cancelled", "attempt.cancelled"),
        Transition("associated", "submit", "finished", "attempt.submitted"),
        Transition("associated", "time_out", "finished", "attempt.submitted"),
        Transition("associated", "cancel", "cancelled", "attempt.cancelled"),
    ),
)

MARKING: Final = Machine(
    "marking",
    "notmarked",
    (
        Transition("notmarked", "begin", "inmarking", "attempt.marking_started"),
        Transition("inmarking", "complete", "readyforreview", "attempt.marked"),
        Transition("readyforreview", "sample", "inreview", "attempt.moderation_started"),
        Transition("readyforreview", "skip", "readyforrelease", "attempt.moderated"),
        Transition("inreview", "agree", "readyforrelease", "attempt.moderated"),
        Transition("inreview", "return", "inmarking", "attempt.returned_to_marking"),
        Transition("readyforrelease", "release", "released", "result.released"),
        Transition("released", "remark", "inmarking", "result.reopened"),
        Transition("released", "confirm", "final", "result.final"),
        Transition("final", "overturn", "inmarking", "result.overturned"),
    ),
)

# Beside D5: whether the person who sat the attempt is the learner. A rejection can be looked at again, because no
# decision against a learner is beyond repair.
VERIFICATION: Final = Machine(
    "verification",
    "pending",
    (
        Transition("pending", "verify", "verified", "attempt.verified"),
        Transition("pending", "reject", "rejected", "attempt.rejected"),
        Transition("pending", "refer", "second_review_required", "attempt.referred"),
        Transition("verified", "refer", "second_review_required", "attempt.referred"),
        Transition("rejected", "refer", "second_review_required", "attempt.referred"),
        Transition("second_review_required", "verify", "verified", "attempt.verified"),
        Transition("second_review_required", "reject", "rejected", "attempt.rejected"),
    ),
)

NOT_REQUIRED: Final = "not_required"
