"""Documents of strangers: bounded in time, nothing lost, and their identifiers looked up in one place only (S5)."""

import base64
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from services.certification.domain.verdict import Outcome
from services.certification.formats import general
from services.certification.formats.canonical import NotCanonicalError
from services.certification.formats.contexts import OPEN_BADGES
from services.certification.formats.data_integrity import ProofFaultError
from services.certification.formats.did_key import did_of, method_of
from services.certification.formats.general import MAX_ALIKE, general_form
from services.certification.formats.shelf import shelved_context
from services.certification.formats.terms import terms_of
from services.certification.handlers.examination import Examiner
from services.certification.handlers.resolution import Resolver, UnresolvedError, address_of
from services.certification.handlers.status_entries import status_findings
from tests.credentials.generate import ED, P256, WEB, documents, entry, signed, unsigned
from tests.support.addresses import Addresses

V2 = "https://www.w3.org/ns/credentials/v2"
NOW = datetime(2026, 11, 22, tzinfo=UTC)
EVIDENCE = {"type": "https://example.org/#Example"}


def resolver(pages: dict[str, Any] | None = None) -> Resolver:
    return Resolver(Addresses(documents() if pages is None else pages), lambda _did: None)  # type: ignore[arg-type]


def credential(**changes: Any) -> dict[str, Any]:
    return {
        "@context": [V2],
        "type": ["VerifiableCredential"],
        "issuer": "did:example:x",
        "credentialSubject": {"id": "did:example:subject"},
        **changes,
    }


@pytest.mark.parametrize(
    ("did", "address"),
    [
        ("did:web:example.org", "https://example.org/.well-known/did.json"),
        ("did:web:example.org:a:b", "https://example.org/a/b/did.json"),
        ("did:web:example.org%3A8443:a", "https://example.org:8443/a/did.json"),
    ],
)
def test_did_web_says_where_its_document_is(did: str, address: str) -> None:
    assert address_of(did) == address


@pytest.mark.parametrize(
    "did",
    [
        "did:ion:abc",
        "did:web:",
        "did:web:user%40example.org",
        "did:web:example.org%2Fadmin",
        "did:web:example.org%3Fa",
        "did:web:example.org%23a",
        "did:web:example.org:..:admin",
        "did:web:example.org:%2e%2e:admin",
        "did:web:example.org:a%2Fb",
        "did:web:example.org::a",
        "did:web:example.org:a b",
        "https://example.org",
    ],
)
def test_an_identifier_that_leads_elsewhere_is_not_looked_up(did: str) -> None:
    with pytest.raises(UnresolvedError):
        address_of(did)


def test_a_method_counts_only_for_the_purpose_that_its_document_states() -> None:
    assert resolver().key(f"{WEB}#signing", "assertionMethod")
    for method, purpose in (
        ("signing", "authentication"),
        ("login", "assertionMethod"),
        ("x", "assertionMethod"),
    ):
        with pytest.raises(ProofFaultError):
            resolver().key(f"{WEB}#{method}", purpose)


def test_a_document_is_fetched_once_and_no_more_than_a_few_are() -> None:
    looking = resolver()
    for _ in range(3):
        looking.key(f"{WEB}#signing", "assertionMethod")
    assert len(looking.fetcher.asked) == 1  # type: ignore[attr-defined]
    pages = {f"https://h{n}.example/.well-known/did.json": {"id": f"did:web:h{n}.example"} for n in range(9)}
    several = resolver(pages)
    for number in range(4):
        several.document(f"did:web:h{number}.example")
    with pytest.raises(UnresolvedError, match="more identifiers"):
        several.document("did:web:h5.example")


@pytest.mark.parametrize(
    "page", [None, "not JSON", "[]", {"id": "did:web:another.example"}, '{"id": 1, "id": 2}']
)
def test_a_page_that_is_not_the_document_is_none(page: Any) -> None:
    pages = {} if page is None else {"https://a.example/.well-known/did.json": page}
    with pytest.raises(UnresolvedError):
        resolver(pages).document("did:web:a.example")


def owner(*methods: Any, purpose: str = "assertionMethod") -> Resolver:
    return resolver(
        {"https://a.example/.well-known/did.json": {"id": "did:web:a.example", purpose: [*methods]}}
    )


@pytest.mark.parametrize("kid", ["did:web:a.example#k1", "#k1", "k1", None, "did:web:a.example"])
def test_a_token_names_a_method_of_its_issuer_or_there_is_only_one(kid: str | None) -> None:
    looking = owner(5, None, {}, "#k1")
    assert looking.method("did:web:a.example", kid, "assertionMethod") == "did:web:a.example#k1"


