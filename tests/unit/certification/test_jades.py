"""Seals: written as JAdES writes them, accepted by independent code, and refused when anything about them is wrong."""

import base64
import hashlib
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from services.certification.formats.elm import credential
from services.certification.formats.jades import issuer_serial, seal
from services.certification.formats.jades_verification import SealError, VerifiedSeal, verify_seal
from services.certification.formats.seal_certificates import legal_identifier
from services.certification.formats.time_stamp_tokens import TimeStampError, stamped_at
from services.certification.keys.sealing import CertifiedKey, certified
from tests.support.authority import BEGIN, END, SEAL_USAGE, Authority, StampingAuthority, name
from tests.unit.certification.elm_shapes import SAMPLES, needs_reference
from tests.unit.certification.samples import snapshot

Document = dict[str, Any]
AT = datetime(2026, 11, 3, 9, 30, tzinfo=UTC)
NOW = AT + timedelta(hours=1)
ROOT = Authority("Test root")
MIDDLE = Authority("Test seal authority", parent=ROOT)
SUBJECT = name("Seal of the University of Helsinki", organisation="VATFI-03134717")
KEY = ec.generate_private_key(ec.SECP256R1())
CERTIFICATE = MIDDLE.certify(KEY, SUBJECT)
OF_NO_VERSION = CERTIFICATE.public_bytes(Encoding.DER).replace(
    b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x09"
)
SEALER = certified(KEY, [CERTIFICATE, MIDDLE.certificate])
PAYLOAD = '{"id":"urn:uuid:1","title":"Kestävyys"}'


def sealed(at: datetime = AT, sealer: Any = SEALER, payload: str = PAYLOAD) -> Document:
    return seal(payload, sealer, at)


def verify(document: Document, now: datetime = NOW, **anchors: Any) -> VerifiedSeal:
    return verify_seal(json.loads(json.dumps(document)), now, **anchors)


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def header_of(document: Document) -> Document:
    found: Document = json.loads(decode(document["signatures"][0]["protected"]))
    return found


def signed_again(change: Callable[[Document], Any], sealer: Any = SEALER, payload: str = PAYLOAD) -> Document:
    """A seal with another header under a signature that holds."""
    header = header_of(sealed(sealer=sealer))
    change(header)
    protected = encode(json.dumps(header).encode())
    signature = encode(sealer.sign(f"{protected}.{payload}".encode()))
    return {"payload": payload, "signatures": [{"protected": protected, "signature": signature}]}


def test_its_header_is_that_of_the_baseline() -> None:
    document = sealed()
    header = header_of(document)
    assert document["payload"] == PAYLOAD
    assert list(header) == ["alg", "kid", "x5t#S256", "x5c", "typ", "b64", "iat", "crit"]
    assert (header["alg"], header["typ"], header["b64"], header["crit"]) == (
        "ES256",
        "jose+json",
        False,
        ["b64"],
    )
    assert header["iat"] == int(AT.timestamp())
    der = CERTIFICATE.public_bytes(Encoding.DER)
    assert header["x5t#S256"] == encode(hashlib.sha256(der).digest())
    assert [base64.b64decode(each) for each in header["x5c"]] == [
        der,
        MIDDLE.certificate.public_bytes(Encoding.DER),
    ]
    assert "sigT" not in header
    assert "header" not in document["signatures"][0]


def test_independent_code_accepts_it() -> None:
    verified = verify(sealed(), anchors=[ROOT.certificate])
    assert (verified.payload, verified.claimed_at, verified.trusted) == (PAYLOAD, AT, True)
    assert (verified.certificate, verified.stamped_at) == (CERTIFICATE, None)
    assert verified.document()["title"] == "Kestävyys"


def test_a_seal_under_another_authority_holds_and_is_not_trusted() -> None:
    assert not verify(sealed()).trusted
    assert not verify(sealed(), anchors=[Authority("Another").certificate]).trusted
    alone = certified(KEY, [CERTIFICATE])
    assert not verify(sealed(sealer=alone), anchors=[ROOT.certificate]).trusted
    assert verify(sealed(sealer=alone), anchors=[MIDDLE.certificate]).trusted


def test_the_same_payload_and_moment_give_the_same_seal() -> None:
    """A job that runs again after a crash leaves no second signature behind (RFC 6979)."""
    assert sealed() == sealed()


