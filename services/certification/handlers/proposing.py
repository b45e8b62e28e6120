"""Recognition without asking (CRT-42): what is agreed is proposed as soon as there is a certificate.

The job derives everything from the award as it is, so that it may run as often as it likes and in any order.
"""

from typing import Any

from services.certification.domain.award import Award
from services.certification.domain.recognising import fell_overdue, followed, proposed
from services.certification.domain.recognition import AGREEMENT, Programme, Recognition, Standing
from services.certification.handlers.documents import offering_and_agreement
from services.certification.handlers.recognition_keeping import keep, rule_of, standing_of
from services.certification.store import recognition_queries, recognitions
from services.certification.store.awards import load_award
from services.certification.store.recognitions import StoredRecognition
from shared.ids import derived_id
from shared.messaging.jobs import Job, JobContext

Document = dict[str, Any]


def follow_recognitions(context: JobContext, job: Job) -> None:
    """Job: bring every case about a certificate of this award, agreed or asked for, into line with it."""
    with context.read() as connection:
        stored = load_award(connection, job.key)
        known = recognition_queries.of_award(connection, job.key)
        standing = standing_of(connection, stored.award) if stored else None
    if stored is None or standing is None:
        return
    if standing.basis is not None and not stored.award.stacked:
        _propose(context, stored.award, standing, known)
    for recognition_id in known:
        _follow(context, recognition_id, standing)


def _propose(context: JobContext, award: Award, standing: Standing, known: list[str]) -> None:
    offering, agreement = offering_and_agreement(context, award.offering_id, award.offering_version)
    for number, entry in enumerate(offering["recognition"]):
        recognition_id = recognition_id_of(award.id, entry["institution"], number)
        if recognition_id in known or standing.basis is None:
            continue
        case = Recognition(
            id=recognition_id,
            origin=AGREEMENT,
            learner_id=award.learner_id,
            programme=programme_of(offering, entry),
            rule=rule_of(agreement, entry),
            basis=standing.basis,
        )
        with context.unit_of_work() as uow:
            if recognitions.load(uow.connection, recognition_id) is None:
                keep(uow, StoredRecognition(case, None), proposed(case, uow.now))


def recognition_id_of(award_id: str, institution: str, number: int) -> str:
    """One case per award and programme, however often its certificate is issued anew or its event delivered."""
    return derived_id("recognition", award_id, institution, str(number))


def programme_of(offering: Document, entry: Document) -> Programme:
    """A programme that recognises the offering; with no outcomes named it looks at all of them."""
    titles = {outcome["id"]: outcome["title"] for outcome in offering["outcomes"]}
    named = tuple(entry.get("outcomes") or titles)
    return Programme(
        institution=entry["institution"],
        title=entry["programme"],
        credits=entry["credits"],
        outcomes=named,
        titles={name: titles[name] for name in named if name in titles},
    )


def _follow(context: JobContext, recognition_id: str, standing: Standing) -> None:
    with context.unit_of_work() as uow:
        stored = recognitions.load(uow.connection, recognition_id)
        if stored is not None:
            keep(uow, stored, followed(stored.case, standing, uow.now))


def remind(context: JobContext, job: Job) -> None:
    """Job: a deadline has passed without a decision."""
    with context.unit_of_work() as uow:
        stored = recognitions.load(uow.connection, job.key)
        if stored is not None:
            keep(uow, stored, fell_overdue(stored.case, uow.now))
