"""Names as they are compared, possible duplicates, and what a registration profile releases."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.admission.domain.learner import Person, may_be_same, name_key, pair_key, released
from services.admission.domain.seats import rank_of

BORN = date(1983, 6, 6)


def person(learner_id: str, given: str, family: str, born: date | None = BORN, email: str = "") -> Person:
    return Person(learner_id, given, family, born, email or f"{learner_id}@example.org")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Šarūnas", "SARUNAS"),
        ("Łącka-Żółć", "lacka zolc"),
        ("Παπαδοπούλου", "παπαδοπουλου"),
        ("L’Hôpital", "L'Hopital"),  # noqa: RUF001 - as it is written
        ("Sørensen", "sorensen"),
        ("Weiß", "WEISS"),
    ],
)
def test_spellings_of_a_name_meet(one: str, other: str):
    assert name_key(one) == name_key(other)


def test_other_names_do_not():
    assert name_key("Kučinskas") != name_key("Kučinskienė")
    assert name_key("Παπαδοπούλου") != name_key("Papadopoulou")


@given(st.text(max_size=40))
def test_a_key_is_stable_and_has_letters_only(name: str):
    key = name_key(name)
    assert name_key(key) == key
    assert key == "" or key.isalnum()


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (person("2", "Sarunas Jonas", "Kucinskas"), True),
        (person("2", "Jonas", "Kučinskas", email="1@EXAMPLE.org"), True),
        (person("2", "Jonas", "Kučinskas"), False),
        (person("2", "Šarūnas", "Kučinskas", date(1983, 6, 7)), False),
        (person("2", "Šarūnas", "Kučinskas", None), False),
        (person("2", "Šarūnas", "Petraitis"), False),
        (person("1", "Šarūnas", "Kučinskas"), False),
    ],
)
def test_who_may_be_the_same_person(other: Person, *, same: bool):
    """practice.md: surname and birth date, and given name or e-mail; middle names and addresses do not hide it."""
    one = person("1", "Šarūnas", "Kučinskas")
    assert may_be_same(one, other) == may_be_same(other, one) == same


def test_without_a_birth_date_nobody_is_taken_for_another():
    one, other = person("1", "A", "B", None), person("2", "A", "B", None)
    assert not may_be_same(one, other)
    assert pair_key("b", "a") == pair_key("a", "b")


def test_a_profile_releases_what_it_asks_for_and_the_id():
    record = {"id": "1", "given_name": "A", "family_name": "B", "email": "e", "phone": "p", "issuer": "i"}
    assert released(record, ["name"]) == {"id": "1", "given_name": "A", "family_name": "B"}
    assert released(record, ["email"]) == {"id": "1", "email": "e"}


def test_ranks():
    """ADM-10: by time alone, or the higher score first and whoever has none last."""
    assert rank_of("first_come", "99") == rank_of("first_come", None) == 0
    assert rank_of("score", "90.5") < rank_of("score", "90") < rank_of("score", None)
