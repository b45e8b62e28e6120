"""Certificates that strangers send with their seals: nothing in them may surprise whoever reads them (S5)."""

from collections.abc import Callable

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from services.certification.formats.seal_certificates import (
    SealCertificateError,
    leads_to,
    legal_identifier,
    require_chain,
    require_for_seals,
)
from tests.support.authority import BEGIN, Authority, name

ROOT = Authority("Test root")
GOOD = ROOT.certify(ec.generate_private_key(ec.SECP256R1()), name("Seal", organisation="VATFI-1"))
EC_KEY, P_256 = bytes.fromhex("2a8648ce3d0201"), bytes.fromhex("2a8648ce3d030107")
KEY_USAGE, ALTERNATIVE_NAMES = b"\x55\x1d\x0f", b"\x55\x1d\x11"


def changed(certificate: x509.Certificate, old: bytes, new: bytes) -> x509.Certificate:
    der = certificate.public_bytes(Encoding.DER)
    assert old in der
    return x509.load_der_x509_certificate(der.replace(old, new))


@pytest.mark.parametrize(
    ("read", "old", "new"),
    [
        (require_for_seals, EC_KEY, EC_KEY[:-1] + b"\x03"),
        (require_for_seals, P_256, P_256[:-1] + b"\x77"),
        (require_for_seals, KEY_USAGE, ALTERNATIVE_NAMES),
        (legal_identifier, b"VATFI-1", b"VATFI-\xff"),
    ],
    ids=["kind of key", "curve", "extension", "name"],
)
def test_a_certificate_of_which_a_part_cannot_be_read_is_refused(
    read: Callable[[x509.Certificate], object], old: bytes, new: bytes
) -> None:
    assert read(GOOD), "negative control"
    with pytest.raises(SealCertificateError):
        read(changed(GOOD, old, new))


def unreadable_names() -> x509.Certificate:
    """Signed by the root, with an alternative name of a kind that nobody reads (an X.400 address)."""
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.UnrecognizedExtension(x509.SubjectAlternativeName.oid, b"\x30\x04\xa3\x02\x30\x00")
    return ROOT.certify(key, name("Seal", organisation="VATFI-1"), more=[names])


def test_names_that_nobody_reads_are_refused_and_lead_nowhere() -> None:
    assert leads_to([GOOD], [ROOT.certificate], BEGIN), "negative control"
    strange = unreadable_names()
    assert not leads_to([strange], [ROOT.certificate], BEGIN)
    with pytest.raises(SealCertificateError):
        require_for_seals(strange)


def test_an_issuer_whose_key_cannot_be_read_has_issued_nothing() -> None:
    require_chain([GOOD, ROOT.certificate])
    with pytest.raises(SealCertificateError):
        require_chain([GOOD, changed(ROOT.certificate, P_256, P_256[:-1] + b"\x77")])


def test_a_serial_number_below_zero_surprises_nobody() -> None:
    """The library warns of it, and is going to refuse it as it refuses what it cannot read."""
    serial = GOOD.serial_number.to_bytes((GOOD.serial_number.bit_length() + 8) // 8)
    strange = changed(
        GOOD, b"\x02" + bytes([len(serial)]) + serial, b"\x02" + bytes([len(serial)]) + b"\x90" + serial[1:]
    )
    assert strange.serial_number < 0
    assert not leads_to([strange], [ROOT.certificate], BEGIN)
