"""An invented larger award over two institutions: sustainability and teaching online make a specialisation."""

from typing import Any, Final

from deploy.demo.consortium.parts import quality

RULE: Final = "teaching-sustainability"
PARTS: Final = ("sustainability", "learning-online")
DECIDING_BODY: Final = "helsinki.fi"


def teaching_sustainability() -> dict[str, Any]:
    """The rule: both parts, 15 ECTS together and one of them of the second cycle; a person of Helsinki decides."""
    return {
        "id": RULE,
        "version": 1,
        "kind": "specialisation",
        "deciding_body": DECIDING_BODY,
        "criteria": {
            "version": "2026-1",
            "text": {"en": "The parts fit together: what is taught in one is practised in the other."},
        },
        "entails": {"en": "May count as a minor of a master's programme in education."},
        "requirement": {
            "kind": "all",
            "of": [
                *({"kind": "offering", "offering": part} for part in PARTS),
                {"kind": "credits", "at_least": "15", "level": None, "offerings": list(PARTS)},
                {"kind": "level", "level": 7, "count": 1, "offerings": list(PARTS)},
            ],
        },
        "award": {
            "title": {"en": "Teaching sustainability online", "fi": "Kestävyyden opettaminen verkossa"},
            "description": {"en": "Sustainability, and how it is taught online."},
            "level": {
                "eqf": 7,
                "qf_ehea_cycle": "second",
                "isced_2011": 7,
                "isced_f": "0111",
                "not_applicable_reason": None,
            },
            "participation": "online",
            "quality_assurance": quality("FINEEC", "2025-05-01"),
        },
    }
