"""The plan template of an offering version: what every learner of it has to show, in which order, by which means.

Read once from the immutable document that admission publishes; unknown members are ignored.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from services.assessment.domain.scales import Scale
from shared.domain import InvalidError, NotFoundError

Document = Mapping[str, Any]
Text = Mapping[str, str]

SUMMATIVE: Final = "summative"
DEFAULT_END: Final = "P1Y"  # ENR-19: under one year unless the template says otherwise
_RESULT_ROLES: Final = frozenset({"awarding", "teaching"})


@dataclass(frozen=True, slots=True)
class Session:
    """A fixed time at which a scheduled instrument is taken; `capacity` counts learners, None is no limit."""

    id: str
    opens_at: datetime
    closes_at: datetime
    place: str | None
    capacity: int | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """How the marks of several markers become one: up to `tolerance` apart, their average; beyond, by `policy`."""

    policy: str
    tolerance: Decimal


@dataclass(frozen=True, slots=True)
class Instrument:
    """One way to show outcomes (AST-06 to AST-10)."""

    id: str
    title: Text
    purpose: str
    type: str | None
    mode: str | None
    outcomes: tuple[str, ...]
    max_attempts: int | None
    min_interval: str
    duration: str | None
    markers: int
    agreement: Agreement
    scale: Scale
    supervision: str
    identity_verification: bool
    booking_required: bool
    sessions: tuple[Session, ...]

    @property
    def summative(self) -> bool:
        """Only summative instruments count towards completion (AST-07)."""
        return self.purpose == SUMMATIVE

    def session(self, session_id: str) -> Session:
        for session in self.sessions:
            if session.id == session_id:
                return session
        raise InvalidError(f"'{session_id}' is not a session of {self.id}; see the plan's instruments")


@dataclass(frozen=True, slots=True)
class Group:
    """A component as the learner meets it: its outcomes, and the groups that come first (AST-31)."""

    id: str
    title: Text
    outcomes: tuple[str, ...]
    requires: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Who may make a result final, how many of them it takes, and how long a learner may dispute it before."""

    quorum: int
    institutions: frozenset[str]
    dispute_window: str


@dataclass(frozen=True, slots=True)
class Briefing:
    """What a learner has been given before the first attempt: rules, a sample and instructions (AST-15)."""

    rules: Text
    sample: Text
    instructions: Text


@dataclass(frozen=True, slots=True)
class Template:
    offering_id: str
    offering_version: int
    title: Text
    timing: str
    expected_end: str
    participation: str | None
    outcomes: Mapping[str, Text]
    groups: tuple[Group, ...]
    instruments: tuple[Instrument, ...]
    prerequisites: Mapping[str, frozenset[str]]
    confirmation: Confirmation
    briefing: Briefing
    institutions: frozenset[str]

    @property
    def rule_set(self) -> str:
        """The name under which history records the rules that a step was taken by."""
        return f"{self.offering_id}/{self.offering_version}"

    def instrument(self, instrument_id: str) -> Instrument:
        for instrument in self.instruments:
            if instrument.id == instrument_id:
                return instrument
        raise NotFoundError(f"this plan has no instrument '{instrument_id}'")

    def summative(self, outcome: str) -> tuple[Instrument, ...]:
        """The instruments that an outcome has to be shown in, all of them (AST-04, AST-10)."""
        return tuple(i for i in self.instruments if i.summative and outcome in i.outcomes)


def read_template(document: Document) -> Template:
    """The template in an offering version.

    Raises:
        InvalidError: the version has no assessment, or an outcome that no summative instrument covers (AST-29).
    """
    assessment = document.get("assessment")
    if assessment is None:
        raise InvalidError(f"offering {document['id']} version {document['version']} has no assessment")
    template = Template(
        offering_id=document["id"],
        offering_version=document["version"],
        title=document.get("title") or {},
        timing=assessment.get("timing") or "learner_led",
        expected_end=assessment.get("expected_end") or DEFAULT_END,
        participation=document.get("participation"),
        outcomes={outcome["id"]: outcome.get("title") or {} for outcome in document["outcomes"]},
        groups=tuple(_group(group) for group in assessment.get("groups") or ()),
        instruments=tuple(_instrument(instrument) for instrument in assessment["instruments"]),
        prerequisites=_prerequisites(document, assessment.get("groups") or ()),
        confirmation=_confirmation(assessment["confirmation"]),
        briefing=Briefing(
            *(assessment.get(part) or {} for part in ("rules", "sample", "instructions")),
        ),
        institutions=_institutions(document),
    )
    if bare := sorted(outcome for outcome in template.outcomes if not template.summative(outcome)):
        raise InvalidError(f"no summative instrument covers {', '.join(bare)}")
    return template


