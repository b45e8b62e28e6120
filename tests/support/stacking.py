"""Rules of stacking for tests: one that any check accepts, changed per test."""

from typing import Any

from tests.support.documents import QUALITY_ASSURANCE

Document = dict[str, Any]

SUSTAINABILITY_AND_MORE: Document = {
    "kind": "all",
    "of": [
        {"kind": "offering", "offering": "sustainability"},
        {"kind": "offering", "offering": "urban-climate"},
    ],
}


def rule(requirement: Document | None = None, **differences: Any) -> Document:
    """A rule by which the University of Helsinki grants a larger award."""
    return {
        "id": "green-transition",
        "version": 1,
        "kind": "specialisation",
        "deciding_body": "helsinki.fi",
        "criteria": {
            "version": "1",
            "text": {"en": "Both parts completed; the parts are less than ten years old."},
        },
        "entails": {"en": "The larger award may count as the minor of a master's programme."},
        "requirement": requirement or SUSTAINABILITY_AND_MORE,
        "award": {
            "title": {"en": "Green transition", "fi": "Vihreä siirtymä"},
            "description": {"en": "Sustainability, and the climate of cities."},
            "level": {
                "eqf": 7,
                "qf_ehea_cycle": "second",
                "isced_2011": 7,
                "isced_f": "0521",
                "not_applicable_reason": None,
            },
            "participation": "online",
            "quality_assurance": {**QUALITY_ASSURANCE, "valid_until": None},
        },
        **differences,
    }
