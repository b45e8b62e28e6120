"""A learner asks an institution to recognise a certificate, where nothing was agreed in advance (ADM-32)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.certification.domain.recognising import requested
from services.certification.domain.recognition import (
    REQUEST,
    Basis,
    Exemption,
    Programme,
    Recognition,
    Step,
)
from services.certification.formats.did import institution_of
from services.certification.formats.vc_model import party_of
from services.certification.handlers.presented import Presented, read_presented
from services.certification.handlers.recognition_keeping import EXAMINE, basis_of, keep, rule_of
from services.certification.store import queries, recognition_queries, recognitions
from services.certification.store.awards import load_award
from services.certification.store.queries import Scope
from services.certification.store.recognitions import StoredRecognition
from shared.domain import ConflictError, InvalidError, NotFoundError, Pointer
from shared.ids import new_id
from shared.messaging.documents import kept_document
from shared.messaging.unit_of_work import UnitOfWork

Document = Mapping[str, Any]

MOST_WAITING: Final = 20
"""Requests of one learner that may wait at the same time."""


def ask(uow: UnitOfWork, learner_id: str, public_host: str, body: Document) -> str:
    """A learner asks an institution to recognise a certificate (ADM-32); returns the id of the case.

    A certificate of ours comes before the institution at once, one from elsewhere after it has been looked at.

    Raises:
        InvalidError: something named is not there, or does not fit the rest.
        NotFoundError: the learner has no such certificate.
        ConflictError: it does not stand, it is before that institution already, or too many requests wait.
    """
    certificate = _certificate(uow, learner_id, public_host, body)
    exemption, offering = _exemption(uow, body["exemption"])
    agreement = _agreement(uow, body, certificate.agreed, offering)
    _require_addressee(agreement, offering, body["institution"])
    case = Recognition(
        id=new_id(),
        origin=REQUEST,
        learner_id=learner_id,
        programme=_programme(body, exemption, offering),
        rule=rule_of(agreement),
        basis=certificate.basis,
        exemption=exemption,
    )
    _require_new(uow, case)
    presented = certificate.presented
    if presented is None:
        keep(uow, StoredRecognition(case, None), requested(case, uow.now))
    else:
        keep(uow, StoredRecognition(case, None), Step(case))
        recognitions.put_document(uow, case.id, presented.media_type, presented.content)
        uow.schedule(EXAMINE, case.id)
    return case.id


@dataclass(frozen=True, slots=True)
class _Certificate:
    """What a request is about: one of ours with the agreement that it names, or one from elsewhere as presented."""

    basis: Basis
    agreed: Document | None = None
    presented: Presented | None = None


def _certificate(uow: UnitOfWork, learner_id: str, public_host: str, body: Document) -> _Certificate:
    certificate_id = body["certificate_id"]
    if (certificate_id is None) == (body["credential"] is None):
        told = "Name one of yours, or present one from elsewhere as 'credential': one of the two."
        raise InvalidError("Say which certificate.", pointers=[Pointer("/certificate_id", told)])
    if certificate_id is not None:
        return _own(uow, learner_id, certificate_id)
    presented = read_presented(body["credential"])
    ours = _of_ours(uow, learner_id, public_host, presented)
    return _Certificate(presented.basis, presented=presented) if ours is None else _own(uow, learner_id, ours)


def _programme(body: Document, exemption: Exemption | None, offering: Document | None) -> Programme:
    wanted = exemption.outcomes if exemption else ()
    titles = {each["id"]: each["title"] for each in offering["outcomes"]} if offering else {}
    return Programme(
        institution=body["institution"],
        title={"en": body["programme"]},
        outcomes=wanted,
        titles={name: titles[name] for name in wanted},
    )


def _of_ours(uow: UnitOfWork, learner_id: str, public_host: str, presented: Presented) -> str | None:
    """The learner's own certificate of this installation, where that is what was presented."""
    identifier = presented.document.get("id")
    ours = institution_of(party_of(presented.document.get("issuer")), public_host) is not None
    if not ours or not isinstance(identifier, str):
        return None
    row = queries.by_credential_id(uow.connection, identifier)
    return row.id if row is not None and row.learner_id == learner_id else None


