"""The canonical form is the one everybody else computes, and nothing is lost on the way to it."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyld import jsonld

from services.certification.formats.canonical import (
    MAX_OBJECTS,
    NotCanonicalError,
    canonical_form,
    reference_form,
)
from services.certification.formats.contexts import (
    CREDENTIALS,
    UnknownContextError,
    identifier_terms,
    load_pinned,
    pinned_context,
)
from services.certification.formats.openbadges import credential
from services.certification.formats.proof import ProofError, verify_proof
from services.certification.formats.statuslist import status_list
from shared.annex1 import Learner
from tests.support.documents import offering
from tests.unit.certification.samples import ISSUER, KEY, LIST_URL, elements, signed, snapshot

TEXT = st.text(
    st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\u2028\u2029\ufffe\uffff"), min_size=1
).filter(str.strip)


def by_pyld(document: dict[str, Any]) -> str:
    """PyLD's own canonicalisation, without anything of ours but the pinned contexts."""
    options = {
        "documentLoader": load_pinned,
        "base": None,
        "algorithm": "URDNA2015",
        "format": "application/n-quads",
    }
    form: str = jsonld.normalize(copy.deepcopy(document), options)
    return form


def proof_options() -> dict[str, Any]:
    proof = {name: value for name, value in signed()["proof"][0].items() if name != "proofValue"}
    return {"@context": credential(snapshot())["@context"], **proof}


DOCUMENTS = {
    "credential": credential(snapshot()),
    "half credits": credential(snapshot(elements=elements(document=offering(workload={"ects": "7.5"})))),
    "hours only": credential(
        snapshot(elements=elements(document=offering(workload={"ects": None, "hours": 60})))
    ),
    "status list": status_list(LIST_URL, ISSUER, "2026-11-03T09:30:00Z", [3, 94567]),
    "proof options": proof_options(),
}


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("form", [canonical_form, reference_form])
def test_the_form_is_byte_equal_to_that_of_pyld(name: str, form: Any) -> None:
    assert form(DOCUMENTS[name]) == by_pyld(DOCUMENTS[name])


@given(given_name=TEXT, family_name=TEXT, title=TEXT, outcome=TEXT, email=TEXT)
@settings(max_examples=60, deadline=None)
def test_any_printable_text_has_the_form_of_pyld(
    given_name: str, family_name: str, title: str, outcome: str, email: str
) -> None:
    outcomes = [{**offering()["outcomes"][0], "title": {"en": outcome}}, *offering()["outcomes"][1:]]
    document = credential(
        snapshot(
            elements=elements(
                Learner(given_name, family_name, "1990-02-28", email=email),
                offering(title={"en": title, "fi": title}, outcomes=outcomes),
            )
        )
    )
    assert canonical_form(document) == by_pyld(document)


@pytest.mark.parametrize("value", [7.5, 0.1, 1e-7, 123456.789, 2.0, 1e15, 3])
def test_numbers_have_the_form_of_pyld(value: float) -> None:
    document = changed(["credentialSubject", "creditsEarned"], value)
    assert canonical_form(document) == by_pyld(document)


def changed(path: list[Any], value: Any) -> dict[str, Any]:
    document = copy.deepcopy(DOCUMENTS["credential"])
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return document


LOSSES = {
    "an undefined term": changed(["colour"], "blue"),
    "an undefined term inside": changed(["credentialSubject", "achievement", "colour"], "blue"),
    "a term out of its place": changed(["issuer", "targetName"], "x"),
    "an undefined type": changed(["type"], ["VerifiableCredential", "OpenBadgeCredential", "Medal"]),
    "a relative identifier": changed(["issuer", "id"], "helsinki"),
    "a relative reference": changed(["credentialStatus", "statusListCredential"], "/list"),
    "null": changed(["awardedDate"], None),
    "a list within a list": changed(["credentialSubject", "identifier"], [[{"type": "IdentityObject"}]]),
    "a full address as a term": changed(["https://schema.org/name"], "x"),
    "a keyword": changed(["@reverse"], {}),
    "an included graph": changed(["@included"], []),
    "a context inside": changed(["issuer", "@context"], "https://www.w3.org/ns/credentials/v2"),
    "an object as a context": changed(["@context"], [{"colour": "https://example.org/colour"}]),
    "an identifier with a statement in it": changed(["issuer", "id"], "x:y> <x:p> <x:o> .\n<x:z"),
    "a control character": changed(["name"], "Sustain\x08ability"),
    "half of a surrogate pair": changed(["name"], "\ud83d"),
    "a type as a member": changed(["DataIntegrityProof"], [0] * 100),
    "many types": changed(["type"], ["VerifiableCredential"] * 4),
    "an unknown context": changed(["@context"], ["https://example.org/context"]),
    "an identifier that is a number": changed(["id"], 5),
}


@pytest.mark.parametrize("form", [canonical_form, reference_form])
@pytest.mark.parametrize("name", LOSSES)
def test_a_document_that_would_lose_something_is_refused(name: str, form: Any) -> None:
    with pytest.raises(NotCanonicalError):
        form(LOSSES[name])


@pytest.mark.parametrize("name", ["an undefined term", "a relative identifier", "null"])
def test_pyld_alone_would_have_dropped_it_silently(name: str) -> None:
    """The negative control: without our guard the loss would be signed over."""
    assert by_pyld(LOSSES[name]) != ""


def test_blank_nodes_that_cannot_be_told_apart_are_refused_at_once() -> None:
    twins = [{"type": "IdentityObject", "hashed": False} for _ in range(40)]
    with pytest.raises(NotCanonicalError, match="told apart"):
        reference_form(changed(["credentialSubject", "identifier"], twins))


def test_a_document_made_to_hurt_is_refused_before_pyld_sees_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of values of one property take PyLD seconds; a stranger has no signature to get that far."""
    monkeypatch.setattr("services.certification.formats.proof.reference_form", lambda _: pytest.fail("PyLD"))
    achievement = {**signed()["credentialSubject"]["achievement"], "tag": [str(n) for n in range(2_000)]}
    hostile = {**signed(), "credentialSubject": {**signed()["credentialSubject"], "achievement": achievement}}
    with pytest.raises(ProofError, match="differs"):
        verify_proof(hostile, lambda _method: KEY.public_key())


def test_a_document_larger_than_any_of_ours_is_refused_before_any_work() -> None:
    many = [{"type": "Alignment", "targetName": str(number)} for number in range(MAX_OBJECTS)]
    with pytest.raises(NotCanonicalError, match="larger"):
        reference_form(changed(["credentialSubject", "achievement", "alignment"], many))


def test_deep_nesting_is_refused() -> None:
    nested: dict[str, Any] = {"type": ["Profile"]}
    for _ in range(30):
        nested = {"type": ["Profile"], "parentOrg": nested}
    with pytest.raises(NotCanonicalError, match="larger"):
        reference_form(changed(["issuer"], nested))


def test_contexts_are_pinned_and_never_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnknownContextError):
        pinned_context("https://example.org/context")
    pinned_context.cache_clear()
    monkeypatch.setattr("services.certification.formats.contexts.load_context", lambda _url: {"@context": {}})
    with pytest.raises(UnknownContextError, match="differs"):
        pinned_context(CREDENTIALS)
    monkeypatch.undo()
    pinned_context.cache_clear()
    assert json.dumps(pinned_context(CREDENTIALS))


def test_the_identifier_terms_come_from_the_contexts() -> None:
    assert {"id", "issuer", "statusListCredential", "criteria"} <= identifier_terms()
    assert "name" not in identifier_terms()
