"""What officers of the reviewing institution do with a case; where it takes two of them, see `decisions`."""

from typing import Any, Final

from services.admission.api import application_schema as schemas
from services.admission.api.evidence_schema import Verification
from services.admission.api.views import scope_of, shown
from services.admission.handlers import conditions, proofs
from services.admission.handlers import reviews as commands
from services.admission.handlers.case import Case
from services.admission.store.cases import find_part
from services.admission.store.tables import evidence
from shared.messaging.unit_of_work import UnitOfWork
from shared.web import Blueprint, Role, caller, policy

blp: Final = Blueprint(
    "reviews", __name__, url_prefix="/admission/v1", description="Review by the reviewing institution"
)


def case_for_review(uow: UnitOfWork, application_id: str) -> Case:
    """The case, if the caller's institution reviews it and it is not the caller's own."""
    officer = caller()
    return commands.load_for_review(uow, scope_of(officer), application_id, officer.learner_id)


@blp.route("/applications/<id>/review", methods=["POST"])
@policy(Role.ADMISSIONS_OFFICER)
@blp.command(schemas.Application, status=201)
def begin_review(uow: UnitOfWork, id: str) -> Any:  # noqa: A002
    """Take the case up."""
    return shown(uow.connection, commands.begin_review(uow, case_for_review(uow, id)))


@blp.route("/applications/<id>/information-request", methods=["POST"])
@policy(Role.ADMISSIONS_OFFICER)
@blp.arguments(schemas.InformationRequest)
@blp.command(schemas.Application, status=201)
def request_information(uow: UnitOfWork, body: dict[str, Any], id: str) -> Any:  # noqa: A002
    """Ask the learner for something more; unanswered, the case comes back marked overdue."""
    return shown(uow.connection, commands.request_information(uow, case_for_review(uow, id), body["request"]))


@blp.route("/evidence/<id>/verification", methods=["POST"])
@policy(Role.ADMISSIONS_OFFICER)
@blp.arguments(Verification)
@blp.command(schemas.Application, status=201)
def verify_evidence(uow: UnitOfWork, body: dict[str, Any], id: str) -> Any:  # noqa: A002
    """Stand behind a piece of evidence, with the facts that it shows."""
    application_id = find_part(uow.connection, evidence, id).application_id
    return shown(uow.connection, proofs.verify_evidence(uow, case_for_review(uow, application_id), id, body))


@blp.route("/applications/<id>/offers", methods=["POST"])
@policy(Role.ADMISSIONS_OFFICER)
@blp.arguments(schemas.NewOffer)
@blp.command(schemas.Application, status=201)
def make_offer(uow: UnitOfWork, body: dict[str, Any], id: str) -> Any:  # noqa: A002
    """Offer a place; where no seat is free the application queues with its offer prepared."""
    return shown(uow.connection, commands.make_offer(uow, case_for_review(uow, id), body))


@blp.route("/applications/<id>/waiting-list", methods=["POST"])
@policy(Role.ADMISSIONS_OFFICER)
@blp.arguments(schemas.NewPlace)
@blp.command(schemas.Application, status=201)
def waitlist(uow: UnitOfWork, body: dict[str, Any], id: str) -> Any:  # noqa: A002
    """Put the application in the queue of a full offering."""
    return shown(uow.connection, commands.waitlist(uow, case_for_review(uow, id), body))


@blp.route("/applications/<id>/offer-withdrawal", methods=["POST"])
@policy(Role.ADMISSIONS_OFFICER)
@blp.arguments(schemas.Reason)
@blp.command(schemas.Application, status=201)
def withdraw_offer(uow: UnitOfWork, body: dict[str, Any], id: str) -> Any:  # noqa: A002
    """Take an unanswered offer back."""
    return shown(uow.connection, commands.withdraw_offer(uow, case_for_review(uow, id), body["reason"]))


@blp.route("/applications/<id>/condition-decisions", methods=["POST"])
@policy(Role.ADMISSIONS_OFFICER)
@blp.arguments(schemas.ConditionDecision)
@blp.command(schemas.Application, status=201)
def meet_condition(uow: UnitOfWork, body: dict[str, Any], id: str) -> Any:  # noqa: A002
    """Record that a condition of the offer is met; the last one admits."""
    return shown(uow.connection, conditions.meet_condition(uow, case_for_review(uow, id), body))


@blp.route("/applications/<id>/duplicate-resolution", methods=["POST"])
@policy(Role.ADMISSIONS_OFFICER)
@blp.arguments(schemas.DuplicateResolution)
@blp.command(schemas.Application, status=201)
def resolve_duplicates(uow: UnitOfWork, body: dict[str, Any], id: str) -> Any:  # noqa: A002
    """Record whether the applicant is somebody who applied already; it is not asked again."""
    return shown(
        uow.connection, commands.resolve_duplicates(uow, case_for_review(uow, id), body["resolution"])
    )