def _own(uow: UnitOfWork, learner_id: str, certificate_id: str) -> _Certificate:
    row = queries.certificate(uow.connection, Scope(learner_id=learner_id), certificate_id)
    stored = load_award(uow.connection, row.award_id) if row is not None else None
    if row is None or stored is None:
        raise NotFoundError("There is no such certificate, or it is not yours to see.")
    if row.state != "issued" or row.acceptance == "rejected":
        state = row.state if row.state != "issued" else "rejected by you"
        raise ConflictError(f"The certificate is {state}; only one that stands can be recognised.")
    live = stored.award.live
    basis = basis_of(uow.connection, stored.award, live) if live is not None else None
    if basis is None:
        raise ConflictError(
            "The certificate is one of attendance; nothing was assessed that could be recognised."
        )
    return _Certificate(basis, row.snapshot["agreement"])


def _exemption(uow: UnitOfWork, wanted: Document | None) -> tuple[Exemption | None, Document | None]:
    """The outcomes that the learner asks to be exempted from, and the offering that has them."""
    if wanted is None:
        return None, None
    named = wanted["offering"]
    offering = kept_document(uow.connection, "offerings", named["id"], named["version"])
    if offering is None:
        told = "There is no such offering version, or it is not known here yet."
        raise InvalidError("The exemption is from nothing.", pointers=[Pointer("/exemption/offering", told)])
    known = {outcome["id"] for outcome in offering["outcomes"]}
    strangers = [
        Pointer(f"/exemption/outcomes/{place}", f"'{name}' is not an outcome of the offering.")
        for place, name in enumerate(wanted["outcomes"])
        if name not in known
    ]
    if strangers:
        raise InvalidError("The exemption is from outcomes that are not there.", pointers=strangers)
    return Exemption(named["id"], named["version"], tuple(wanted["outcomes"])), offering


def _agreement(
    uow: UnitOfWork, body: Document, agreed: Document | None, offering: Document | None
) -> Document:
    """By which agreement is decided: that of the offering, the one named, or that of the certificate."""
    named = offering["agreement"] if offering is not None else body["agreement"] or agreed
    if named is None:
        told = "Name the agreement under which the institution decides about certificates from elsewhere."
        raise InvalidError("Under which agreement?", pointers=[Pointer("/agreement", told)])
    found = kept_document(uow.connection, "agreements", named["id"], named["version"])
    if found is None:
        told = "There is no such agreement version, or nothing is offered under it."
        raise InvalidError("There is no such agreement.", pointers=[Pointer("/agreement", told)])
    return found


def _require_addressee(agreement: Document, offering: Document | None, institution: str) -> None:
    """Exemption is given by who confirms results of the offering, recognition by any partner of the agreement."""
    if offering is not None:
        confirming = (offering["assessment"] or {"confirmation": {}})["confirmation"].get("institutions", ())
        able, who = set(confirming), "confirms results of the offering"
    else:
        able, who = (
            {partner["institution"] for partner in agreement["partners"]},
            "is a partner of the agreement",
        )
    if institution not in able:
        told = f"'{institution}' cannot decide it; who {who}: {', '.join(sorted(able)) or 'nobody'}."
        raise InvalidError("This is not the one to ask.", pointers=[Pointer("/institution", told)])


def _require_new(uow: UnitOfWork, case: Recognition) -> None:
    other = recognition_queries.answering(uow.connection, case)
    if other is not None:
        raise ConflictError(
            f"{case.institution} has this certificate before it already: recognition {other}."
        )
    if recognition_queries.waiting_requests(uow.connection, case.learner_id) >= MOST_WAITING:
        raise ConflictError(
            f"{MOST_WAITING} requests are waiting already; withdraw one, or wait for an answer."
        )
