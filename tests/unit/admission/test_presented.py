"""A presented credential: whose it is and what it shows (ADM-31)."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.admission.domain.learner import Person
from services.admission.domain.presented import facts_of, is_about

PERSON = Person("l1", "Ελένη", "Παπαδοπούλου", date(2003, 4, 12), "eleni@example.org")


def identity(kind: str, value: str, *, hashed: bool = False) -> dict[str, Any]:
    return {"type": "IdentityObject", "hashed": hashed, "identityHash": value, "identityType": kind}


def credential(*identities: dict[str, Any]) -> dict[str, Any]:
    alignments = [
        {"targetType": "ext:ESCOSkill", "targetUrl": "http://data.europa.eu/esco/skill/a"},
        {
            "targetType": "ext:ISCEDF",
            "targetUrl": "http://data.europa.eu/snb/isced-f/0714",
            "targetCode": "0714",
        },
        {"targetType": "ext:EQF", "targetUrl": "http://data.europa.eu/snb/eqf/7"},
    ]
    achievement = {"achievementType": "MicroCredential", "alignment": alignments}
    return {
        "credentialSubject": {"identifier": list(identities), "creditsEarned": 10, "achievement": achievement}
    }


NAME = identity("name", "Ελένη Παπαδοπούλου")


@pytest.mark.parametrize(
    ("identities", "theirs"),
    [
        ((NAME,), True),
        ((NAME, identity("ext:dateOfBirth", "2003-04-12")), True),
        ((identity("name", "ΕΛΕΝΗ ΠΑΠΑΔΟΠΟΥΛΟΥ"),), True),
        ((NAME, identity("ext:dateOfBirth", "2003-04-13")), False),
        ((identity("name", "Ελένη Άλλη"),), False),
        ((identity("ext:dateOfBirth", "2003-04-12"),), False),
        ((identity("name", "Ελένη Παπαδοπούλου", hashed=True),), False),
        ((), False),
    ],
)
def test_a_credential_counts_for_the_person_it_names(identities: tuple[dict[str, Any], ...], *, theirs: bool):
    assert is_about(credential(*identities), PERSON) == theirs


def test_a_micro_credential_shows_credits_field_and_skills_and_no_qualification():
    """CRT-22: it is not a degree, at whatever level."""
    assert facts_of(credential(NAME)) == {
        "ects": "10",
        "esco": ["http://data.europa.eu/esco/skill/a"],
        "isced_f": "0714",
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["credentialSubject", "identifier", "achievement", "alignment", "identityType"]),
            inner,
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["credentialSubject", "type"]), JSON))
def test_any_document_is_read_without_an_error(document: dict[str, Any]):
    facts_of(document)
    assert not is_about(document, PERSON)
