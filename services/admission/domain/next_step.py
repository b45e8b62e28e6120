"""What is next in a case, by whom and until when: the line that an applicant reads first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.admission.domain.application import Application
from services.admission.domain.procedure import Procedure

LEARNER: Final = "learner"
REVIEWER: Final = "reviewing_institution"
PARTNERS: Final = "registering_institutions"
CERTIFICATION: Final = "certification"
NOBODY: Final = "nobody"


@dataclass(frozen=True, slots=True)
class NextStep:
    """`what` is a code; `institution` is set where one is to act; `until` where there is a deadline.

    `complaints_to` is the institution that the agreement names for complaints (ADM-30). `see` is the path of what
    another service knows better: after the admission the enrolment, after the completion its certificates.
    """

    what: str
    who: str
    institution: str | None
    until: datetime | None
    complaints_to: str
    see: str | None = None


_BY_STATE: Final = {
    "draft": ("submit_the_application", LEARNER),
    "submitted": ("begin_the_review", REVIEWER),
    "under_review": ("decide_on_the_application", REVIEWER),
    "information_requested": ("provide_the_information_asked_for", LEARNER),
    "waitlisted": ("wait_for_a_free_seat", NOBODY),
    "offer": ("answer_the_offer", LEARNER),
    "pending_conditions": ("meet_the_conditions_of_the_offer", LEARNER),
    "offer_deferred": ("wait_for_the_deferred_start", NOBODY),
}

_ADMITTED: Final = {
    None: ("register_at_the_institutions_concerned", PARTNERS),
    "pending": ("register_at_the_institutions_concerned", PARTNERS),
    "enrolled": ("learn_and_be_assessed", LEARNER),
    "suspended": ("resume_the_studies", LEARNER),
    "completed": ("see_the_certificate", CERTIFICATION),
}


_LEFT: Final = frozenset({"withdrawn", "declined", "expired"})


def next_step(application: Application, procedure: Procedure, *, proposed: bool = False) -> NextStep:
    """The next step of `application`; `nothing` once the case is over.

    `proposed`: a decision waits for its second person. That is for the reviewers to know, not for the learner: nothing
    is decided by it.
    """
    what, who = _BY_STATE.get(application.state, ("nothing", NOBODY))
    if application.state == "submitted" and application.duplicate_hold:
        what = "look_into_a_possible_duplicate"
    if application.state == "admitted":
        what, who = _ADMITTED.get(application.enrolment_state, ("nothing", NOBODY))
    if proposed and application.state not in _LEFT:
        what, who = "confirm_or_drop_the_proposed_decision", REVIEWER
    return NextStep(
        what,
        who,
        application.reviewing_institution if who == REVIEWER else None,
        application.deadline_at,
        procedure.complaints_owner,
        _see(application),
    )


def _see(application: Application) -> str | None:
    if application.state != "admitted" or application.enrolment_id is None:
        return None
    if application.enrolment_state == "completed":
        return f"/certification/v1/certificates?enrolment={application.enrolment_id}"
    return f"/enrolment/v1/enrolments/{application.enrolment_id}"
