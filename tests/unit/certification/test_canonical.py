"""The canonical form is the one everybody else computes, and nothing is lost on the way to it."""

import copy
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyld import jsonld

from services.certification.formats import canonical
from services.certification.formats.canonical import MAX_ALIKE, NotCanonicalError, canonical_form
from services.certification.formats.contexts import (
    CREDENTIALS,
    UnknownContextError,
    identifier_terms,
    pinned_context,
)
from services.certification.formats.general import general_form, reference_form
from services.certification.formats.openbadges import credential
from services.certification.formats.prepared import MAX_OBJECTS
from services.certification.formats.proof import ProofError, verify_proof
from services.certification.formats.shelf import load_shelved
from services.certification.formats.statuslist import status_list
from shared.annex1 import Learner
from tests.support.documents import offering
from tests.support.generated import documents
from tests.unit.certification.samples import ISSUER, KEY, LIST_URL, elements, signed, snapshot

TEXT = st.text(
    st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\u2028\u2029\ufffe\uffff"), min_size=1
).filter(str.strip)


def by_pyld(document: dict[str, Any]) -> str:
    """PyLD's own canonicalisation, without anything of ours but the pinned contexts."""
    options = {
        "documentLoader": load_shelved,
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
@settings(max_examples=60)
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


@pytest.mark.parametrize("name", LOSSES)
def test_a_document_that_would_lose_something_is_refused(name: str) -> None:
    with pytest.raises(NotCanonicalError):
        canonical_form(LOSSES[name])


@pytest.mark.parametrize("name", ["an undefined term", "a relative identifier", "null"])
def test_pyld_alone_would_have_dropped_it_silently(name: str) -> None:
    """The negative control: without our guard the loss would be signed over."""
    assert by_pyld(LOSSES[name]) != ""


def identities(*values: str) -> dict[str, Any]:
    nodes = [{"type": "IdentityObject", "hashed": False, "identityHash": value} for value in values]
    return changed(["credentialSubject", "identifier"], nodes)


@pytest.mark.parametrize("values", [["a", "a"], ["a", "a", "a"], ["b", "b", "a"], ["\\n", "\\n", '"\n']])
def test_nodes_that_look_alike_are_labelled_by_the_general_algorithm(values: list[str]) -> None:
    assert canonical_form(identities(*values)) == by_pyld(identities(*values))


def test_without_the_general_algorithm_their_labels_would_be_a_guess(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: the direct way alone gives what nobody else computes."""
    twins = changed(["credentialSubject", "achievement", "creator"], {"type": ["Profile"]})
    twins["credentialSubject"]["achievement"]["resultDescription"] = [
        {"id": f"urn:uuid:{n}", "type": ["ResultDescription"], "name": "x", "resultType": "Result"}
        for n in range(2)
    ]
    twins["issuer"]["parentOrg"] = {"type": ["Profile"], "official": "o", "parentOrg": {"type": ["Profile"]}}
    twins["issuer"]["otherIdentifier"] = [
        {"type": "IdentifierEntry", "identifier": "1", "identifierType": "identifier"} for _ in range(2)
    ]
    expected = by_pyld(twins)
    assert canonical_form(twins) == expected
    monkeypatch.setattr(
        canonical, "_told_apart", lambda quads, hashes: [f"{s} {p} {o} .\n" for s, p, o in quads]
    )
    assert canonical_form(twins) != expected


def test_many_nodes_that_look_alike_are_refused_at_once() -> None:
    assert canonical_form(identities(*["a"] * MAX_ALIKE))
    for many in (["a"] * (MAX_ALIKE + 1), ["a"] * 80, [str(n // 2) for n in range(80)]):
        with pytest.raises(NotCanonicalError, match="told apart"):
            canonical_form(identities(*many))


def test_a_document_made_to_hurt_never_reaches_pyld(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of values of one property take PyLD seconds; a stranger has no signature to get that far."""
    monkeypatch.setattr(jsonld.JsonLdProcessor, "to_rdf", lambda *_: pytest.fail("PyLD"))
    achievement = {**signed()["credentialSubject"]["achievement"], "tag": [str(n) for n in range(2_000)]}
    hostile = {**signed(), "credentialSubject": {**signed()["credentialSubject"], "achievement": achievement}}
    with pytest.raises(ProofError, match="differs"):
        verify_proof(hostile, lambda _method: KEY.public_key())


def test_a_document_larger_than_any_of_ours_is_refused() -> None:
    many = [{"type": "Alignment", "targetName": str(number)} for number in range(MAX_OBJECTS)]
    for document in (
        changed(["credentialSubject", "achievement", "alignment"], many),
        changed(["credentialSubject", "achievement", "tag"], ["x"] * 3_000),
    ):
        with pytest.raises(NotCanonicalError, match="larger"):
            canonical_form(document)


@pytest.mark.parametrize("form", [canonical_form, reference_form])
def test_deep_nesting_is_refused(form: Any) -> None:
    nested: dict[str, Any] = {"type": ["Profile"]}
    for _ in range(30):
        nested = {"type": ["Profile"], "parentOrg": nested}
    with pytest.raises(NotCanonicalError, match="larger"):
        form(changed(["issuer"], nested))


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


@given(documents())
@settings(max_examples=200)
def test_a_generated_document_has_the_form_of_pyld_or_is_refused(document: dict[str, Any]) -> None:
    """Any types, terms and values of the contexts, blank nodes and shared ones, sensible or not."""
    try:
        form = canonical_form(document)
    except NotCanonicalError:
        return
    assert form == by_pyld(document)


def test_generated_documents_are_rarely_refused_and_often_have_blank_nodes() -> None:
    """The property above would hold of a form that refuses everything."""
    seen = Counter[str]()

    @given(documents())
    @settings(max_examples=100, derandomize=True, database=None)
    def count(document: dict[str, Any]) -> None:
        try:
            seen["several blank nodes"] += "_:c14n1" in canonical_form(document)
            seen["taken"] += 1
        except NotCanonicalError:
            seen["refused"] += 1

    count()
    assert seen["taken"] > 10 * seen["refused"]
    assert seen["several blank nodes"] > 10


CASES = sorted((Path(__file__).parents[2] / "credentials" / "cases").glob("*.json"))


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_a_credential_of_the_folder_has_the_form_of_pyld(file: Path) -> None:
    """Those that our strict form refuses are canonicalised by PyLD itself."""
    credential = {name: value for name, value in json.loads(file.read_bytes()).items() if name != "proof"}
    try:
        expected = reference_form(credential)
    except NotCanonicalError:
        with pytest.raises(NotCanonicalError):
            general_form(credential)
        return
    assert general_form(credential) == expected
