"""A learner's record: who may see which part of it, and when two records may be one person (practice.md C1)."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

FIELDS_OF_ITEM: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("given_name", "family_name", "latin_given_name", "latin_family_name"),
    "date_of_birth": ("date_of_birth",),
    "email": ("email",),
    "phone": ("phone",),
    "address": ("address",),
    "nationality": ("nationality",),
    "country_of_residence": ("country_of_residence",),
    "home_institution": ("home_institution",),
    "esi": ("esi",),
}
"""What a registration profile may ask for, and the fields of the record that answer it."""

_WITHOUT_DECOMPOSITION: Final = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th"}
)


@dataclass(frozen=True, slots=True)
class Person:
    """What the matching of possible duplicates looks at."""

    learner_id: str
    given_name: str
    family_name: str
    date_of_birth: date | None
    email: str


def released(record: Mapping[str, Any], items: Iterable[str]) -> dict[str, Any]:
    """The part of a learner's record that `items` of a registration profile cover; the id always."""
    fields = {"id", *(name for item in items for name in FIELDS_OF_ITEM[item])}
    return {name: value for name, value in record.items() if name in fields}


def name_key(name: str) -> str:
    """A name as it is compared: without accents, case, hyphens and spaces, so that spellings meet.

    `Šarūnas Kučinskas` and `Sarunas KUCINSKAS` have the same key. Other scripts stay what they are.
    """
    letters = unicodedata.normalize("NFKD", name).casefold().translate(_WITHOUT_DECOMPOSITION)
    return "".join(letter for letter in letters if letter.isalnum())


def may_be_same(one: Person, other: Person) -> bool:
    """Whether two records may be one person: family name and birth date, and given name or e-mail.

    Addresses and middle names do not count: a moved person matches, and so does one who left a name out.
    """
    if one.learner_id == other.learner_id or one.date_of_birth is None:
        return False
    if one.date_of_birth != other.date_of_birth or name_key(one.family_name) != name_key(other.family_name):
        return False
    return _first_given(one) == _first_given(other) or one.email.casefold() == other.email.casefold()


def _first_given(person: Person) -> str:
    return name_key(next(iter(person.given_name.split()), ""))


def pair_key(one: str, other: str) -> str:
    """The same key for two learners in either order; a pair that a person has looked at stays resolved."""
    return "|".join(sorted((one, other)))
