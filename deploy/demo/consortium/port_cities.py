"""Heritage of port cities: an invented joint course with few seats and scheduled examinations."""

from datetime import date, timedelta
from typing import Any

from deploy.demo.consortium.parts import (
    admission,
    assessment,
    component,
    english,
    group,
    instrument,
    offering,
    outcome,
    profile,
    quality,
    target_group,
)

SEATS = 2


def port_cities(today: date) -> dict[str, Any]:
    """4 ECTS; Klaipėda and Nantes award together, Gdańsk teaches; two markers and two confirmers per result."""
    return offering(
        id="port-cities",
        agreement={"id": "port-cities", "version": 1},
        title={
            "en": "Heritage of port cities (an invented course)",
            "lt": "Uostamiesčių paveldas (išgalvotas kursas)",
            "fr": "Patrimoine des villes portuaires (cours inventé)",
        },
        description={"en": "An invented joint course, for this demonstration only."},
        objectives={"en": "Learners can read a port city and plan the care of its heritage."},
        lifespan="one_off",
        duration="P3M",
        timing={"kind": "fixed_window", "from": f"{today.year}-01-01", "until": f"{today.year + 1}-12-31"},
        workload={"ects": "4", "hours": 108},
        level={
            "eqf": 7,
            "qf_ehea_cycle": "second",
            "isced_2011": 7,
            "isced_f": "0222",
            "not_applicable_reason": None,
        },
        components=[
            component("history", "Three ports, one sea", "2", "ug.edu.pl"),
            component("care", "Caring for heritage", "2", "univ-nantes.fr"),
        ],
        outcomes=[
            outcome("lo-history", "Read the history of a port from its buildings", "skill", "history"),
            outcome("lo-care", "Plan the care of a monument with its citizens", "competence", "care"),
        ],
        quality_assurance=quality("SKVC", "2025-02-01"),
        awarding_bodies=["ku.lt", "univ-nantes.fr"],
        issuer="ku.lt",
        reviewing_institution="ku.lt",
        coordinating_institution="ku.lt",
        registration_profiles=[
            profile("ku.lt", "awarding", "start"),
            profile("ug.edu.pl", "teaching", "start"),
            profile("univ-nantes.fr", "awarding", "award"),
        ],
        target_groups=[
            target_group("partner_student", "Students of the three universities", "degree_student", 0),
            target_group("professional", "Professionals", "short_course", 40000),
        ],
        admission=admission(
            [english()],
            procedure="Klaipėda University reviews; seats go by the time of the offer.",
            capacity={"max": SEATS, "min": None, "ranking": "first_come"},
        ),
        assessment=assessment(
            [group("history", "History", ["lo-history"]), group("care", "Care", ["lo-care"])],
            [_examination("exam-history", "lo-history", today), _examination("exam-care", "lo-care", today)],
            ["ku.lt", "univ-nantes.fr"],
            timing="scheduled",
            confirmation={
                "quorum": 2,
                "institutions": ["ku.lt", "univ-nantes.fr"],
                "dispute_window": "P0D",
            },
        ),
        success_requirements={"en": "Two examinations in their sessions."},
        industry_relevance={"en": "For monument offices, museums and port authorities."},
        partners=["ku.lt", "ug.edu.pl", "univ-nantes.fr"],
    )


def _examination(instrument_id: str, covers: str, today: date) -> dict[str, Any]:
    return instrument(
        instrument_id,
        f"Examination {covers.removeprefix('lo-')}",
        "written_examination",
        [covers],
        duration="PT2H",
        markers=2,
        supervision="supervised_online",
        sessions=[
            _session("this-week", today - timedelta(days=1), today + timedelta(days=6)),
            _session("in-spring", today + timedelta(days=120), today + timedelta(days=121)),
        ],
    )


def _session(session_id: str, opens: date, closes: date) -> dict[str, Any]:
    return {
        "id": session_id,
        "opens_at": f"{opens.isoformat()}T00:00:00Z",
        "closes_at": f"{closes.isoformat()}T20:00:00Z",
        "place": "online",
        "capacity": None,
    }
