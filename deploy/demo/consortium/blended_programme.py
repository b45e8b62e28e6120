"""A blended intensive programme: one university coordinates, another hosts, 15 to 20 take part."""

from datetime import date
from typing import Any

from deploy.demo.consortium.parts import (
    admission,
    assessment,
    component,
    group,
    instrument,
    offering,
    outcome,
    profile,
    quality,
    target_group,
)


def blended_programme(today: date) -> dict[str, Any]:
    """3 ECTS; Alba Iulia coordinates and awards, Utrecht hosts; students of partners and guests from outside."""
    return offering(
        id="education-for-all",
        agreement={"id": "education-for-all", "version": 1},
        title={"en": "Education for all", "ro": "Educație pentru toți", "nl": "Onderwijs voor iedereen"},
        description={"en": "A week in Utrecht between two online phases, on teaching everybody."},
        objectives={"en": "Participants can plan teaching that leaves nobody out."},
        lifespan="one_off",
        mode="blended",
        duration="P2M",
        timing={
            "kind": "fixed_dates",
            "from": f"{today.year - 1}-10-01",
            "until": f"{today.year + 1}-12-31",
        },
        workload={"ects": "3", "hours": 80},
        level={
            "eqf": 6,
            "qf_ehea_cycle": "first",
            "isced_2011": 6,
            "isced_f": "0111",
            "not_applicable_reason": None,
        },
        components=[component("programme", "The programme", "3", "uu.nl")],
        outcomes=[
            outcome("lo-barriers", "Name what keeps people from learning", "knowledge", "programme"),
            outcome("lo-lesson", "Plan a lesson that leaves nobody out", "competence", "programme"),
        ],
        participation="blended",
        quality_assurance=quality("ARACIS", "2024-06-01"),
        awarding_bodies=["uab.ro"],
        issuer="uab.ro",
        reviewing_institution="uab.ro",
        coordinating_institution="uab.ro",
        host_institution="uu.nl",
        registration_profiles=[
            profile("uab.ro", "awarding", "award"),
            profile("uu.nl", "teaching", "start"),
        ],
        funding_sources=[
            {"code": "erasmus_bip", "participants": {"min": 15, "max": 20, "kinds": ["partner_student"]}}
        ],
        target_groups=[
            target_group(
                "partner_student", "Students of the partners", "degree_student", 0, funding="erasmus_bip"
            ),
            target_group("guest", "Guests from outside", "short_course", 20000),
        ],
        admission=admission(
            [],
            procedure="Whoever applies while there is a place gets one.",
            open=True,
            review_mode="automatic",
            capacity={"max": 20, "min": 15, "ranking": "first_come"},
        ),
        assessment=assessment(
            [group("programme", "The programme", ["lo-barriers", "lo-lesson"])],
            [
                instrument("log", "Learning log", "portfolio", ["lo-barriers"]),
                instrument(
                    "lesson",
                    "A lesson, shown in Utrecht",
                    "presentation",
                    ["lo-lesson"],
                    mode="on_site",
                    supervision="supervised_onsite",
                ),
            ],
            ["uab.ro"],
            online=False,
        ),
        success_requirements={"en": "Both online phases, the week on site, a log and a lesson."},
        industry_relevance={"en": "For schools, museums and everybody else who teaches."},
        partners=["uab.ro", "uu.nl"],
    )
