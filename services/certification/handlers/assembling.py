"""Step 1 of issuing: gather what the certificate is made of, test the whole guard, take the snapshot."""

import secrets
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from services.certification.domain.attendance import elements_of
from services.certification.domain.award import Award, Certificate, Need
from services.certification.domain.decisions import assembled
from services.certification.domain.guard import missing_facts
from services.certification.domain.larger import StackReference
from services.certification.domain.manual import SAME_DATA
from services.certification.domain.snapshot import Snapshot, Version, written
from services.certification.formats.did import issuer_did
from services.certification.formats.renderer import EUROPEAN, OPEN_BADGES, OPEN_BADGES_JWT, PDF, RENDERERS
from services.certification.formats.statuslist import ENTRIES
from services.certification.handlers.documents import (
    agreement_version,
    learner_of,
    offering_and_agreement,
    results_of,
)
from services.certification.handlers.saving import save
from services.certification.handlers.stacked import Larger, facts_now, larger, stack_of
from services.certification.handlers.status_lists import status_list_url
from services.certification.store import issuance, status_lists
from services.certification.store.awards import load_award
from shared.annex1 import ATTENDANCE, Elements, Learner, OutcomeResult
from shared.ids import derived_id, new_id, secret_id
from shared.messaging.jobs import JobContext
from shared.messaging.unit_of_work import StaleAggregateError, UnitOfWork

Document = dict[str, Any]
ATTENDANCE_FORMATS: Final = frozenset({OPEN_BADGES, OPEN_BADGES_JWT, EUROPEAN, PDF})


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a certificate of `award` would be made of, as it was when it was asked for."""

    award: Award
    offering: Document
    agreement: Document
    learner: Learner
    results: tuple[OutcomeResult, ...]
    larger: Larger | None = None

    @property
    def reference(self) -> StackReference | None:
        return self.larger.reference if self.larger is not None else None

    @property
    def clause(self) -> Document:
        if self.larger is not None:
            return self.larger.clause
        clause: Document = self.agreement["certificate_clause"]
        return clause

    @property
    def issuer(self) -> str:
        issuer: str = self.offering["issuer"]
        return issuer

    def elements(self, issued_on: date) -> Elements:
        if self.larger is not None:
            return self.larger.elements(self.learner, issued_on)
        return elements_of(
            self.award, self.offering, self.agreement, self.learner, self.results, issued_on=issued_on
        )

    def day_at_issuer(self, moment: datetime) -> date:
        """The calendar day of `moment` where the issuer is."""
        zones = {partner["institution"]: partner.get("time_zone") for partner in self.agreement["partners"]}
        return moment.astimezone(ZoneInfo(zones.get(self.issuer) or "UTC")).date()


def gather(context: JobContext, award: Award) -> Gathered:
    """Documents, learner and results of `award`.

    Raises:
        RetryLater: another service is away, or not as far as its events are.
    """
    if award.stacked:
        return _gather_stack(context, award)
    offering, agreement = offering_and_agreement(context, award.offering_id, award.offering_version)
    return Gathered(
        award,
        offering,
        agreement,
        learner_of(context, award.learner_id),
        ()
        if award.document_type == ATTENDANCE
        else results_of(context, award, derived_id("plan", award.enrolment_id)),
    )


def _gather_stack(context: JobContext, award: Award) -> Gathered:
    with context.read() as connection:
        stack = stack_of(connection, award)
    agreement = agreement_version(context, stack.agreement_id, stack.agreement_version)
    with context.read() as connection:
        made = larger(connection, stack, agreement)
    return Gathered(award, made.offering, agreement, learner_of(context, award.learner_id), (), made)


def assemble(context: JobContext, gathered: Gathered) -> bool:
    """Step 1, the intent: test the whole guard and, with nothing missing, take the snapshot. True when ready."""
    with context.unit_of_work() as uow:
        stored = load_award(uow.connection, gathered.award.id)
        if stored is None or stored.award.proof != gathered.award.proof:
            raise StaleAggregateError("another completion has arrived in the meantime")
        elements = gathered.elements(gathered.day_at_issuer(uow.now))
        if _says_the_same(uow, stored.award, elements):
            return False
        missing = (
            *missing_facts(stored.award, elements, gathered.clause),
            *(facts_now(uow.connection, stored.award) if stored.award.stacked else ()),
            *_formats(gathered.clause),
        )
        decision = assembled(stored.award, new_id(), missing)
        save(uow, stored, decision)
        issuance.put_institutions(uow, stored.award.id, gathered.issuer, gathered.offering["awarding_bodies"])
        ready = decision.award.open
        if ready is None or ready.state != "ready":
            return False
        snapshot = _snapshot(context, uow, decision.award, ready, gathered=gathered, elements=elements)
        issuance.put_snapshot(uow, gathered.issuer, snapshot)
        return True


def _says_the_same(uow: UnitOfWork, award: Award, elements: Elements) -> bool:
    """Whether a replacement that was asked for would repeat the certificate; it waits until the record differs."""
    wanted, live = award.replacement, award.live
    if not award.replaces_live or wanted is None or live is None or wanted.reason_code in SAME_DATA:
        return False
    before = Snapshot.from_json(issuance.snapshot_of(uow.connection, live.id)).elements
    return replace(before, issued_on=elements.issued_on) == elements


def _formats(clause: Document) -> list[Need]:
    return [
        Need(f"format {name}", f"this version cannot make the format {name}", "agreement")
        for name in clause.get("formats") or ()
        if name not in RENDERERS
    ]


def _snapshot(
    context: JobContext,
    uow: UnitOfWork,
    award: Award,
    certificate: Certificate,
    *,
    gathered: Gathered,
    elements: Elements,
) -> Snapshot:
    """A certificate that was ready before keeps its public identifier and its place in the status list."""
    place = issuance.place_of(uow.connection, certificate.id)
    if place is None:
        # A letter first, so that it is a segment of a path whatever the draw.
        place = (f"v{secret_id()}", *status_lists.allocate(uow, gathered.issuer, ENTRIES))
    public_id, list_id, index = place
    issuance.put_place(uow, certificate.id, public_id, list_id, index)
    wanted = {OPEN_BADGES, OPEN_BADGES_JWT, *(gathered.clause.get("formats") or ())}
    if elements.document_type == ATTENDANCE:
        wanted &= ATTENDANCE_FORMATS
    return Snapshot(
        certificate_id=certificate.id,
        public_id=public_id,
        award_id=award.id,
        enrolment_id=award.enrolment_id,
        offering=_version(gathered.offering),
        agreement=_version(gathered.agreement),
        elements=elements,
        completion_number=certificate.completion_number,
        results_digest=certificate.results_digest,
        issued_at=written(uow.now),
        awarded_at=written(award.proof.at if award.proof else uow.now),
        issuer_did=issuer_did(context.settings.public_host, gathered.issuer),
        base_url=context.settings.public_url,
        status_list_url=status_list_url(context.settings, list_id),
        status_index=index,
        email_salt=secrets.token_urlsafe(12),
        formats=tuple(name for name in RENDERERS if name in wanted),
        supersedes=certificate.supersedes,
        stack=gathered.reference,
    )


def _version(document: Document) -> Version:
    return Version(document["id"], document["version"], document["digest"])