def test_rsa_seals_too() -> None:
    """Most seals of trust services have RSA keys."""
    key = rsa.generate_private_key(65537, 2048)
    sealer = certified(key, [MIDDLE.certify(key, SUBJECT)])
    assert header_of(sealed(sealer=sealer))["alg"] == "RS256"
    assert verify(sealed(sealer=sealer)).payload == PAYLOAD


def changed_payload(document: Document) -> None:
    document["payload"] = document["payload"].replace("uuid:1", "uuid:2")


def changed_header(document: Document) -> None:
    header = header_of(document)
    header["iat"] += 1
    document["signatures"][0]["protected"] = encode(json.dumps(header).encode())


def changed_signature(document: Document) -> None:
    data = bytearray(decode(document["signatures"][0]["signature"]))
    data[5] ^= 1
    document["signatures"][0]["signature"] = encode(bytes(data))


def trailing_bits(document: Document) -> None:
    """The last character of 64 bytes in base64url has four bits that mean nothing."""
    signature = document["signatures"][0]["signature"]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = alphabet[alphabet.index(signature[-1]) ^ 1]
    document["signatures"][0]["signature"] = signature[:-1] + other


def second_signature(document: Document) -> None:
    document["signatures"] *= 2


def unknown_property(document: Document) -> None:
    document["signatures"][0]["header"] = {"alg": "none"}


def surrogate(document: Document) -> None:
    document["payload"] += "\ud800"


TAMPERED = [
    changed_payload,
    changed_header,
    changed_signature,
    trailing_bits,
    second_signature,
    unknown_property,
    surrogate,
    lambda document: document.pop("payload"),
    lambda document: document.update(more=1),
    lambda document: document.update(payload=5),
    lambda document: document.update(signatures=[]),
    lambda document: document.update(signatures=[5]),
    lambda document: document["signatures"][0].pop("protected"),
    lambda document: document["signatures"][0].update(protected="%%%"),
    lambda document: document["signatures"][0].update(protected=encode(b"[]")),
    lambda document: document["signatures"][0].update(protected=encode(b"\xff\xfe")),
    lambda document: document["signatures"][0].update(protected=encode(b"[" * 100_000)),
    lambda document: document["signatures"][0].update(signature="é"),
    lambda document: document["signatures"][0].update(header={"etsiU": {}}),
    lambda document: document["signatures"][0].update(header={"etsiU": [5]}),
    lambda document: document["signatures"][0].update(header={"etsiU": [{"sigTst": {"tstTokens": [5]}}]}),
    lambda document: document["signatures"][0].update(
        header={"etsiU": [{"sigTst": {"tstTokens": [{"val": "AAAA"}]}}]}
    ),
]


@pytest.mark.parametrize("change", TAMPERED)
def test_a_changed_document_is_refused(change: Callable[[Document], Any]) -> None:
    document = sealed()
    change(document)
    with pytest.raises(SealError):
        verify_seal(document, NOW)


HEADERS: dict[str, tuple[Callable[[Document], Any], str]] = {
    "crit is missing": (lambda header: header.pop("crit"), "crit|b64"),
    "crit lacks b64": (lambda header: header.update(crit=["iat"]), "b64"),
    "crit names what is not there": (lambda header: header.update(crit=["b64", "sigD"]), "sigD"),
    "crit names what nobody knows": (
        lambda header: header.update(crit=["b64", "novel"], novel=1),
        "novel",
    ),
    "sigT is not critical": (
        lambda header: (header.pop("iat"), header.update(sigT="2024-01-01T00:00:00Z")),
        "critical: sigT",
    ),
    "the payload is encoded": (
        lambda header: (header.pop("crit"), header.update(b64=True)),
        "signature|readable",
    ),
    "no moment": (lambda header: header.pop("iat"), "once when"),
    "two moments": (
        lambda header: header.update(sigT="2024-01-01T00:00:00Z", crit=["b64", "sigT"]),
        "once when",
    ),
    "a moment that is none": (lambda header: header.update(iat="yesterday"), "cannot be read"),
    "a moment that is true": (lambda header: header.update(iat=True), "cannot be read"),
    "a moment beyond all calendars": (lambda header: header.update(iat=10**30), "cannot be read"),
    "a moment in the future": (lambda header: header.update(iat=int(NOW.timestamp()) + 3600), "future"),
    "the older member after its time": (
        lambda header: (
            header.pop("iat"),
            header.update(sigT="2026-11-03T09:30:00Z", crit=["b64", "sigT"]),
        ),
        "replaced by iat",
    ),
    "no certificate": (lambda header: header.pop("x5c"), "does not bring"),
    "a certificate that is none": (lambda header: header.update(x5c=["AAAA"]), "cannot be read"),
    "a certificate of no known version": (
        lambda header: header.update(x5c=[base64.b64encode(OF_NO_VERSION).decode()]),
        "cannot be read",
    ),
    "no thumbprint": (lambda header: header.pop("x5t#S256"), "not the one that the seal names"),
    "a symmetric algorithm": (lambda header: header.update(alg="HS256"), "does not hold"),
    "no algorithm": (lambda header: header.update(alg="none"), "does not hold"),
    "an algorithm of another key": (lambda header: header.update(alg="RS256"), "does not hold"),
}


