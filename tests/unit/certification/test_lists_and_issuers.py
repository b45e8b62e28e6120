"""Status lists, issuers' identifiers, keys at rest, verdicts: the small parts that others rely on."""

import base64
import gzip
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.certification.domain.issuer_key import IssuerKey
from services.certification.domain.verdict import CHECKS, Check, Outcome, verdict_of
from services.certification.formats.did import did_document, institution_of, issuer_did, public_key_of
from services.certification.formats.jws import jwk_of, key_from_jwk, thumbprint
from services.certification.formats.multikey import encode_base58, multikey, public_key
from services.certification.formats.statuslist import ENTRIES, encode, is_set, status_list
from services.certification.keys.encryption import KeyEncryption, KeyEncryptionError, load_key_encryption
from services.certification.keys.safes import generate, key_name
from shared.keyfiles import ExposedSecretError
from shared.settings import load_settings
from tests.unit.certification.samples import ISSUER, KEY, LIST_URL


@given(st.sets(st.integers(0, ENTRIES - 1), max_size=50), st.integers(0, ENTRIES - 1))
@settings(max_examples=50)
def test_exactly_the_withdrawn_indexes_are_set(withdrawn: set[int], other: int) -> None:
    encoded = encode(withdrawn)
    assert all(is_set(encoded, index) for index in withdrawn)
    assert is_set(encoded, other) is (other in withdrawn)


def test_the_list_is_as_long_as_the_standard_demands_and_begins_at_the_left() -> None:
    encoded = encode([0])
    bits = gzip.decompress(base64.urlsafe_b64decode(encoded[1:] + "=" * (-len(encoded[1:]) % 4)))
    assert encoded[0] == "u"
    assert len(bits) * 8 == ENTRIES == 131_072
    assert bits[0] == 0x80


@pytest.mark.parametrize(
    "encoded",
    [
        "",
        "x",
        "u",
        "u!!!",
        "uAAAA",
        "u" + base64.urlsafe_b64encode(gzip.compress(b"\0" * 100, mtime=0)).decode(),
    ],
)
def test_what_is_no_such_list_is_never_read_as_not_set(encoded: str) -> None:
    with pytest.raises(ValueError, match="bitstring"):
        is_set(encoded, 5)


def test_an_index_beyond_the_list_is_never_read_as_not_set() -> None:
    for index in (ENTRIES, -1):
        with pytest.raises(ValueError, match="index"):
            is_set(encode([]), index)


def test_the_list_names_its_issuer_and_purpose() -> None:
    document = status_list(LIST_URL, ISSUER, "2026-11-03T09:30:00Z", [])
    assert (document["id"], document["issuer"]) == (LIST_URL, ISSUER)
    assert document["credentialSubject"]["statusPurpose"] == "suspension"
    assert document["credentialSubject"]["id"] != document["id"]


@pytest.mark.parametrize("host", ["certificates.example.org", "127.0.0.1:8000", "[::1]:8000"])
def test_an_issuer_is_found_again_by_its_identifier(host: str) -> None:
    did = issuer_did(host, "ouc.ac.cy")
    assert ":8000" not in did
    assert institution_of(did, host) == "ouc.ac.cy"


@pytest.mark.parametrize(
    "did",
    [
        "",
        "did:web:elsewhere.example:certification:issuers:helsinki.fi",
        "did:key:z6MkhrryCXxH5zmsph8ypmjVoF7HY3FBr92jgoifUcyGfys1",
        "did:web:certificates.example.org:certification:issuers:",
        "did:web:certificates.example.org:certification:issuers:helsinki.fi:x",
        "did:web:certificates.example.org:certification:issuers:helsinki.fi#key",
        "did:web:certificates.example.org.evil.example:certification:issuers:helsinki.fi",
    ],
)
def test_what_is_not_an_issuer_of_ours_is_not_taken_for_one(did: str) -> None:
    assert institution_of(did, "certificates.example.org") is None


def issuer_key(public: Any, algorithm: str, jwk: Any = None) -> IssuerKey:
    return IssuerKey(key_name(public), "helsinki.fi", algorithm, "active", datetime.now(UTC), jwk=jwk)


def test_the_document_of_an_issuer_has_each_key_for_assertions() -> None:
    rsa = generate("RS256", 2048).public_key()
    jwk = jwk_of(rsa, thumbprint(rsa))
    keys = [issuer_key(KEY.public_key(), "EdDSA"), issuer_key(rsa, "RS256", jwk)]
    document = did_document(ISSUER, keys)
    assert document["assertionMethod"] == [f"{ISSUER}#{key.multikey}" for key in keys]
    multikey, json_web_key = document["verificationMethod"]
    assert multikey == {
        "id": f"{ISSUER}#{keys[0].multikey}",
        "type": "Multikey",
        "controller": ISSUER,
        "publicKeyMultibase": keys[0].multikey,
    }
    assert (json_web_key["type"], json_web_key["publicKeyJwk"]) == ("JsonWebKey", jwk)
    assert [public_key_of(key) for key in keys] == [KEY.public_key(), rsa]


