"""One course, two tracks: assessed with ECTS, or attendance only."""

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


def two_tracks(_today: date) -> dict[str, Any]:
    """5 ECTS of the Open University of Cyprus, open to everybody; marks from 0 to 10."""
    scale = {"type": "grade_0_10", "pass": "5"}
    return offering(
        id="learning-online",
        agreement={"id": "open-university-of-cyprus", "version": 1},
        title={"en": "Teaching and learning online", "el": "Διδασκαλία και μάθηση στο διαδίκτυο"},
        description={"en": "How learning online works, for those who teach and those who learn."},
        objectives={"en": "Learners can plan and judge an online course."},
        languages=["en", "el"],
        workload={"ects": "5", "hours": 130},
        level={
            "eqf": 6,
            "qf_ehea_cycle": "first",
            "isced_2011": 6,
            "isced_f": "0111",
            "not_applicable_reason": None,
        },
        components=[component("course", "The course", "5", "ouc.ac.cy")],
        outcomes=[
            outcome("lo-theory", "Explain how people learn at a distance", "knowledge", "course"),
            outcome("lo-plan", "Plan a unit of an online course", "skill", "course"),
        ],
        tracks=["assessed", "attendance"],
        quality_assurance=quality("DIPAE", "2024-03-01"),
        awarding_bodies=["ouc.ac.cy"],
        issuer="ouc.ac.cy",
        reviewing_institution="ouc.ac.cy",
        coordinating_institution="ouc.ac.cy",
        registration_profiles=[profile("ouc.ac.cy", "awarding", "start")],
        target_groups=[
            target_group("teacher", "Teachers of public schools", "short_course", 5000),
            target_group("everybody", "Everybody else", "short_course", 12000),
        ],
        admission=admission(
            [], procedure="Open to everybody; no review.", open=True, review_mode="automatic"
        ),
        assessment=assessment(
            [group("course", "The course", ["lo-theory", "lo-plan"])],
            [
                instrument("quiz", "Quiz", "quiz", ["lo-theory"], scale=scale),
                instrument("unit", "A unit of one's own", "marked_assignment", ["lo-plan"], scale=scale),
            ],
            ["ouc.ac.cy"],
        ),
        success_requirements={"en": "Assessed: quiz and unit passed. Attendance: present in the sessions."},
        industry_relevance={"en": "For schools and training departments."},
        partners=["ouc.ac.cy"],
    )
