"""Gather the elements from the documents and results they come from, and try them out before anybody learns.

Offering and agreement versions are the immutable JSON documents that admission publishes. Absent members count as
missing elements, never as errors: naming what is missing is the point.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date
from typing import Any, TypeVar

from shared.annex1.elements import (
    ATTENDANCE,
    MICRO_CREDENTIAL,
    Assessment,
    Elements,
    Grade,
    Institution,
    Learner,
    Level,
    Outcome,
    OutcomeResult,
    QualityAssurance,
    Supervision,
    Workload,
)
from shared.annex1.gate import check
from shared.annex1.missing import Missing
from shared.annex1.vocabulary import SUPERVISION_LEVELS

Document = Mapping[str, Any]
_Part = TypeVar("_Part", Workload, Level, QualityAssurance)

_SOMEBODY = Learner(given_name="Any", family_name="Learner", date_of_birth="2000-01-01")
_SOME_DAY = date(2026, 1, 1)
_SOME_HOURS = 1
_SETTLED = frozenset({"achieved", "recognised"})


def elements_from(
    offering: Document,
    agreement: Document,
    learner: Learner,
    results: Sequence[OutcomeResult],
    *,
    participation: str | None,
    issued_on: date | None,
    document_type: str = MICRO_CREDENTIAL,
) -> Elements:
    """The elements of one learner's document, as far as they are there; nothing is invented.

    `results` are the final results and recognitions of this learner only; an outcome may have one from each of
    several instruments, and all of them count.
    """
    settled = [result for result in results if result.state in _SETTLED]
    return Elements(
        document_type=document_type,
        learner=learner,
        title=offering.get("title") or {},
        issuer=institution(agreement, offering.get("issuer") or ""),
        awarding_bodies=tuple(institution(agreement, body) for body in offering.get("awarding_bodies") or ()),
        issued_on=None if issued_on is None else issued_on.isoformat(),
        outcomes=tuple(_outcome(outcome, settled) for outcome in offering.get("outcomes") or ()),
        workload=_pick(Workload, offering.get("workload")),
        level=_pick(Level, offering.get("level")),
        assessments=_assessments(offering, settled),
        participation=participation,
        quality_assurance=_pick(QualityAssurance, offering.get("quality_assurance")),
        languages=tuple(offering.get("languages") or ()),
        description=offering.get("description") or {},
        prerequisites=offering.get("prerequisites") or {},
        supervision=_weakest(settled),
        grades=tuple(_grade(result) for result in settled if result.mark is not None),
        stackability=offering.get("stackability"),
        further_information=offering.get("credit_transfer_advice") or {},
        origin=offering.get("origin"),
    )


def attended(elements: Elements, confirming: Institution | None, hours: int | None) -> Elements:
    """`elements` as a certificate of attendance has them: hours instead of credits, and no claim of learning.

    Who confirmed the attendance stands in the place of who awards; `hours` are those confirmed, else the offering's.
    """
    return replace(
        elements,
        document_type=ATTENDANCE,
        awarding_bodies=() if confirming is None else (confirming,),
        workload=Workload(hours=elements.workload.hours if hours is None else hours),
        outcomes=(),
        level=Level(),
        assessments=(),
        supervision=None,
        grades=(),
        stackability=None,
    )


def dry_run(offering: Document, agreement: Document) -> tuple[Missing, ...]:
    """What would keep a learner of this offering from a certificate, found before it is published.

    Supposes a learner on record who achieves every outcome in every summative instrument that covers it, or whose
    issuer confirms some hours of attendance; each track of the offering is tried with its own document type.
    """
    clause = agreement.get("certificate_clause") or {}
    found: dict[Missing, None] = {}
    for track in offering.get("tracks") or ("assessed",):
        elements = elements_from(
            offering,
            agreement,
            _SOMEBODY,
            _supposed_results(offering),
            participation=offering.get("participation"),
            issued_on=_SOME_DAY,
        )
        if track == "attendance":
            elements = attended(elements, elements.issuer, elements.workload.hours or _SOME_HOURS)
        found.update(dict.fromkeys(check(elements, clause)))
    return tuple(sorted(found, key=lambda missing: missing.element))


def institution(agreement: Document, identifier: str) -> Institution:
    """The partner as the agreement describes it, or an institution of which only the id is known."""
    for partner in agreement.get("partners") or ():
        if partner.get("institution") == identifier:
            return Institution(
                id=identifier,
                name=partner.get("name") or {},
                country=partner.get("country"),
                region=partner.get("region"),
                website=partner.get("website"),
                may_award=bool(partner.get("may_award")),
            )
    return Institution(id=identifier)


def _pick(kind: type[_Part], data: Document | None) -> _Part:
    known = {member.name for member in fields(kind)}
    return kind(**{name: value for name, value in (data or {}).items() if name in known})


def _outcome(outcome: Document, settled: Sequence[OutcomeResult]) -> Outcome:
    states = {result.state for result in settled if result.outcome == outcome["id"]}
    return Outcome(
        id=outcome["id"],
        title=outcome.get("title") or {},
        kind=outcome.get("kind"),
        esco=tuple(outcome.get("esco") or ()),
        state=min(states, default=None),  # "achieved" sorts before "recognised" and weighs more
    )


def _instruments(offering: Document) -> Sequence[Document]:
    return (offering.get("assessment") or {}).get("instruments") or ()


def _assessments(offering: Document, results: Iterable[OutcomeResult]) -> tuple[Assessment, ...]:
    titles = {instrument["id"]: instrument.get("title") or {} for instrument in _instruments(offering)}
    grouped: dict[str, list[OutcomeResult]] = {}
    for result in results:
        if result.instrument is not None:
            grouped.setdefault(result.instrument, []).append(result)
    return tuple(
        Assessment(
            instrument=instrument,
            title=titles.get(instrument, {}),
            type=proven[0].type,
            mode=proven[0].mode,
            outcomes=tuple(result.outcome for result in proven),
        )
        for instrument, proven in grouped.items()
    )


def _weakest(results: Iterable[OutcomeResult]) -> Supervision | None:
    counted = [result for result in results if result.supervision in SUPERVISION_LEVELS]
    if not counted:
        return None
    weakest = min(SUPERVISION_LEVELS.index(result.supervision or "") for result in counted)
    return Supervision(
        supervision=SUPERVISION_LEVELS[weakest],
        identity_verified=all(result.identity_verified for result in counted),
    )


def _grade(result: OutcomeResult) -> Grade:
    return Grade(result.outcome, result.mark or "", result.scale, result.instrument)


def _supposed_results(offering: Document) -> list[OutcomeResult]:
    return [
        OutcomeResult(
            outcome=outcome,
            state="achieved",
            instrument=instrument["id"],
            type=instrument.get("type"),
            mode=instrument.get("mode"),
        )
        for instrument in _instruments(offering)
        if instrument.get("purpose") == "summative"
        for outcome in instrument.get("outcomes") or ()
    ]