def test_the_name_of_an_rsa_key_is_its_thumbprint() -> None:
    """The example of RFC 7638, section 3.1."""
    n = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3ok"
        "njhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu"
        "6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8a"
        "wapJzKnqDKgw"
    )
    key = key_from_jwk({"kty": "RSA", "n": n, "e": "AQAB"})
    assert key_name(key) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_a_multikey_gives_back_its_key_and_nothing_else_does() -> None:
    raw = KEY.public_key().public_bytes_raw()
    assert public_key(multikey(raw)).public_bytes_raw() == raw
    for wrong in (
        encode_base58(raw),
        encode_base58(b"\x80\x24" + raw),
        encode_base58(b"\xed\x01" + raw[:31]),
    ):
        with pytest.raises(ValueError, match="Multikey"):
            public_key(wrong)


def test_a_wrapped_key_opens_for_its_owner_only() -> None:
    encryption = KeyEncryption(os.urandom(32))
    wrapped = encryption.wrap(b"private", "helsinki.fi|z1")
    assert b"private" not in wrapped
    assert encryption.unwrap(wrapped, "helsinki.fi|z1") == b"private"
    for other in (lambda: encryption.unwrap(wrapped, "kuleuven.be|z1"), lambda: _stranger(wrapped)):
        with pytest.raises(KeyEncryptionError):
            other()


def _stranger(wrapped: bytes) -> bytes:
    return KeyEncryption(os.urandom(32)).unwrap(wrapped, "helsinki.fi|z1")


def test_the_key_encryption_key_is_made_once_in_development(tmp_path: Path) -> None:
    settings_ = load_settings({"PASSERELLE_HOME": str(tmp_path)})
    wrapped = load_key_encryption(settings_).wrap(b"private", "owner")
    assert load_key_encryption(settings_).unwrap(wrapped, "owner") == b"private"
    assert settings_.key_encryption_key_file.stat().st_mode & 0o077 == 0


def test_in_production_the_operator_provides_it(tmp_path: Path) -> None:
    settings_ = load_settings(
        {
            "PASSERELLE_ENV": "production",
            "PASSERELLE_HOME": str(tmp_path),
            "OIDC_ISSUER": "https://issuer.example.org",
            "SERVICE_CLIENT_SECRET": "secret",
        }
    )
    with pytest.raises(KeyEncryptionError, match="does not exist"):
        load_key_encryption(settings_)


@pytest.mark.parametrize("content", ["", "abc", "zz" * 32, "00" * 31])
def test_a_malformed_key_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "kek"
    file.touch(mode=0o600)
    file.write_text(content)
    with pytest.raises(KeyEncryptionError, match="32 bytes"):
        load_key_encryption(
            load_settings({"PASSERELLE_HOME": str(tmp_path), "KEY_ENCRYPTION_KEY_FILE": str(file)})
        )


def test_a_key_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    file = tmp_path / "kek"
    file.write_text("00" * 32)
    file.chmod(0o644)
    with pytest.raises(ExposedSecretError):
        load_key_encryption(
            load_settings({"PASSERELLE_HOME": str(tmp_path), "KEY_ENCRYPTION_KEY_FILE": str(file)})
        )


def checks(**outcomes: Outcome) -> list[Check]:
    return [Check(name, outcomes.get(name, "passed"), "") for name in CHECKS]


def test_green_needs_every_check_to_have_passed() -> None:
    assert verdict_of(checks()) == "valid"
    for name in CHECKS:
        assert verdict_of([check for check in checks() if check.name != name]) == "could_not_be_checked"
        assert verdict_of(checks(**{name: "unchecked"})) == "could_not_be_checked"
        assert verdict_of(checks(**{name: "failed"})) == "not_valid"
        assert verdict_of(checks(**{name: "remark"})) == "valid_with_remark"
    assert verdict_of([]) == "could_not_be_checked"


@pytest.mark.parametrize("outcome", ["failed", "unchecked", "remark"])
def test_of_several_checks_of_one_name_none_hides_another(outcome: Outcome) -> None:
    """Two status lists, of which one says that it is withdrawn."""
    other = Check("status", outcome, "")
    assert verdict_of([other, *checks()]) == verdict_of([*checks(), other]) != "valid"


def test_a_failure_outweighs_what_could_not_be_looked_at() -> None:
    assert verdict_of(checks(proof="failed", status="unchecked")) == "not_valid"
    assert verdict_of(checks(dates="remark", status="unchecked")) == "could_not_be_checked"
