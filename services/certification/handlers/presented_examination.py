"""A certificate from elsewhere before people decide: verdict, holder, the agreement's rule; all of it remarks."""

import json
from dataclasses import asdict, replace
from typing import Any, Final

from services.certification.domain.recognising import requested
from services.certification.domain.recognition import Examination, Recognition, Step
from services.certification.domain.recognition_rules import foreign_objections
from services.certification.formats.vc_model import party_of
from services.certification.handlers.aside import Aside
from services.certification.handlers.documents import learner_of
from services.certification.handlers.foreign import verify_any
from services.certification.handlers.presented import JWT, SEALED, Presented, presented_again
from services.certification.handlers.recognition_keeping import keep
from services.certification.handlers.sealed import is_sealed, verify_sealed
from services.certification.handlers.verification import Verdict, same_name
from services.certification.keys.seals import Seals
from services.certification.store import queries, recognitions
from shared.annex1 import ATTENDANCE, Learner
from shared.annex1.reading import Reading
from shared.domain import Change
from shared.fetch import Fetcher
from shared.messaging.jobs import Job, JobContext

_PATIENCE: Final = 60.0
"""Seconds, for verifiers at the public door to have done."""


def examine_presented(
    aside: Aside[Examination], seals: Seals | None, fetcher: Fetcher, context: JobContext, job: Job
) -> None:
    """Job: verify the presented certificate, compare its holder, apply the agreement's rule; then it waits for people.

    Whatever is found, the request comes before its institution: nothing is refused by a machine (GDPR Article 22).

    Raises:
        RetryLater: a host that the certificate names has not answered yet, or admission, which knows the learner's
            name, is away.
    """
    with context.read() as connection:
        stored = recognitions.load(connection, job.key)
        kept = recognitions.document_of(connection, job.key)
    if stored is None or kept is None:
        return
    presented = presented_again(kept.media_type, kept.content)
    case = stored.case
    found = aside.result(job.key, lambda: _examination(seals, fetcher, context, case, presented))
    with context.unit_of_work() as uow:
        stored = recognitions.load(uow.connection, job.key)
        if stored is None or stored.case.state not in {"received", "open"}:
            return
        case = replace(stored.case, examination=found)
        change = Change("recognition", case.id, "examine", case.state, case.state)
        step = requested(case, uow.now) if case.state == "received" else Step(case, changes=(change,))
        keep(uow, stored, step)


def _examination(
    seals: Seals | None, fetcher: Fetcher, context: JobContext, case: Recognition, presented: Presented
) -> Examination:
    learner = learner_of(context, case.learner_id)
    verdict = _verdict(seals, fetcher, context, presented)
    objections = list(
        foreign_objections(
            case.rule.foreign, _issuers(presented, verdict), presented.basis.eqf, presented.basis.credits
        )
    )
    if presented.reading.document_type == ATTENDANCE:
        objections.append("it certifies attendance, and nothing was assessed")
    if _is_anothers(context, case, presented):
        objections.append("it was issued here, to another learner")
    return Examination(
        verdict=verdict.verdict,
        checks=tuple(asdict(check) for check in verdict.checks),
        holder=holder_of(presented.reading, learner),
        objections=tuple(objections),
        examined_at=verdict.checked_at.isoformat(),
    )


def _verdict(seals: Seals | None, fetcher: Fetcher, context: JobContext, presented: Presented) -> Verdict:
    text = presented.content.decode()
    given: Any = text if presented.media_type == JWT else json.loads(text)
    settings, now = context.settings, context.clock.now()
    with context.read() as connection:
        if seals is not None and is_sealed(given):
            return verify_sealed(connection, settings, now, seals, given)
        return verify_any(connection, settings, now, fetcher, given, patience=_PATIENCE)


def _is_anothers(context: JobContext, case: Recognition, presented: Presented) -> bool:
    identifier = presented.document.get("id")
    if not isinstance(identifier, str):
        return False
    with context.read() as connection:
        row = queries.by_credential_id(connection, identifier)
    return row is not None and row.learner_id != case.learner_id


def holder_of(reading: Reading, learner: Learner) -> str:
    """`same`, `different` or `unknown`: the names, and the birth date where both know one."""
    names = [fact.value for fact in reading.names if isinstance(fact.value, str) and fact.value.strip()]
    if not names or not learner.full_name:
        return "unknown"
    if not any(same_name(name, learner.full_name) for name in (*names, " ".join(names))):
        return "different"
    born = {str(fact.value)[:10] for fact in reading.birth_dates}
    if born and learner.date_of_birth and learner.date_of_birth not in born:
        return "different"
    return "same"


def _issuers(presented: Presented, verdict: Verdict) -> frozenset[str]:
    """The identifiers that the verified signature vouches for; a seal does so only under a trusted authority."""
    issuer = presented.document.get("issuer")
    if presented.media_type == SEALED:
        outcomes = {check.name: check.outcome for check in verdict.checks}
        stated = issuer.get("eIDASIdentifier") if isinstance(issuer, dict) else None
        vouched = isinstance(stated, dict) and outcomes.get("issuer") == "passed"
        named = stated.get("notation") if vouched and isinstance(stated, dict) else None
    else:
        named = party_of(issuer)
    return frozenset({named}) if isinstance(named, str) and named else frozenset()
