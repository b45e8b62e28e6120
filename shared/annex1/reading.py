"""What a credential states, element by element, in a shape that no format owns; nothing in it has been judged.

Values are as they stand in the document (of any JSON type, since strangers wrote it), each with the JSON pointer that
leads to it. Readers fill it (`shared.annex1.readers`), `shared.annex1.judging` says what is wrong with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from shared.annex1.elements import MICRO_CREDENTIAL

OPEN_BADGES: Final = "open_badges_3"
ELM: Final = "elm_3"
SD_JWT_VC: Final = "sd_jwt_vc"
SNAPSHOT: Final = "snapshot"

FORMAT_NAMES: Final[Mapping[str, str]] = {
    OPEN_BADGES: "Open Badges 3.0",
    ELM: "European Digital Credential (ELM v3)",
    SD_JWT_VC: "SD-JWT VC learning credential",
    SNAPSHOT: "snapshot of this system",
}


@dataclass(frozen=True, slots=True)
class Found:
    """One value and the JSON pointer (RFC 6901) of where it was found."""

    value: Any
    pointer: str


@dataclass(frozen=True, slots=True)
class StatedBody:
    """Element 4: an awarding body by its names and by what else identifies it (DID, address, registered id)."""

    names: tuple[Any, ...]
    identifiers: tuple[str, ...]
    pointer: str


@dataclass(frozen=True, slots=True)
class StatedOutcome:
    """Element 6: one outcome in each language that it is stated in, with the addresses of its ESCO skills."""

    titles: tuple[Any, ...]
    skills: tuple[str, ...]
    pointer: str


@dataclass(frozen=True, slots=True)
class StatedConcept:
    """Elements 9 to 11: a concept by address, by label or by both; `details` is what is said about it besides."""

    uri: str | None
    labels: tuple[Any, ...]
    pointer: str
    details: str | None = None


@dataclass(frozen=True, slots=True)
class StatedLevel:
    """Element 8: a level in a scheme; None where the document names the scheme but no level of it.

    Schemes: `eqf` (1 to 8), `qf_ehea_cycle`, `isced_2011` (0 to 8), `other` (a label or address), `isced_f` (the
    field of education, no level by itself).
    """

    scheme: str
    value: Any
    pointer: str


Facts = tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """One credential. `places` says for each element where the format keeps it, for what is not there."""

    format: str
    places: Mapping[int, str]
    document_type: str = MICRO_CREDENTIAL
    names: Facts = ()
    birth_dates: Facts = ()
    identifiers: Facts = ()
    titles: Facts = ()
    countries: Facts = ()
    country_names: Facts = ()
    regions: Facts = ()
    awarding_bodies: tuple[StatedBody, ...] = ()
    issued: Facts = ()
    outcomes: tuple[StatedOutcome, ...] = ()
    credits: Facts = ()
    hours: Facts = ()
    other_workload: Facts = ()
    levels: tuple[StatedLevel, ...] = ()
    no_level: Facts = ()
    assessment_types: tuple[StatedConcept, ...] = ()
    participation: tuple[StatedConcept, ...] = ()
    quality_assurance: tuple[StatedConcept, ...] = ()
    prerequisites: Facts = ()
    supervision: tuple[StatedConcept, ...] = ()
    grades: Facts = ()
    stackability: Facts = ()
    further_information: Facts = ()
    not_assessed: Facts = ()
