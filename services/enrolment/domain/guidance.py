"""What is next in an enrolment, by whom and until when (SHR-12): for the learner and for the registrar."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.enrolment.domain.model import Enrolment, Registration


@dataclass(frozen=True, slots=True)
class Next:
    """`what` is a code; `who` is `learner`, `system`, `certification` or `institution`, the latter with those meant.

    `see` is the path of what another service knows better: the certificates, once the studies are completed.
    """

    what: str
    who: str
    institutions: tuple[str, ...] = ()
    until: datetime | None = None
    see: str | None = None


def what_is_next(enrolment: Enrolment) -> Next | None:
    """The next step of `enrolment`, or None when nothing is left to do."""
    match enrolment.state:
        case "pending":
            return _while_pending(enrolment)
        case "enrolled" if enrolment.track == "attendance":
            return Next("attend", "learner")
        case "enrolled":
            return Next("be_assessed", "learner")
        case "suspended":
            return Next("resume_studies", "learner")
        case "completed":
            return _after_completion(enrolment)
        case _:
            return None


def _while_pending(enrolment: Enrolment) -> Next:
    if enrolment.planned_at is None:
        return Next("prepare_registrations", "system")
    return _answers_of("answer_registration", enrolment.awaited("start"))


def _after_completion(enrolment: Enrolment) -> Next:
    denied = [r for r in enrolment.current if r.required and r.state in {"denied", "cancelled"}]
    if denied:
        who = {enrolment.coordinating_institution, enrolment.reviewing_institution} - {None}
        return Next("request_registration_again", "institution", tuple(sorted(str(i) for i in who)))
    waiting = enrolment.awaited("award")
    if waiting:
        return _answers_of("answer_registration", waiting)
    return Next(
        "see_certificate", "certification", see=f"/certification/v1/certificates?enrolment={enrolment.id}"
    )


def _answers_of(what: str, registrations: Iterable[Registration]) -> Next:
    waiting = list(registrations)
    institutions = tuple(sorted(r.institution for r in waiting))
    return Next(what, "institution", institutions, max((r.answer_by for r in waiting), default=None))
