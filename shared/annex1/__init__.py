"""The gate of the eleven mandatory elements of a micro-credential: pure, the one domain rule that services share.

Admission tries it when an offering is published (`dry_run`); certification applies it before anything is signed
(`elements_from`, `check`). Source: Annex I of the Council Recommendation of 16 June 2022 on micro-credentials.
"""

from shared.annex1.assembly import attended, dry_run, elements_from, institution
from shared.annex1.elements import (
    ATTENDANCE,
    MICRO_CREDENTIAL,
    Assessment,
    Elements,
    Grade,
    Institution,
    Learner,
    Level,
    Outcome,
    OutcomeResult,
    QualityAssurance,
    Supervision,
    Text,
    Workload,
)
from shared.annex1.gate import check
from shared.annex1.missing import Missing
from shared.annex1.names import ELEMENT_NAMES, NAMES_OF, SOURCES, SOURCES_OF

__all__ = [
    "ATTENDANCE",
    "ELEMENT_NAMES",
    "MICRO_CREDENTIAL",
    "NAMES_OF",
    "SOURCES",
    "SOURCES_OF",
    "Assessment",
    "Elements",
    "Grade",
    "Institution",
    "Learner",
    "Level",
    "Missing",
    "Outcome",
    "OutcomeResult",
    "QualityAssurance",
    "Supervision",
    "Text",
    "Workload",
    "attended",
    "check",
    "dry_run",
    "elements_from",
    "institution",
]
