"""The codes of our documents and their concepts in the European Union's controlled vocabularies.

Codes are what offerings, instruments and results carry; a certificate shows the concept's URI and label.
Source: EU Vocabularies, schemes `assessment`, `learning-assessment`, `accreditation`, `supervision-verification`,
`eqf` and `isced-f` of the European Learning Model (scheme URI: the namespace followed by `25831c2`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

SNB = "http://data.europa.eu/snb/"
ASSESSMENT_SCHEME = f"{SNB}assessment/25831c2"
MODE_SCHEME = f"{SNB}learning-assessment/25831c2"
ACCREDITATION_SCHEME = f"{SNB}accreditation/25831c2"
SUPERVISION_SCHEME = f"{SNB}supervision-verification/25831c2"
EQF_SCHEME = f"{SNB}eqf/25831c2"
ISCED_F_SCHEME = f"{SNB}isced-f/25831c2"
CYCLES_URL = "https://ehea.info/page-qualification-frameworks"
ISCED_2011_URL = "https://uis.unesco.org/en/topic/international-standard-classification-education-isced"


@dataclass(frozen=True, slots=True)
class Concept:
    """One entry of a controlled vocabulary."""

    uri: str
    label: str


def _concepts(scheme: str, entries: Mapping[str, tuple[str, str]]) -> Mapping[str, Concept]:
    return MappingProxyType(
        {code: Concept(f"{SNB}{scheme}/{uri}", label) for code, (uri, label) in entries.items()}
    )


ASSESSMENT_TYPES = _concepts(
    "assessment",
    {
        "artefact": ("de4d165a6c", "artefact assessment"),
        "continuous_evaluation": ("3484bd7e51", "continuous evaluation"),
        "group_performance": ("56539a6507", "group performance"),
        "guided_self_assessment": ("c_4f874951", "guided self-assessment"),
        "level_of_attendance": ("7331eb4762", "level of attendance"),
        "marked_assignment": ("2939dae15f", "marked assignment"),
        "oral_examination": ("d30284d7df", "oral examination"),
        "peer_assessment": ("19a2e5e671", "peer assessment"),
        "peer_review": ("812e3b0ae1", "peer review"),
        "portfolio": ("4f03b91c0e", "portfolio"),
        "practical": ("6a4db9f11d", "practical assessment"),
        "presentation": ("c_04b30a72", "presentation"),
        "problem_based_learning": ("c4256a2726", "problem based learning"),
        "project": ("795dac4096", "project work"),
        "quiz": ("b1b68f6735", "quiz"),
        "self_assessment": ("c_2b3bd410", "self-assessment"),
        "written_examination": ("6e6cb2cc78", "written examination"),
    },
)

LEARNING_MODES = _concepts(
    "learning-assessment",
    {
        "online": ("920fbb3cbe", "online"),
        "blended": ("e92d221e4d", "blended"),
        "hybrid": ("c_3a90b26d", "hybrid"),
        "on_site": ("9191af2ed9", "presential"),
        "work_based": ("729f3bed4b", "workbased"),
        "project_based": ("7813801c77", "project based"),
        "research_lab": ("ed4c557045", "research-lab based"),
    },
)

QUALITY_ASSURANCE_TYPES = _concepts(
    "accreditation",
    {
        "institutional": ("bb4618238e", "institutional quality assurance"),
        "programme": ("820101cba6", "programme quality assurance"),
    },
)

EQF_LEVELS = MappingProxyType(
    {level: Concept(f"{SNB}eqf/{level}", f"EQF level {level}") for level in range(1, 9)}
)

QF_EHEA_CYCLES = MappingProxyType(
    {
        "short": "short cycle of the QF-EHEA",
        "first": "first cycle of the QF-EHEA",
        "second": "second cycle of the QF-EHEA",
        "third": "third cycle of the QF-EHEA",
    }
)

_SCALES = MappingProxyType(
    {
        "pass_or_fail": "pass or fail",
        "grade_0_10": "scale 0 to 10",
        "grade_0_10_one_decimal": "scale 0 to 10",
        "grade_0_100": "scale 0 to 100",
    }
)

SUPERVISION_LEVELS: tuple[str, ...] = ("unsupervised", "supervised_online", "supervised_onsite")

_SUPERVISED_WITH_IDENTITY = Concept(
    f"{SNB}supervision-verification/70be69aaf9", "supervised with identity verification"
)
_UNSUPERVISED_WITH_IDENTITY = Concept(
    f"{SNB}supervision-verification/df2880c5cb", "unsupervised with identity verification"
)
_UNSUPERVISED_WITHOUT_IDENTITY = Concept(
    f"{SNB}supervision-verification/c598449d64", "unsupervised without identity verification"
)
# The published scheme has no concept of its own for this pair; the scheme itself is the nearest true URI.
_SUPERVISED_WITHOUT_IDENTITY = Concept(SUPERVISION_SCHEME, "supervised without identity verification")


def supervision_concept(supervision: str, *, identity_verified: bool) -> Concept:
    """The Annex I level of supervision and identity verification (CRT-13)."""
    if supervision == "unsupervised":
        return _UNSUPERVISED_WITH_IDENTITY if identity_verified else _UNSUPERVISED_WITHOUT_IDENTITY
    return _SUPERVISED_WITH_IDENTITY if identity_verified else _SUPERVISED_WITHOUT_IDENTITY


def scale_label(scale: str) -> str:
    """A result scale in words; one that is not known is shown by its code."""
    return _SCALES.get(scale, scale.replace("_", " "))


def isced_field(code: str) -> Concept:
    """The field of education of a numeric ISCED-F 2013 code of two to four digits."""
    return Concept(f"{SNB}isced-f/{code}", f"ISCED-F {code}")
