"""Credentials that others wrote, in whatever envelope and however strange: read by what they state."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.annex1.readers import UnreadableError
from shared.annex1.report import check_credential, table
from tests.unit.annex1.credentials import (
    RENDERED,
    compact,
    deleted,
    digest,
    encoded,
    found,
    places,
    rendered,
    sd_jwt,
)


def a_foreign_badge() -> dict[str, Any]:
    """In the manner of the Dutch edubadges: members of their own on the achievement, levels elsewhere."""
    return {
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": "https://example.edu", "type": ["Profile"], "name": "Theed University"},
        "validFrom": "2026-06-01T00:00:00Z",
        "credentialSubject": {
            "id": "did:example:ebfeb1f712ebc6f1c276e12ec21",
            "type": ["AchievementSubject"],
            "identifier": {
                "type": "IdentityObject",
                "hashed": False,
                "identityType": "name",
                "identityHash": "Ona Žemaitytė",
            },
            "achievement": {
                "name": {"nl": "Zwaardvechten"},
                "ECTS": 6.0,
                "participationType": "online",
                "assessmentType": "testing",
                "alignment": [
                    {
                        "targetType": "ext:EQF",
                        "targetName": "EQF level 5",
                        "targetUrl": "https://example.edu/levels",
                    },
                    {"targetType": "ceasn:Competency", "targetName": "Parry", "targetUrl": "https://e.edu/p"},
                    {
                        "targetType": "ext:QualityAssurance",
                        "targetName": "NVAO",
                        "targetUrl": "https://example.edu/decisions/AV-1337",
                    },
                ],
            },
        },
    }


def test_a_foreign_badge_is_read_by_what_it_states() -> None:
    report = check_credential(a_foreign_badge())
    assert [(finding.element, finding.pointer) for finding in report.findings] == [
        (3, "/issuer/address/addressCountryCode")
    ]


def test_a_concept_of_a_european_vocabulary_is_known_by_its_address() -> None:
    document = a_foreign_badge()
    achievement = document["credentialSubject"]["achievement"]
    achievement.pop("assessmentType")
    assert found(document) == {3, 9}
    address = "http://data.europa.eu/snb/assessment/6e6cb2cc78"
    achievement["alignment"].append({"targetType": "ext:How", "targetName": "exam", "targetUrl": address})
    assert found(document) == {3}


def test_an_issuer_by_address_alone_tells_neither_country_nor_body() -> None:
    assert found(rendered("open_badges_3") | {"issuer": "https://example.edu"}) == {3, 4}


def test_a_learner_who_is_only_hashed_is_not_named() -> None:
    document = rendered("open_badges_3")
    for identity in document["credentialSubject"]["identifier"]:
        identity["hashed"] = True
    assert found(document) == {1}


def test_a_node_of_elm_may_stand_elsewhere_and_be_named_by_its_id() -> None:
    document = rendered("elm_3")
    claim = document["credentialSubject"]["hasClaim"]
    body, claim["awardedBy"]["awardingBody"] = claim["awardedBy"]["awardingBody"], "urn:body"
    assert found(document) == {4}
    document["issuer"]["hasPart"] = {**body, "id": "urn:body"}
    assert found(document, "helsinki.fi") == set()


def test_a_signed_badge_is_read_in_either_form_of_jwt() -> None:
    payload = deleted("open_badges_3", 9)
    assert found(compact({**payload, "iss": "did:web:example.org", "nbf": 1})) == {9}
    assert found(compact({"iss": "did:web:example.org", "vc": payload})) == {9}


def test_a_sealed_credential_is_read_encoded_or_not() -> None:
    payload = deleted("elm_3", 2)
    assert found(json.dumps({"payload": json.dumps(payload), "signatures": [{}]})) == {2}
    assert found({"payload": encoded(payload), "protected": "e30", "signature": "c2ln"}) == {2}


def test_disclosed_claims_are_read_and_hidden_ones_are_missing() -> None:
    payload = rendered("sd_jwt_vc")
    assert found(sd_jwt(payload)) == set()
    assert found(sd_jwt(payload, key_binding=compact({"nonce": "1"}))) == set()
    hidden = check_credential(sd_jwt(payload, hidden=frozenset({"learning_outcomes"})))
    assert [(finding.element, finding.pointer) for finding in hidden.findings] == [(6, "/learning_outcomes")]


def test_parts_of_claims_may_be_disclosed_by_themselves() -> None:
    payload = rendered("sd_jwt_vc")
    outcome, mode = encoded(["s1", "Explain"]), encoded(["s2", "label", "online"])
    payload["learning_outcomes"] = [{"...": digest(outcome)}, {"...": "unknown"}]
    payload["form_of_participation"] = {"_sd": [digest(mode)]}
    text = f"{compact(payload)}~{outcome}~{mode}~"
    assert found(text) == set()
    assert found(text.replace(f"~{outcome}", "")) == {6}
    assert found(text.replace(f"~{mode}", "")) == {10}


def test_a_disclosure_that_nothing_signed_refers_to_states_nothing() -> None:
    payload = deleted("sd_jwt_vc", 11)
    forged = encoded(["salt", "types_of_quality_assurance", ["forged"]])
    assert found(f"{compact(payload)}~{forged}~") == {11}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "PNG",
        "a.b.c",
        "e30.e30.",
        '{"type": "VerifiableCredential"}',
        '{"vct": "urn:example:diploma"}',
        '{"payload": "%%%", "signatures": []}',
        '{"elements": {}}',
        '{"type": ["OpenBadgeCredential"], "level": NaN}',
        "[" * 100_000,
        f"{compact({'vct': 'urn:eu.europa.ec.eudi:learning:credential:1', '_sd_alg': 'md5'})}~",
        f"{compact({'vct': 'urn:eu.europa.ec.eudi:learning:credential:1'})}~ü~",
    ],
)
def test_what_is_no_credential_is_said_to_be_unreadable(text: str) -> None:
    with pytest.raises(UnreadableError):
        check_credential(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted(RENDERED)), st.data())
@settings(max_examples=150)
def test_nothing_that_a_stranger_may_write_surprises_a_reader(format_name: str, data: st.DataObject) -> None:
    document = rendered(format_name)
    for _ in range(3):
        path = data.draw(st.sampled_from([place for place in places(document) if place]))
        place: Any = document
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = data.draw(JSON)
    try:
        report = check_credential(document, data.draw(st.lists(st.text(max_size=5), max_size=2)))
    except UnreadableError:
        return
    assert report.complete == (not report.to_json()["missing"])
    assert "\n".join(table(report))
