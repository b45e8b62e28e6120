"""eddsa-rdfc-2022: what was signed verifies, and nothing else does (R13, CRT-30)."""

import copy
import json
import random
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from services.certification.formats.canonical import NotCanonicalError
from services.certification.formats.multikey import decode_base58, encode_base58
from services.certification.formats.openbadges import credential
from services.certification.formats.proof import ProofError, add_proof, verify_proof
from tests.unit.certification.samples import KEY, METHOD, signed, snapshot

FLIPS = 10_000


def our_key(method: str) -> Ed25519PublicKey | None:
    return KEY.public_key() if method == METHOD else None


def test_what_was_signed_verifies_after_any_journey_through_json() -> None:
    assert verify_proof(json.loads(json.dumps(signed(), indent=3)), our_key)["verificationMethod"] == METHOD


def test_the_same_snapshot_and_key_give_the_same_bytes() -> None:
    assert json.dumps(signed()) == json.dumps(signed())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["name"], "Another title"),
        (["validFrom"], "2026-11-04T09:30:00Z"),
        (["issuer", "name"], "University of Elsewhere"),
        (["credentialSubject", "identifier", 0, "identityHash"], "Somebody Else"),
        (["credentialSubject", "creditsEarned"], 11),
        (["credentialStatus", "statusListIndex"], "1"),
        (["proof", 0, "created"], "2026-11-03T09:30:01Z"),
        (["proof", 0, "proofPurpose"], "authentication"),
        (["proof", 0, "cryptosuite"], "eddsa-jcs-2022"),
        (["proof", 0, "verificationMethod"], METHOD + "x"),
        (["proof", 0, "proofValue"], encode_base58(bytes(64))),
        (["proof", 0, "proofValue"], encode_base58(bytes(63))),
        (["proof", 0, "proofValue"], "u" + "A" * 86),
        (["proof", 0, "domain"], "example.org"),
        (["proof"], []),
        (["proof"], None),
        (["proof"], [{"type": "DataIntegrityProof"}]),
        (["proof", 0, "created"], 5),
    ],
)
def test_a_changed_member_is_refused(path: list[Any], value: Any) -> None:
    document = copy.deepcopy(signed())
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(ProofError):
        verify_proof(document, our_key)


def test_a_removed_or_doubled_proof_is_refused() -> None:
    document = signed()
    with pytest.raises(ProofError):
        verify_proof({**document, "proof": document["proof"] * 2}, our_key)
    with pytest.raises(ProofError):
        verify_proof({name: value for name, value in document.items() if name != "proof"}, our_key)


def test_an_added_member_is_refused() -> None:
    with pytest.raises(ProofError):
        verify_proof({**signed(), "description": "with honours"}, our_key)


def test_another_key_is_refused() -> None:
    stranger = Ed25519PrivateKey.generate().public_key()
    with pytest.raises(ProofError, match="differs"):
        verify_proof(signed(), lambda _method: stranger)


def test_random_flips_of_one_byte_are_never_accepted() -> None:
    """R13: 10,000 flips of the credential's bytes, none accepted."""
    original = json.dumps(signed(), ensure_ascii=False, separators=(",", ":")).encode()
    draw = random.Random(20261103)
    accepted = []
    for _ in range(FLIPS):
        position, bit = draw.randrange(len(original)), 1 << draw.randrange(8)
        flipped = bytearray(original)
        flipped[position] ^= bit
        try:
            verify_proof(json.loads(flipped), our_key)
        except (ProofError, ValueError, AttributeError):
            continue
        accepted.append((position, bytes(flipped[max(0, position - 20) : position + 20])))
    assert accepted == []


def test_a_document_that_would_lose_something_is_never_signed() -> None:
    asked: list[bytes] = []
    with pytest.raises(NotCanonicalError):
        add_proof(
            {**credential(snapshot()), "colour": "blue"},
            created="2026-11-03T09:30:00Z",
            verification_method=METHOD,
            sign=lambda data: asked.append(data) or b"",  # type: ignore[func-returns-value]
        )
    assert asked == []


@pytest.mark.parametrize("data", [b"", b"\0", b"\0\0\x01", bytes(range(64)), b"\xff" * 64])
def test_base58_gives_back_what_it_was_given(data: bytes) -> None:
    assert decode_base58(encode_base58(data)) == data


@pytest.mark.parametrize("text", ["", "abc", "z0", "zO", "z" + "1" * 200])
def test_what_is_not_short_base58_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="base58"):
        decode_base58(text)