@pytest.mark.parametrize(
    ("looking", "kid"),
    [
        (owner(), None),
        (owner(), "did:web:a.example"),
        (owner("#k1", "#k2"), None),
        (owner("#k1", "#k2"), "did:web:a.example"),
        (owner("#k1", purpose="authentication"), None),
        (owner("#k1"), "did:web:b.example#k1"),
        (owner("#k1"), "did:web:b.example"),
    ],
)
def test_a_token_that_names_no_one_method_of_its_issuer_is_refused(
    looking: Resolver, kid: str | None
) -> None:
    with pytest.raises(ProofFaultError):
        looking.method("did:web:a.example", kid, "assertionMethod")


def test_a_did_key_needs_no_look_up() -> None:
    looking = resolver({})
    for key in (ED.public_key(), P256.public_key()):
        assert looking.key(method_of(key), "assertionMethod")
        assert looking.methods(did_of(key), "assertionMethod") == [method_of(key)]
    assert looking.fetcher.asked == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, "passed"),
        ({"@context": [V2, "https://example.org/context"]}, "unchecked"),
        ({"@context": [V2, {"pinned": "https://example.org/#pinned"}]}, "unchecked"),
        ({"pinned": "in no context"}, "failed"),
        ({"name": "changed"}, "failed"),
    ],
)
def test_only_a_context_that_is_not_read_leaves_a_proof_unchecked(
    changes: dict[str, Any], outcome: Outcome
) -> None:
    looking = Examiner(resolver(), NOW, lambda _address: None)
    found = looking.credential({**signed(unsigned(did_of(ED.public_key()))), **changes})
    assert [each.outcome for each in found if each.name == "proof"] == [outcome]


def test_only_a_few_lists_and_resources_of_one_credential_are_looked_up() -> None:
    looking = Examiner(resolver(), NOW, lambda _address: None)
    asked = looking.resolver.fetcher.asked  # type: ignore[attr-defined]
    entries = [entry("good", index) for index in range(5)]
    (refused,) = status_findings({"credentialStatus": entries}, lambda _: pytest.fail("one was looked up"))
    assert refused.outcome == "unchecked"
    digest = "sha256-" + base64.b64encode(bytes(32)).decode()
    named = [{"id": f"https://example.org/{number}", "digestSRI": digest} for number in range(9)]
    found = list(looking.related({"relatedResource": named}))
    assert [each.outcome for each in found] == ["unchecked"] * 5
    assert asked == [resource["id"] for resource in named[:4]]


def test_nodes_that_look_alike_are_told_apart_up_to_a_few() -> None:
    """The general algorithm takes factorial time in their number; a document made to hurt has many."""
    assert general_form(credential(evidence=[EVIDENCE] * MAX_ALIKE))
    began = time.thread_time()
    with pytest.raises(NotCanonicalError, match="alike"):
        general_form(credential(evidence=[EVIDENCE] * (MAX_ALIKE + 1)))
    with pytest.raises(NotCanonicalError, match="alike"):
        general_form(credential(evidence=[EVIDENCE] * 500))
    assert time.thread_time() - began < 5


@pytest.mark.parametrize(
    "changes",
    [
        {"unknown": 1},
        {"name": None},
        {"evidence": {"type": "Undefined"}},
        {"evidence": {**EVIDENCE, "id": "relative"}},
        {"@graph": []},
        {"@included": []},
        {"@reverse": {}},
        {"evidence": [[[[[[EVIDENCE]]]]] * 700]},
        {"@context": [V2, {"name": "https://example.org/#name"}]},
        {"@context": [V2, "https://example.org/context"]},
        {"@context": [V2, None]},
        {"name": "\ud800"},
    ],
)
def test_what_would_be_lost_or_take_long_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(NotCanonicalError):
        general_form(credential(**changes))


def test_every_pinned_context_is_still_the_one_that_was_pinned() -> None:
    for url in (V2, "https://www.w3.org/2018/credentials/v1", "https://w3id.org/security/data-integrity/v2"):
        assert shelved_context(url)["@context"]


def test_contexts_that_strangers_write_are_forgotten_with_the_document() -> None:
    before = set(general._resolved)
    for number in range(3):
        written = {"@context": [V2, {f"term{number}": f"https://example.org/{number}"}]}
        general_form(credential(**written, **{f"term{number}": "said"}), inline_contexts=True)
    assert set(general._resolved) == before


def test_no_terms_are_kept_for_the_pinned_contexts_in_other_orders() -> None:
    plain = general_form(credential(**{"@context": [V2, OPEN_BADGES]}))
    kept = terms_of.cache_info().currsize
    for named in ([V2, OPEN_BADGES, V2], [V2, V2, OPEN_BADGES], [V2, OPEN_BADGES, OPEN_BADGES]):
        assert general_form(credential(**{"@context": named})) == plain
    assert terms_of.cache_info().currsize == kept
