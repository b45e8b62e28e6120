"""What a certificate would say today: the eleven elements, filled and open, from enrolment on (CRT-28)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from services.certification.domain.attendance import elements_of
from services.certification.domain.award import Award, Need
from services.certification.domain.guard import missing_facts
from services.certification.formats.pdf import UnprintableError, require_printable_name
from services.certification.formats.renderer import PDF
from services.certification.handlers.documents import learner_from, results_from
from services.certification.handlers.stacked import facts_now, larger, stack_of
from shared.annex1 import NAMES_OF, SOURCES_OF, Elements, Learner, OutcomeResult
from shared.domain import UnavailableError
from shared.ids import derived_id
from shared.messaging.documents import kept_document
from shared.rest import RestClient, RestMissingError, RestUnavailableError


@dataclass(frozen=True, slots=True)
class PreviewElement:
    """`sources` are those from whom the element comes, whether it is there or not."""

    element: int
    name: str
    sources: tuple[str, ...]
    missing: tuple[Need, ...]

    @property
    def filled(self) -> bool:
        return not self.missing


@dataclass(frozen=True, slots=True)
class Preview:
    award_id: str
    document_type: str
    elements: tuple[PreviewElement, ...]
    missing: tuple[Need, ...]


def preview(connection: sa.Connection, rest: RestClient, award: Award) -> Preview:
    """The elements of the award's document as they are now; the date of issuing is open until it is issued.

    Raises:
        UnavailableError: the offering is not kept yet, or another service is away.
    """
    if award.stacked:
        return _preview_of_stack(connection, rest, award)
    offering = kept_document(connection, "offerings", award.offering_id, award.offering_version)
    named = (offering or {}).get("agreement") or {}
    agreement = kept_document(connection, "agreements", named.get("id", ""), named.get("version", 0))
    if offering is None or agreement is None:
        raise UnavailableError("The offering has not been fetched yet; try again in a moment.")
    elements = elements_of(
        award, offering, agreement, _learner(rest, award), _results(rest, award), issued_on=None
    )
    clause = agreement["certificate_clause"]
    return _preview(award, (*missing_facts(award, elements, clause), *_unprintable(elements, clause)))


def _preview_of_stack(connection: sa.Connection, rest: RestClient, award: Award) -> Preview:
    stack = stack_of(connection, award)
    agreement = kept_document(connection, "agreements", stack.agreement_id, stack.agreement_version)
    if agreement is None:
        raise UnavailableError("The agreement has not been fetched yet; try again in a moment.")
    made = larger(connection, stack, agreement)
    elements = made.elements(_learner(rest, award), None)
    needs = (*missing_facts(award, elements, made.clause), *_unprintable(elements, made.clause))
    return _preview(award, (*needs, *facts_now(connection, award)))


def _unprintable(elements: Elements, clause: Mapping[str, Any]) -> tuple[Need, ...]:
    """A name that the PDF could not show blocks the certificate in the end, so it is told from the beginning."""
    if PDF not in (clause.get("formats") or ()):
        return ()
    try:
        require_printable_name(elements.learner.full_name)
    except UnprintableError as error:
        return (Need(NAMES_OF[elements.document_type][1], str(error), "learner", 1),)
    return ()


def _preview(award: Award, needs: tuple[Need, ...]) -> Preview:
    return Preview(
        award.id,
        award.document_type,
        tuple(
            PreviewElement(
                number,
                name,
                SOURCES_OF[award.document_type][number],
                tuple(need for need in needs if need.element == number),
            )
            for number, name in NAMES_OF[award.document_type].items()
        ),
        tuple(need for need in needs if need.element is None),
    )


def _learner(rest: RestClient, award: Award) -> Learner:
    record = _asked(rest, "admission", f"/admission/v1/learners/{award.learner_id}")
    return Learner() if record is None else learner_from(record)


def _results(rest: RestClient, award: Award) -> tuple[OutcomeResult, ...]:
    plan = _asked(rest, "assessment", f"/assessment/v1/plans/{derived_id('plan', award.enrolment_id)}")
    return () if plan is None else results_from(plan)


def _asked(rest: RestClient, service: str, path: str) -> Any:
    try:
        return rest.get(service, path)
    except RestMissingError:
        return None
    except RestUnavailableError as error:
        raise UnavailableError(f"The {service} service is away; try again in a moment.") from error
