"""What a certificate says, in the shape of Annex I: plain values that go to JSON and back unchanged.

Language maps (`Text`) have BCP 47 keys; dates are ISO 8601 strings; credits are decimal strings, so that nothing
is rounded on the way from the catalogue to the signature.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

Text = Mapping[str, str]

MICRO_CREDENTIAL = "micro_credential"
ATTENDANCE = "certificate_of_attendance"


# Members of later versions: left out while empty, so that what was stored before keeps its digest.
_ADDED = frozenset({"instrument", "origin", "stack"})


def json_object(members: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """The members of a value as JSON: for `asdict`, by whatever holds elements and is kept by its digest."""
    return {name: value for name, value in members if value is not None or name not in _ADDED}


@dataclass(frozen=True, slots=True)
class Learner:
    """Element 1. `identifier` stands in for the date of birth where a learner has none on record.

    `identity_verified` says that somebody compared the record with an identity document at admission.
    """

    given_name: str = ""
    family_name: str = ""
    date_of_birth: str | None = None
    identifier: str | None = None
    email: str | None = None
    identity_verified: bool = False

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()


@dataclass(frozen=True, slots=True)
class Institution:
    """Elements 3 and 4: a partner as the agreement describes it."""

    id: str
    name: Text = field(default_factory=dict)
    country: str | None = None
    region: str | None = None
    website: str | None = None
    may_award: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """Element 6. `state` is `achieved` or `recognised`, or None where no result says so."""

    id: str
    title: Text
    kind: str | None = None
    esco: tuple[str, ...] = ()
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Workload:
    """Element 7: ECTS credits as a decimal string, hours where there are none."""

    ects: str | None = None
    hours: int | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """Element 8: any of the level schemes, or the recorded reason why none applies."""

    eqf: int | None = None
    qf_ehea_cycle: str | None = None
    isced_2011: int | None = None
    isced_f: str | None = None
    not_applicable_reason: str | None = None


@dataclass(frozen=True, slots=True)
class OutcomeResult:
    """One final result, or one recognition, of one outcome: what assessment hands over."""

    outcome: str
    state: str
    instrument: str | None = None
    type: str | None = None
    mode: str | None = None
    supervision: str | None = None
    identity_verified: bool = False
    mark: str | None = None
    scale: str | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """Element 9: an instrument that proved at least one outcome."""

    instrument: str
    title: Text
    type: str | None = None
    mode: str | None = None
    outcomes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QualityAssurance:
    """Element 11: the recorded decision that stands behind the offering."""

    type: str | None = None
    process: str | None = None
    timing: str | None = None
    body: str | None = None
    date: str | None = None
    valid_until: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Supervision:
    """Optional element: the weakest supervision and identity check of the assessments that counted (CRT-13)."""

    supervision: str
    identity_verified: bool


@dataclass(frozen=True, slots=True)
class Grade:
    """Optional element: the mark of one outcome in one instrument, on its own scale, never converted (CRT-14)."""

    outcome: str
    value: str
    scale: str | None = None
    instrument: str | None = None


@dataclass(frozen=True, slots=True)
class Elements:
    """The eleven mandatory elements and the optional ones of one document.

    `origin` is the offering's: `stand_alone`, or `degree_module` where it is part of a degree programme as well.
    """

    document_type: str
    learner: Learner
    title: Text
    issuer: Institution
    awarding_bodies: tuple[Institution, ...]
    issued_on: str | None
    outcomes: tuple[Outcome, ...]
    workload: Workload
    level: Level
    assessments: tuple[Assessment, ...]
    participation: str | None
    quality_assurance: QualityAssurance
    languages: tuple[str, ...] = ()
    description: Text = field(default_factory=dict)
    prerequisites: Text = field(default_factory=dict)
    supervision: Supervision | None = None
    grades: tuple[Grade, ...] = ()
    stackability: str | None = None
    further_information: Text = field(default_factory=dict)
    origin: str | None = None

    def to_json(self) -> dict[str, Any]:
        """A JSON object that `from_json` turns into an equal value."""
        return asdict(self, dict_factory=json_object)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Elements":
        """The value that `to_json` was made from; a missing member raises TypeError or KeyError."""
        supervision = data["supervision"]
        return cls(
            **{
                **data,
                "learner": Learner(**data["learner"]),
                "issuer": Institution(**data["issuer"]),
                "awarding_bodies": tuple(Institution(**body) for body in data["awarding_bodies"]),
                "outcomes": tuple(_outcome(outcome) for outcome in data["outcomes"]),
                "workload": Workload(**data["workload"]),
                "level": Level(**data["level"]),
                "assessments": tuple(_assessment(assessment) for assessment in data["assessments"]),
                "quality_assurance": QualityAssurance(**data["quality_assurance"]),
                "languages": tuple(data["languages"]),
                "supervision": None if supervision is None else Supervision(**supervision),
                "grades": tuple(Grade(**grade) for grade in data["grades"]),
            }
        )


def _outcome(data: Mapping[str, Any]) -> Outcome:
    return Outcome(**{**data, "esco": tuple(data["esco"])})


def _assessment(data: Mapping[str, Any]) -> Assessment:
    return Assessment(**{**data, "outcomes": tuple(data["outcomes"])})