@pytest.mark.parametrize("case", HEADERS)
def test_a_header_that_is_wrong_is_refused_under_a_signature_that_holds(case: str) -> None:
    change, reason = HEADERS[case]
    with pytest.raises(SealError, match=reason):
        verify(signed_again(change))


def test_the_same_way_of_signing_again_is_accepted_where_nothing_is_wrong() -> None:
    """The negative control of the table above."""
    assert verify(signed_again(lambda header: header.update(novel=1))).payload == PAYLOAD


def test_the_certificate_of_somebody_else_is_refused() -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    theirs = MIDDLE.certify(other, SUBJECT)
    with pytest.raises(SealError, match="does not hold"):
        verify(sealed(sealer=CertifiedKey(KEY, (theirs,), "ES256")))

    def exchange(header: Document) -> None:
        header["x5c"][0] = base64.b64encode(theirs.public_bytes(Encoding.DER)).decode()

    with pytest.raises(SealError, match="not the one that the seal names"):
        verify(signed_again(exchange))


def test_certificates_that_do_not_follow_from_one_another_are_refused() -> None:
    impostor = Authority("Test seal authority", parent=Authority("Another root"))
    with pytest.raises(SealError, match="do not follow"):
        verify(sealed(sealer=CertifiedKey(KEY, (CERTIFICATE, impostor.certificate), "ES256")))


@pytest.mark.parametrize(
    "usages",
    [("digital_signature",), ("content_commitment",), ("digital_signature", "key_encipherment"), ()],
)
def test_a_key_for_another_use_is_refused(usages: tuple[str, ...]) -> None:
    certificate = MIDDLE.certify(KEY, SUBJECT, usages=usages)
    with pytest.raises(SealError, match="non-repudiation"):
        verify(sealed(sealer=CertifiedKey(KEY, (certificate,), "ES256")))


def test_an_authoritys_certificate_is_no_seal() -> None:
    usages = (*SEAL_USAGE, "key_cert_sign")
    certificate = MIDDLE.certify(KEY, SUBJECT, usages=usages, authority=True)
    with pytest.raises(SealError, match="authority"):
        verify(sealed(sealer=CertifiedKey(KEY, (certificate,), "ES256")))


@pytest.mark.parametrize("at", [END + timedelta(seconds=1), BEGIN - timedelta(seconds=1)])
def test_a_certificate_that_was_not_valid_then_is_refused(at: datetime) -> None:
    with pytest.raises(SealError, match="not valid when the seal was made"):
        verify(sealed(at), now=END + timedelta(days=1))


def test_a_seal_outlives_its_certificate_and_says_so() -> None:
    verified = verify(sealed(), now=END + timedelta(days=1), anchors=[ROOT.certificate])
    assert verified.trusted
    assert verified.lapsed(END + timedelta(days=1))
    assert not verified.lapsed(NOW)


def test_a_payload_that_names_a_member_twice_is_no_document() -> None:
    for payload in ('{"a":1,"a":2}', "[]", "{"):
        with pytest.raises(SealError, match="what is sealed"):
            verify(sealed(payload=payload)).document()


def test_no_flipped_bit_is_accepted() -> None:
    """R13, on the text of a sealed credential."""
    legal = legal_identifier(CERTIFICATE)
    payload = json.dumps(credential(snapshot(), legal), ensure_ascii=False, separators=(",", ":"))
    text = json.dumps(sealed(payload=payload), ensure_ascii=False, separators=(",", ":")).encode()
    chance = random.Random(20261103)
    accepted = [position for position in _positions(chance, text, 300) if _accepts(text, position)]
    assert accepted == []
    verify_seal(json.loads(text), NOW)


