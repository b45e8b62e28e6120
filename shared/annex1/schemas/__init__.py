"""The gate in the languages of others: JSON Schema for JSON, SHACL for the European Learning Model.

They say of a credential what `shared.annex1.report` says of it, as far as their language allows: each names in its
description what it does not look at. Tests hold them to the library.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from shared.annex1.reading import ELM, OPEN_BADGES, SD_JWT_VC, SNAPSHOT

JSON_SCHEMA: Final = "application/schema+json"
TURTLE: Final = "text/turtle"

PUBLISHED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "open-badges-3.json": JSON_SCHEMA,
        "open-badges-3-attendance.json": JSON_SCHEMA,
        "sd-jwt-vc.json": JSON_SCHEMA,
        "snapshot.json": JSON_SCHEMA,
        "snapshot-attendance.json": JSON_SCHEMA,
        "elm-3.ttl": TURTLE,
    }
)
"""The documents by name, with their media types."""

SCHEMA_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        OPEN_BADGES: "open-badges-3.json",
        SD_JWT_VC: "sd-jwt-vc.json",
        SNAPSHOT: "snapshot.json",
        ELM: "elm-3.ttl",
    }
)
"""Which of them is for which format of a micro-credential."""

ATTENDANCE_SCHEMA_OF: Final[Mapping[str, str]] = MappingProxyType(
    {OPEN_BADGES: "open-badges-3-attendance.json", SNAPSHOT: "snapshot-attendance.json"}
)
"""Which of them is for which format of a certificate of attendance."""


@cache
def published(name: str) -> str:
    """The text of one of `PUBLISHED`; KeyError for any other name."""
    if name not in PUBLISHED:
        raise KeyError(name)
    return (files(__package__) / name).read_text(encoding="utf-8")
