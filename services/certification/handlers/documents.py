"""Fetch what certificates are made of: immutable versions once and for ever, learner and results when needed."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from services.certification.domain.award import Award
from services.certification.store import issuance, queries
from shared.annex1 import Learner, OutcomeResult
from shared.messaging.documents import Document, Kind, published_document
from shared.messaging.jobs import Job, JobContext, RetryLater
from shared.rest import RestMissingError, RestUnavailableError

_SOON: Final = timedelta(seconds=0.5)


def keep_documents(context: JobContext, job: Job) -> None:
    """Job: keep an offering version and its agreement version, so that issuing needs neither later."""
    offering_id, version = job.payload["offering_id"], job.payload["version"]
    offering, _ = offering_and_agreement(context, offering_id, version)
    with context.unit_of_work() as uow:
        for award_id in queries.awards_of_offering(uow.connection, offering_id, version):
            issuance.put_institutions(uow, award_id, offering["issuer"], offering["awarding_bodies"])


def offering_and_agreement(context: JobContext, offering_id: str, version: int) -> tuple[Document, Document]:
    """The offering version and the agreement version it names, kept or fetched.

    Raises:
        RetryLater: admission is away, or does not know the version yet.
    """
    offering = _version(context, "offerings", offering_id, version)
    named = offering["agreement"]
    return offering, _version(context, "agreements", named["id"], named["version"])


def agreement_version(context: JobContext, agreement_id: str, version: int) -> Document:
    """An agreement version, kept or fetched.

    Raises:
        RetryLater: admission is away, or does not know the version yet.
    """
    return _version(context, "agreements", agreement_id, version)


def _version(context: JobContext, kind: Kind, identifier: str, version: int) -> Document:
    try:
        return published_document(context, kind, identifier, version)
    except (RestUnavailableError, RestMissingError) as error:
        raise RetryLater(_SOON, str(error)) from error


def learner_of(context: JobContext, learner_id: str) -> Learner:
    """Element 1 as admission has it now; empty where admission does not know the learner.

    Raises:
        RetryLater: admission is away.
    """
    try:
        record = context.rest.get("admission", f"/admission/v1/learners/{learner_id}")
    except RestMissingError:
        return Learner()
    except RestUnavailableError as error:
        raise RetryLater(_SOON, str(error)) from error
    return learner_from(record)


def learner_from(record: Mapping[str, Any]) -> Learner:
    """Element 1 from a learner's record."""
    return Learner(
        given_name=record.get("given_name") or "",
        family_name=record.get("family_name") or "",
        date_of_birth=record.get("date_of_birth"),
        identifier=record.get("esi"),
        email=record.get("email"),
        identity_verified=record.get("identity_verification", "unverified") != "unverified",
    )


def results_of(context: JobContext, award: Award, plan_id: str) -> tuple[OutcomeResult, ...]:
    """The proofs behind the completion that the award knows.

    Raises:
        RetryLater: assessment is away, or its plan is of another completion by now; the event of that one is on
            its way.
    """
    plan = asked(context, "assessment", f"/assessment/v1/plans/{plan_id}")
    expected = award.completion.results_digest if award.completion else None
    if plan.get("results_digest") != expected:
        raise RetryLater(_SOON, "the plan's results are those of another completion")
    return results_from(plan)


def results_from(plan: Mapping[str, Any]) -> tuple[OutcomeResult, ...]:
    """The final results and recognitions that a plan shows to a service."""
    return tuple(_result(result) for result in plan["results"])


def _result(data: Mapping[str, Any]) -> OutcomeResult:
    return OutcomeResult(
        outcome=data["outcome"],
        state=data["state"],
        instrument=data.get("instrument"),
        type=data.get("type"),
        mode=data.get("mode"),
        supervision=data.get("supervision"),
        identity_verified=bool(data.get("identity_verified")),
        mark=data.get("mark"),
        scale=data.get("scale"),
    )


def asked(context: JobContext, service: str, path: str) -> Any:
    """What another service has at `path`.

    Raises:
        RetryLater: it is away, or does not have it yet.
    """
    try:
        return context.rest.get(service, path)
    except (RestUnavailableError, RestMissingError) as error:
        raise RetryLater(_SOON, str(error)) from error
