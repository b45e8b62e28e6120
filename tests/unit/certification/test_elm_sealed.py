"""The sealed European Digital Credential: refused before a key signs, or sealed, verified and complete."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import which

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from rfc3161_client import TimestampRequestBuilder, decode_timestamp_response

from services.certification.domain.snapshot import Snapshot
from services.certification.formats.elm import credential
from services.certification.formats.elm_parties import LegalIdentifier
from services.certification.formats.elm_sealed import (
    EuropeanCredentialError,
    Sealing,
    readable,
    require_showable,
    sealed_credential,
)
from services.certification.formats.jades_verification import verify_seal
from services.certification.keys.sealing import certified
from shared.annex1 import Institution
from shared.annex1.report import check_credential
from tests.support.authority import END, Authority, StampingAuthority, name
from tests.unit.certification.elm_shapes import needs_reference, violations
from tests.unit.certification.samples import snapshot

ROOT = Authority("Test root")
KEY = ec.generate_private_key(ec.SECP256R1())
CERTIFICATE = ROOT.certify(KEY, name("Seal", organisation="VATFI-03134717"))
SEALING = Sealing(certified(KEY, [CERTIFICATE]))
NOW = datetime(2026, 11, 3, 9, 31, tzinfo=UTC)


def test_what_is_stored_is_the_sealed_credential_and_holds() -> None:
    content = sealed_credential(snapshot(), SEALING)
    verified = verify_seal(json.loads(content), NOW, anchors=[ROOT.certificate])
    assert verified.trusted
    assert verified.claimed_at.isoformat() == "2026-11-03T09:30:00+00:00"
    assert verified.document() == credential(snapshot(), LegalIdentifier("VATFI-03134717", "FI"))
    assert readable(content).decode() == verified.payload


@needs_reference
def test_it_is_complete_in_its_seal_and_out_of_it() -> None:
    content = sealed_credential(snapshot(), SEALING)
    assert check_credential(content.decode(), ["helsinki.fi"]).complete
    assert check_credential(readable(content).decode(), ["helsinki.fi"]).complete
    assert violations(json.loads(readable(content))) == []


def test_a_second_run_seals_the_same_bytes() -> None:
    assert sealed_credential(snapshot(), SEALING) == sealed_credential(snapshot(), SEALING)


def test_a_certificate_that_has_expired_seals_nothing() -> None:
    late = snapshot(issued_at=(END + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ"))
    with pytest.raises(EuropeanCredentialError, match="not valid when the seal was made"):
        sealed_credential(late, SEALING)


def without(**changes: object) -> Snapshot:
    taken = snapshot()
    return replace(taken, elements=replace(taken.elements, **changes))


def test_what_would_be_incomplete_is_named_before_any_key_signs() -> None:
    require_showable(snapshot())
    with pytest.raises(EuropeanCredentialError, match="would not show: learning outcomes"):
        require_showable(without(outcomes=()))
    with pytest.raises(EuropeanCredentialError, match="type of assessment"):
        require_showable(without(assessments=()))


def test_what_has_no_place_in_the_european_lists_is_named() -> None:
    with pytest.raises(EuropeanCredentialError, match="'ZZ' is no country"):
        require_showable(without(issuer=Institution("x.example", {"en": "X"}, "ZZ")))
    with pytest.raises(EuropeanCredentialError, match="'tlh' is no language"):
        require_showable(without(languages=("tlh",)))
    with pytest.raises(EuropeanCredentialError, match="cannot be drawn"):
        require_showable(without(title={"en": "漢字"}))


@pytest.mark.skipif(which("openssl") is None, reason="no openssl, which plays the authority")
def test_a_time_stamp_that_is_asked_for_has_to_hold(tmp_path: Path) -> None:
    authority = StampingAuthority(tmp_path, ROOT)

    def stamp(data: bytes) -> bytes:
        answer = authority.answer(TimestampRequestBuilder().data(data).build().as_bytes())
        return decode_timestamp_response(answer).time_stamp_token()

    now = snapshot(issued_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    content = sealed_credential(now, Sealing(SEALING.sealer, stamp, [ROOT.certificate]))
    assert "etsiU" in json.loads(content)["signatures"][0]["header"]
    with pytest.raises(EuropeanCredentialError, match="something else"):
        sealed_credential(now, Sealing(SEALING.sealer, stamp))
    with pytest.raises(EuropeanCredentialError, match="time stamp"):
        sealed_credential(now, Sealing(SEALING.sealer, lambda _data: stamp(b"other"), [ROOT.certificate]))
