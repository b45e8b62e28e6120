"""Who may seal: keys with certificates from an operator's folder, or in development from this machine's authority."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from services.certification.formats.jades import Sealer, seal
from services.certification.formats.jades_verification import verify_seal
from services.certification.formats.seal_certificates import legal_identifier
from services.certification.keys.sealing import SealingError, SealingFolder, certified
from services.certification.keys.seals import load_seals
from shared.annex1 import Institution
from shared.keyfiles import ExposedSecretError
from shared.settings import load_settings
from tests.support.authority import Authority, name, p12, pem

AT = datetime(2026, 11, 3, 9, 30, tzinfo=UTC)
HELSINKI = Institution("helsinki.fi", {"en": "University of Helsinki"}, "FI")
ROOT = Authority("Test root")
MIDDLE = Authority("Test seal authority", parent=ROOT)
SUBJECT = name("Seal", organisation="VATFI-03134717")
KEY = ec.generate_private_key(ec.SECP256R1())
CERTIFICATE = MIDDLE.certify(KEY, SUBJECT)


def put(file: Path, content: bytes, mode: int = 0o600) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content)
    file.chmod(mode)


def holds(sealer: Sealer, now: datetime = AT + timedelta(hours=1), **anchors: Any) -> bool:
    return verify_seal(seal("{}", sealer, AT), now, **anchors).trusted


def test_a_pkcs12_file_seals_with_its_whole_chain(tmp_path: Path) -> None:
    shuffled = [CERTIFICATE, ROOT.certificate, MIDDLE.certificate]
    put(tmp_path / "helsinki.fi.p12", p12(KEY, shuffled, b"s3cret"))
    sealer = SealingFolder(tmp_path, "s3cret").sealer(HELSINKI, AT)
    assert list(sealer.chain) == [CERTIFICATE, MIDDLE.certificate, ROOT.certificate]
    assert holds(sealer, anchors=[ROOT.certificate])


def test_a_pem_file_does_too_and_is_read_again_when_it_changes(tmp_path: Path) -> None:
    file = tmp_path / "helsinki.fi.pem"
    put(file, pem(KEY, [CERTIFICATE]))
    folder = SealingFolder(tmp_path)
    first = folder.sealer(HELSINKI, AT)
    assert folder.sealer(HELSINKI, AT) is first
    renewed = MIDDLE.certify(KEY, SUBJECT)
    put(file, pem(KEY, [renewed]))
    os.utime(file, ns=(1, 1))
    assert folder.sealer(HELSINKI, AT).chain[0] == renewed


def test_an_institution_without_a_file_cannot_seal(tmp_path: Path) -> None:
    for institution in (HELSINKI, Institution("../helsinki.fi"), Institution("")):
        with pytest.raises(SealingError):
            SealingFolder(tmp_path).sealer(institution, AT)
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_password_or_a_damaged_file_is_said(tmp_path: Path) -> None:
    put(tmp_path / "helsinki.fi.p12", p12(KEY, [CERTIFICATE], b"s3cret"))
    with pytest.raises(SealingError, match="SEALING_PASSWORD"):
        SealingFolder(tmp_path, "another").sealer(HELSINKI, AT)
    put(tmp_path / "kuleuven.be.pem", b"-----BEGIN nothing")
    with pytest.raises(SealingError, match="cannot be opened"):
        SealingFolder(tmp_path).sealer(Institution("kuleuven.be"), AT)


def test_a_key_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    put(tmp_path / "helsinki.fi.pem", pem(KEY, [CERTIFICATE]), 0o644)
    with pytest.raises(SealingError, match="chmod 600"):
        SealingFolder(tmp_path).sealer(HELSINKI, AT)


def test_what_may_not_seal_is_refused_before_it_does() -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    small = rsa.generate_private_key(65537, 1024)
    curve = ec.generate_private_key(ec.SECP384R1())
    edwards: Any = ed25519.Ed25519PrivateKey.generate()
    refused = {
        "no certificate of the key": (other, [CERTIFICATE]),
        "non-repudiation": (KEY, [MIDDLE.certify(KEY, SUBJECT, usages=["digital_signature"])]),
        "organisation identifier": (KEY, [MIDDLE.certify(KEY, name("Nobody"))]),
        "2048": (small, [MIDDLE.certify(small, SUBJECT)]),
        "P-256 nor": (curve, [MIDDLE.certify(curve, SUBJECT)]),
        "neither P-256 nor RSA": (edwards, [CERTIFICATE]),
    }
    for reason, (key, chain) in refused.items():
        with pytest.raises(SealingError, match=reason):
            certified(key, chain)


def test_development_makes_what_is_missing_once_and_trusts_it(tmp_path: Path) -> None:
    settings = load_settings({"PASSERELLE_HOME": str(tmp_path)})
    seals = load_seals(settings)
    assert seals.anchors() == ()
    sealer = seals.sealers.sealer(HELSINKI, AT)
    assert holds(sealer, anchors=seals.anchors())
    assert not holds(sealer)
    again = load_seals(settings).sealers
    assert again.sealer(HELSINKI, AT).chain == sealer.chain
    other = again.sealer(Institution("ouc.ac.cy", {"en": "Open University of Cyprus"}, "CY"), AT)
    assert other.chain[1] == sealer.chain[1]
    assert legal_identifier(sealer.chain[0]).notation == "NTRFI-helsinki.fi"
    assert legal_identifier(other.chain[0]).country == "CY"
    files = sorted(tmp_path.glob("sealing/*"))
    assert [file.name for file in files] == ["development-authority.pem", "helsinki.fi.pem", "ouc.ac.cy.pem"]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    (tmp_path / "sealing" / "development-authority.pem").chmod(0o644)
    with pytest.raises(ExposedSecretError):
        again.sealer(Institution("uu.nl", {"en": "Utrecht University"}, "NL"), AT)


PRODUCTION = {
    "PASSERELLE_ENV": "production",
    "OIDC_ISSUER": "https://issuer.example.org",
    "SERVICE_CLIENT_SECRET": "s3cret",
}


def test_production_makes_nothing(tmp_path: Path) -> None:
    seals = load_seals(load_settings({"PASSERELLE_HOME": str(tmp_path), **PRODUCTION}))
    with pytest.raises(SealingError, match=r"no certificate for seals of helsinki\.fi"):
        seals.sealers.sealer(HELSINKI, AT)
    assert seals.anchors() == ()
    assert list(tmp_path.iterdir()) == []


def test_settings_name_folder_password_and_trust(tmp_path: Path) -> None:
    put(tmp_path / "keys" / "helsinki.fi.p12", p12(KEY, [CERTIFICATE, MIDDLE.certificate], b"s3cret"))
    put(tmp_path / "trust.pem", pem(KEY, [ROOT.certificate]).partition(b"-----END PRIVATE KEY-----")[2])
    put(tmp_path / "password", b"s3cret\n")
    given = {
        "PASSERELLE_HOME": str(tmp_path),
        "SEALING_FOLDER": str(tmp_path / "keys"),
        "SEALING_PASSWORD_FILE": str(tmp_path / "password"),
        "SEALING_TRUST": str(tmp_path / "trust.pem"),
        **PRODUCTION,
    }
    seals = load_seals(load_settings(given))
    assert seals.time_stamps is None
    assert holds(seals.sealers.sealer(HELSINKI, AT), anchors=seals.anchors())
    with pytest.raises(ValueError, match="TIME_STAMP_TRUST"):
        load_settings({**given, "TIME_STAMP_URL": "http://tsa.example.org"})
    with pytest.raises(SealingError, match=r"password is no readable PEM"):
        load_seals(load_settings({**given, "SEALING_TRUST": str(tmp_path / "password")}))
    assert load_seals(
        load_settings(
            {
                **given,
                "TIME_STAMP_URL": "http://tsa.example.org",
                "TIME_STAMP_TRUST": str(tmp_path / "trust.pem"),
            }
        )
    ).stamp_anchors == (ROOT.certificate,)