def _group(group: Document) -> Group:
    return Group(
        group["id"], group.get("title") or {}, tuple(group["outcomes"]), tuple(group.get("requires") or ())
    )


def _instrument(instrument: Document) -> Instrument:
    agreement = instrument.get("agreement") or {}
    scale = instrument["scale"]
    return Instrument(
        id=instrument["id"],
        title=instrument.get("title") or {},
        purpose=instrument["purpose"],
        type=instrument.get("type"),
        mode=instrument.get("mode"),
        outcomes=tuple(instrument["outcomes"]),
        max_attempts=instrument.get("max_attempts"),
        min_interval=instrument.get("min_interval") or "P0D",
        duration=instrument.get("duration"),
        markers=instrument.get("markers") or 1,
        agreement=Agreement(
            agreement.get("policy") or "average_within_tolerance", Decimal(agreement.get("tolerance") or "0")
        ),
        scale=Scale(scale["type"], scale.get("pass")),
        supervision=instrument.get("supervision") or "unsupervised",
        identity_verification=bool(instrument.get("identity_verification")),
        booking_required=bool(instrument.get("booking_required")),
        sessions=tuple(_session(session) for session in instrument.get("sessions") or ()),
    )


def _session(session: Document) -> Session:
    return Session(
        session["id"],
        datetime.fromisoformat(session["opens_at"]),
        datetime.fromisoformat(session["closes_at"]),
        session.get("place"),
        session.get("capacity"),
    )


def _confirmation(confirmation: Document) -> Confirmation:
    return Confirmation(
        confirmation.get("quorum") or 1,
        frozenset(confirmation["institutions"]),
        confirmation.get("dispute_window") or "P0D",
    )


def _prerequisites(document: Document, groups: Sequence[Document]) -> Mapping[str, frozenset[str]]:
    """The outcomes that each outcome has to wait for, from groups and from components alike (AST-31)."""
    outcomes = document["outcomes"]
    components = [
        {**component, "outcomes": [o["id"] for o in outcomes if o.get("component") == component["id"]]}
        for component in document.get("components") or ()
    ]
    waits: dict[str, set[str]] = {outcome["id"]: set() for outcome in outcomes}
    for parts in (groups, components):
        for outcome, needed in _ordered(parts):
            waits.setdefault(outcome, set()).update(needed)
    return {outcome: frozenset(needed) for outcome, needed in waits.items()}


def _ordered(parts: Iterable[Document]) -> Iterable[tuple[str, list[str]]]:
    covered = {part["id"]: list(part["outcomes"]) for part in parts}
    for part in parts:
        needed = [o for required in part.get("requires") or () for o in covered.get(required, ())]
        for outcome in part["outcomes"]:
            yield outcome, needed


def _institutions(document: Document) -> frozenset[str]:
    """The institutions whose staff work on plans of this version: awarding, teaching and coordinating ones.

    A platform partner opens an account; it has no part in results (SHR-05, minimisation).
    """
    assessment = document.get("assessment") or {}
    named = {
        document.get("issuer"),
        document.get("coordinating_institution"),
        document.get("host_institution"),
        *(document.get("awarding_bodies") or ()),
        *(component.get("institution") for component in document.get("components") or ()),
        *(
            profile["institution"]
            for profile in document.get("registration_profiles") or ()
            if profile.get("role") in _RESULT_ROLES
        ),
        *((assessment.get("confirmation") or {}).get("institutions") or ()),
    }
    return frozenset(institution for institution in named if institution)
