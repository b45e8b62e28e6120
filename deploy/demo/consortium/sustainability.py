"""Sustainability: an introduction, then four courses of an alliance, 10 ECTS at one's own pace."""

from datetime import date
from typing import Any, Final

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

# part, title, institution, outcome, its kind, instrument, its type
_PARTS: Final = (
    (
        "intro",
        "Introduction to sustainability",
        "helsinki.fi",
        "Explain planetary boundaries and the pillars of sustainability",
        "knowledge",
        "essay",
        "written_examination",
    ),
    (
        "climate",
        "Climate",
        "kuleuven.be",
        "Assess climate risks of a region from published data",
        "skill",
        "essay",
        "written_examination",
    ),
    (
        "society",
        "Society and economy",
        "unibo.it",
        "Compare social and economic effects of sustainability measures",
        "skill",
        "assignment",
        "marked_assignment",
    ),
    (
        "policy",
        "European policy",
        "ucm.es",
        "Explain how European environmental policy is made",
        "knowledge",
        "talk",
        "oral_examination",
    ),
    (
        "project",
        "Project",
        "helsinki.fi",
        "Plan a sustainability measure with partners from several fields",
        "competence",
        "project",
        "project",
    ),
)


def sustainability(_today: date) -> dict[str, Any]:
    """10 ECTS; the University of Helsinki reviews, and awards on behalf of the alliance; partners give access."""
    return offering(
        id="sustainability",
        agreement={"id": "una-europa", "version": 1},
        title={"en": "Sustainability", "fi": "Kestävyys", "pl": "Zrównoważony rozwój"},
        description={"en": "An introduction and four courses on sustainability from four universities."},
        objectives={"en": "Learners can judge and plan sustainability measures."},
        workload={"ects": "10", "hours": 270},
        level={
            "eqf": 7,
            "qf_ehea_cycle": "second",
            "isced_2011": 7,
            "isced_f": "0521",
            "not_applicable_reason": None,
        },
        components=[
            component(part, title, "2", institution, *_after(part)) for part, title, institution, *_ in _PARTS
        ],
        outcomes=[outcome(f"lo-{part}", text, kind, part) for part, _, _, text, kind, *_ in _PARTS],
        quality_assurance=quality("FINEEC", "2025-05-01"),
        awarding_bodies=["helsinki.fi"],
        issuer="helsinki.fi",
        reviewing_institution="helsinki.fi",
        coordinating_institution="helsinki.fi",
        registration_profiles=[
            profile("helsinki.fi", "awarding", "award"),
            profile("kuleuven.be", "platform", "start"),
            profile("unibo.it", "platform", "start"),
            profile("ucm.es", "platform", "none"),
        ],
        target_groups=[
            target_group("partner_student", "Students of a partner university", "degree_student", 0),
            target_group("professional", "Professionals from outside the alliance", "short_course", 60000),
            target_group("lifelong_learner", "Everyone else who wants to learn", "short_course", 15000),
        ],
        admission=admission(
            [english(), _bachelor()],
            procedure="Apply once; the University of Helsinki reviews for all partners.",
        ),
        assessment=assessment(
            [group(part, title, [f"lo-{part}"], *_after(part)) for part, title, *_ in _PARTS],
            [_instrument(*row) for row in _PARTS],
            ["helsinki.fi"],
        ),
        recognition=[
            {
                "institution": "kuleuven.be",
                "programme": {"en": "Master of Sustainable Development"},
                "credits": "5",
                "outcomes": [],
                "criteria": None,
            }
        ],
        success_requirements={"en": "Five outcomes, each shown by a passed instrument; all online."},
        industry_relevance={"en": "Used by environmental offices and consultancies."},
        partners=["helsinki.fi", "kuleuven.be", "unibo.it", "ucm.es"],
    )


def joined_by(draft: dict[str, Any], institution: str, agreement_version: int) -> dict[str, Any]:
    """The next version of the offering, under a later agreement version: `institution` gives access too."""
    return {
        **draft,
        "agreement": {**draft["agreement"], "version": agreement_version},
        "registration_profiles": [
            *draft["registration_profiles"],
            profile(institution, "platform", "start"),
        ],
        "partners": [*draft["partners"], institution],
    }


def _after(part: str) -> tuple[str, ...]:
    return () if part == "intro" else ("intro",)


def _instrument(part: str, title: str, *words: str) -> dict[str, Any]:
    _, _, _, name, kind = words
    talk = {"supervision": "supervised_online"} if kind == "oral_examination" else {}
    return instrument(f"{part}-{name}", f"{title}: {name}", kind, [f"lo-{part}"], **talk)


def _bachelor() -> dict[str, Any]:
    """A degree, or years of work in its place, or recognised prior learning: no door is closed for lack of a paper."""
    experience = criterion("experience", "work_experience", {"months": 36}, ["employer_letter"])
    portfolio = criterion(
        "portfolio",
        "prior_knowledge",
        {"subject": "Recognition of prior learning for entry"},
        ["rpl_portfolio", "interview"],
        verification="interview",
    )
    return criterion(
        "bachelor",
        "qualification_level",
        {"eqf": 6},
        ["diploma", "enic_naric_statement"],
        alternatives=(experience, portfolio),
    )
