"""Chip design: one university with its industry; experience at work counts, and the company sponsors places."""

from datetime import date
from typing import Any

from deploy.demo.consortium.parts import (
    admission,
    assessment,
    component,
    criterion,
    english,
    group,
    instrument,
    offering,
    outcome,
    profile,
    quality,
    target_group,
)
from deploy.demo.consortium.universities import INVENTED_COMPANY


def chip_design(_today: date) -> dict[str, Any]:
    """6 ECTS of KU Leuven; guest teachers and sponsored places come from an invented company."""
    return offering(
        id="chip-design",
        agreement={"id": "chip-design", "version": 1},
        title={"en": "Digital chip design", "nl": "Ontwerp van digitale chips"},
        description={"en": "From a specification to a verified layout, with guest teachers of the industry."},
        objectives={"en": "Learners can design and verify a digital circuit."},
        origin="degree_module",
        workload={"ects": "6", "hours": 160},
        level={
            "eqf": 7,
            "qf_ehea_cycle": "second",
            "isced_2011": 7,
            "isced_f": "0714",
            "not_applicable_reason": None,
        },
        components=[
            component("design", "Design", "3", "kuleuven.be"),
            component("verification", "Verification", "3", INVENTED_COMPANY, "design"),
        ],
        outcomes=[
            outcome("lo-design", "Design a digital circuit from a specification", "skill", "design"),
            outcome("lo-verify", "Verify a circuit against its specification", "skill", "verification"),
        ],
        participation="work_based",
        quality_assurance=quality("NVAO", "2024-09-01"),
        awarding_bodies=["kuleuven.be"],
        issuer="kuleuven.be",
        reviewing_institution="kuleuven.be",
        coordinating_institution="kuleuven.be",
        registration_profiles=[
            profile("kuleuven.be", "awarding", "start"),
            profile(INVENTED_COMPANY, "teaching", "none"),
        ],
        funding_sources=[
            {
                "code": "sponsored_places",
                "participants": {"min": 0, "max": 10, "kinds": ["sponsored_employee"]},
            }
        ],
        target_groups=[
            target_group(
                "sponsored_employee",
                "Employees whose company sponsors the place",
                "credit_contract",
                0,
                funding="sponsored_places",
            ),
            target_group("professional", "Professionals who pay themselves", "credit_contract", 90000),
        ],
        admission=admission(
            [english(), _background()], procedure="KU Leuven reviews; work experience stands in for a degree."
        ),
        assessment=assessment(
            [
                group("design", "Design", ["lo-design"]),
                group("verification", "Verification", ["lo-verify"], "design"),
            ],
            [
                instrument("circuit", "A circuit of one's own", "project", ["lo-design"]),
                instrument(
                    "bench",
                    "Verification at the bench",
                    "practical",
                    ["lo-verify"],
                    mode="on_site",
                    supervision="supervised_onsite",
                ),
            ],
            ["kuleuven.be"],
        ),
        success_requirements={"en": "A circuit and its verification, both passed."},
        industry_relevance={"en": "Written with the industry that looks for designers."},
        partners=["kuleuven.be", INVENTED_COMPANY],
    )


def _background() -> dict[str, Any]:
    experience = criterion(
        "industry-experience", "work_experience", {"months": 24, "nace": ["26"]}, ["employer_letter"]
    )
    return criterion(
        "engineering-degree",
        "qualification_level",
        {"eqf": 6, "isced_f": ["07"]},
        ["diploma"],
        alternatives=(experience,),
    )