def _positions(chance: random.Random, text: bytes, count: int) -> list[int]:
    """Half of them in the signature and its header, which are short beside the credential."""
    border = text.index(b'"signatures"')
    places = [chance.randrange(border, len(text)) for _ in range(count // 2)]
    places += [chance.randrange(len(text)) for _ in range(count // 2)]
    return [place * 8 + chance.randrange(8) for place in places]


def _accepts(text: bytes, position: int) -> bool:
    flipped = bytearray(text)
    flipped[position // 8] ^= 1 << position % 8
    try:
        verify_seal(json.loads(flipped), NOW)
    except (SealError, ValueError):
        return False
    return True


@needs_reference
def test_the_commissions_older_sample_is_accepted() -> None:
    document = json.loads((SAMPLES / "Sample-MC-Annex1-signed.jsonld").read_text(encoding="utf-8"))
    verified = verify(document)
    assert verified.claimed_at == datetime(2023, 9, 27, 11, 54, 17, tzinfo=UTC)
    assert verified.document()["id"] == "urn:credential:1018d05f-21d5-4555-b7f0-8fabfd22ca75"
    assert issuer_serial(verified.certificate) == header_of(document)["kid"]
    assert legal_identifier(verified.certificate).notation == "VATES-A00000000"
    assert verified.lapsed(NOW)


@needs_reference
def test_the_commissions_sample_is_trusted_and_stamped_by_the_authorities_it_brings() -> None:
    document = json.loads((SAMPLES / "Sample-MC-Annex1-signed.jsonld").read_text(encoding="utf-8"))
    brought = json.loads(decode(document["signatures"][0]["header"]["etsiU"][1]))["xVals"]
    chain = [x509.load_der_x509_certificate(base64.b64decode(each["x509Cert"]["val"])) for each in brought]
    verified = verify(document, anchors=[chain[2]], stamp_anchors=[chain[0]])
    assert verified.trusted
    assert verified.stamped_at == datetime(2023, 9, 27, 11, 54, 20, tzinfo=UTC)
    assert not verified.lapsed(NOW)


@needs_reference
@pytest.mark.parametrize("where", ["payload", "signature", "stamp"])
def test_a_changed_sample_is_refused(where: str) -> None:
    document = json.loads((SAMPLES / "Sample-MC-Annex1-signed.jsonld").read_text(encoding="utf-8"))
    if where == "payload":
        document["payload"] = document["payload"].replace("Andromeda", "Andromedb")
    elif where == "signature":
        changed_signature(document)
    else:
        carried = json.loads(decode(document["signatures"][0]["header"]["etsiU"][3]))
        document["signatures"][0]["header"]["etsiU"][0] = {"sigTst": carried["arcTst"]}
    with pytest.raises(SealError):
        verify(document)


needs_openssl = pytest.mark.skipif(which("openssl") is None, reason="no openssl, which plays the authority")


@needs_openssl
def test_a_time_stamp_proves_when_the_seal_was_made(tmp_path: Path) -> None:
    from rfc3161_client import TimestampRequestBuilder, decode_timestamp_response

    now = datetime.now(UTC)
    authority = StampingAuthority(tmp_path, ROOT)

    def stamp(data: bytes) -> bytes:
        answer = authority.answer(TimestampRequestBuilder().data(data).build().as_bytes())
        return decode_timestamp_response(answer).time_stamp_token()

    document = seal(PAYLOAD, SEALER, now, stamp)
    soon = now + timedelta(minutes=1)
    stamped = verify(document, now=soon, stamp_anchors=[ROOT.certificate])
    assert stamped.stamped_at is not None
    assert abs(stamped.stamped_at - now) < timedelta(minutes=1)
    assert not stamped.lapsed(END + timedelta(days=1))
    assert verify(document, now=soon).stamped_at is None
    stranger = Authority("Another root").certificate
    assert verify(document, now=soon, stamp_anchors=[stranger]).stamped_at is None
    document["signatures"][0]["header"] = seal("{}", SEALER, now, stamp)["signatures"][0]["header"]
    with pytest.raises(SealError, match="something else"):
        verify(document, now=soon)
    backdated = seal(PAYLOAD, SEALER, now + timedelta(minutes=10), stamp)
    with pytest.raises(SealError, match="after its time stamp"):
        verify(backdated, now=now + timedelta(hours=1), stamp_anchors=[ROOT.certificate])


def test_a_token_that_is_none_is_refused() -> None:
    for token in (b"", b"\x30\x00", b"\x00" * 300):
        with pytest.raises(TimeStampError, match="cannot be read"):
            stamped_at(token, b"data", ())
