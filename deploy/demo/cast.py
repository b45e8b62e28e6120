"""Who plays what: 42 invented people, their applications, and how each journey is meant to end."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from deploy.demo.people import PEOPLE, Person

SUSTAINABILITY: Final = "sustainability"
CHIP_DESIGN: Final = "chip-design"
BLENDED: Final = "education-for-all"
TWO_TRACKS: Final = "learning-online"
PORT_CITIES: Final = "port-cities"


@dataclass(frozen=True, slots=True)
class Proof:
    """A piece of evidence: its kind, what it states, and the criterion it is meant for where that is not obvious."""

    kind: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ending:
    """The states in which a journey ends: of the application, enrolment, plan and certificate ('' where none is)."""

    application: str
    enrolment: str = ""
    plan: str = ""
    certificate: str = ""


_CERTIFIED: Final = Ending("admitted", "completed", "achieved", "issued")
ENDINGS: Final = {
    "": _CERTIFIED,
    "resit": _CERTIFIED,
    "promoted": _CERTIFIED,
    "rejected": Ending("rejected"),
    "waitlisted": Ending("waitlisted"),
    "declines": Ending("declined"),
    "denied": Ending("admitted", "cancelled"),
    "hold": Ending("admitted", "enrolled", "awaiting_confirmation"),
    "overturned": Ending("admitted", "enrolled", "in_progress", "suspended"),
    "attends": Ending("admitted", "completed", certificate="issued"),
    "absent": Ending("admitted", "ended"),
    "learning": Ending("admitted", "enrolled", "assigned"),
    "exempted": Ending("admitted", "enrolled", "in_progress"),
    "later": Ending("admitted", "enrolled", "assigned"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """One person's journey. `twist` is a key of ENDINGS; `months` is how long ago the last work was assessed."""

    person: Person
    offering: str
    group: str
    proofs: tuple[Proof, ...] = ()
    twist: str = ""
    months: int = 3
    track: str = "assessed"
    small: bool = False

    @property
    def ending(self) -> Ending:
        return ENDINGS[self.twist]

    def assessed_on(self, today: date) -> date:
        """The day on which this learner's last work was judged: in another month than the others'."""
        years, month = divmod(today.year * 12 + today.month - 1 - self.months, 12)
        return date(years, month + 1, 1 + self.months)


_ENGLISH: Final = Proof("ielts", {"language": "en", "score": "7.0"})
_BACHELOR: Final = Proof("diploma", {"eqf": 6, "isced_f": "0714"})
_MASTER: Final = Proof("diploma", {"eqf": 7, "isced_f": "0714"})
_LETTER: Final = Proof("employer_letter", {"months": 60, "nace": "2611"})
_SHORT_LETTER: Final = Proof("employer_letter", {"months": 6, "nace": "2611"})
_SCHOOL_ENGLISH: Final = Proof("cefr_certificate", {"language": "en", "cefr": "B2"})
_PORTFOLIO: Final = Proof("rpl_portfolio", {"passed": True})
_GRADUATE: Final = (_ENGLISH, _BACHELOR)


def _sustainability(number: int, group: str, *proofs: Proof, **more: Any) -> Part:
    return Part(PEOPLE[number], SUSTAINABILITY, group, proofs or _GRADUATE, **more)


def _participants(group: str, *numbers: int, **more: Any) -> tuple[Part, ...]:
    return tuple(Part(PEOPLE[n], BLENDED, group, months=1 + n % 6, **more) for n in numbers)


CAST: Final = (
    _sustainability(0, "partner_student", months=9, small=True),
    _sustainability(1, "professional", _ENGLISH, _MASTER, months=7, small=True),
    _sustainability(2, "lifelong_learner", _SCHOOL_ENGLISH, _PORTFOLIO, months=5, small=True),
    _sustainability(3, "professional", _ENGLISH, _LETTER, months=4),
    _sustainability(4, "professional", months=2),
    _sustainability(11, "partner_student", months=1),
    _sustainability(5, "partner_student", twist="hold", small=True),
    _sustainability(6, "professional", twist="resit", months=6, small=True),
    _sustainability(7, "lifelong_learner", twist="overturned", months=8, small=True),
    _sustainability(8, "professional", twist="denied", small=True),
    _sustainability(9, "lifelong_learner", twist="later", small=True),
    Part(PEOPLE[12], CHIP_DESIGN, "sponsored_employee", (_ENGLISH, _LETTER)),
    Part(PEOPLE[13], CHIP_DESIGN, "sponsored_employee", (_ENGLISH, _LETTER), months=6),
    Part(PEOPLE[14], CHIP_DESIGN, "professional", _GRADUATE, months=2),
    Part(PEOPLE[15], CHIP_DESIGN, "professional", _GRADUATE, months=4),
    Part(PEOPLE[16], CHIP_DESIGN, "professional", (_ENGLISH, _SHORT_LETTER), twist="rejected"),
    Part(PEOPLE[17], PORT_CITIES, "partner_student", (_ENGLISH,), months=1, small=True),
    Part(PEOPLE[18], PORT_CITIES, "professional", (_ENGLISH,), twist="declines", small=True),
    Part(PEOPLE[19], PORT_CITIES, "professional", (_ENGLISH,), twist="promoted", months=2, small=True),
    Part(PEOPLE[10], PORT_CITIES, "partner_student", (_ENGLISH,), twist="waitlisted"),
    Part(PEOPLE[20], TWO_TRACKS, "teacher", months=2),
    Part(PEOPLE[21], TWO_TRACKS, "everybody", months=5),
    Part(PEOPLE[22], TWO_TRACKS, "everybody", twist="attends", track="attendance"),
    Part(PEOPLE[23], TWO_TRACKS, "everybody", twist="absent", track="attendance"),
    *_participants("partner_student", *range(24, 29)),
    *_participants("partner_student", *range(29, 39), twist="learning"),
    *_participants("guest", 39),
    *_participants("guest", 40, twist="learning"),
    *_participants("guest", 41, twist="exempted"),
)


def cast(*, small: bool = False) -> tuple[Part, ...]:
    """Everybody, or the few who are enough to play every scene."""
    return tuple(part for part in CAST if part.small or not small)
