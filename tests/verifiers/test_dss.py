"""The Commission's own validator (DSS): our seals pass as JAdES baseline, tampered and outdated ones do not."""

import json
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from rfc3161_client import TimestampRequestBuilder, decode_timestamp_response

from services.certification.formats.elm_sealed import Sealing, sealed_credential
from services.certification.keys.sealing import certified
from services.certification.keys.seals import Seals, load_seals
from shared.settings import load_settings
from tests.support.authority import SEAL_USAGE, Authority, StampingAuthority, name
from tests.unit.certification.samples import elements, snapshot
from tests.unit.certification.test_jades import decode, encode
from tests.verifiers.maven import jars

HERE = Path(__file__).parent / "dss"
Verdicts = dict[str, tuple[str, str, str]]


def judged(folder: Path, authority: x509.Certificate, documents: dict[str, bytes]) -> Verdicts:
    java = shutil.which("java")
    if java is None or shutil.which("javac") is None:
        pytest.skip("no Java development kit: the Commission's validator cannot run")
    (folder / "authority.der").write_bytes(authority.public_bytes(Encoding.DER))
    for file, content in documents.items():
        (folder / file).write_bytes(content)
    ran = subprocess.run(
        [
            java,
            "-Xmx256m",
            "-cp",
            f"{jars(HERE / 'pom.xml')}/*",
            str(HERE / "Judge.java"),
            "authority.der",
            *documents,
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    lines = [line.split("\t") for line in ran.stdout.splitlines() if line.count("\t") == 3]
    return {file: (form, verdict, reason) for file, form, verdict, reason in lines}


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Verdicts:
    """What the validator says of a seal by this machine's authority and of copies of it; one run for all."""
    folder = tmp_path_factory.mktemp("dss")
    moment = datetime.now(UTC) - timedelta(minutes=5)
    taken = snapshot(issued_at=moment.strftime("%Y-%m-%dT%H:%M:%SZ"))
    seals = load_seals(load_settings({"PASSERELLE_HOME": str(folder)}))
    sealer = seals.sealers.sealer(elements().issuer, moment)
    content = sealed_credential(taken, Sealing(sealer))
    documents = {
        "sealed": content,
        "tampered": content.replace(b"Sustainability", b"Sustainabilitz", 1),
        "outdated": outdated(json.loads(content), sealer),
        "expired": expired(seals, sealer.chain[0].not_valid_after_utc - moment),
    }
    if shutil.which("openssl"):
        documents["stamped"] = stamped(folder, taken)
    return judged(folder, seals.anchors()[0], documents)


def outdated(sealed: dict[str, Any], sealer: Any) -> bytes:
    """The same credential sealed as before May 2025, under a signature that holds."""
    header = json.loads(decode(sealed["signatures"][0]["protected"]))
    moment = datetime.fromtimestamp(header.pop("iat"), UTC)
    header |= {"sigT": moment.strftime("%Y-%m-%dT%H:%M:%SZ"), "crit": ["b64", "sigT"]}
    protected = encode(json.dumps(header).encode())
    signature = encode(sealer.sign(f"{protected}.{sealed['payload']}".encode()))
    signed = {"protected": protected, "signature": signature}
    return json.dumps({"payload": sealed["payload"], "signatures": [signed]}).encode()


def expired(seals: Seals, lasting: timedelta) -> bytes:
    """A seal under the same authority, made in time, whose certificate has ended since."""
    made = datetime.now(UTC) - lasting - timedelta(days=1)
    taken = snapshot(issued_at=made.strftime("%Y-%m-%dT%H:%M:%SZ"))
    assert seals.authority is not None
    content = seals.authority.make(elements().issuer, made)
    key = certified(load_pem_private_key(content, None), x509.load_pem_x509_certificates(content))
    return sealed_credential(taken, Sealing(key))


def stamped(folder: Path, taken: Any) -> bytes:
    root = Authority("Test root")
    stamps = StampingAuthority(folder, root)
    key = ec.generate_private_key(ec.SECP256R1())
    sealer = certified(key, [root.certify(key, name("Seal", organisation="VATFI-1"), usages=SEAL_USAGE)])

    def stamp(data: bytes) -> bytes:
        answer = stamps.answer(TimestampRequestBuilder().data(data).build().as_bytes())
        return decode_timestamp_response(answer).time_stamp_token()

    return sealed_credential(taken, Sealing(sealer, stamp, [root.certificate]))


def test_a_seal_passes_as_baseline_b(verdicts: Verdicts) -> None:
    assert verdicts["sealed"] == ("JAdES-BASELINE-B", "TOTAL_PASSED", "null")


def test_a_tampered_one_fails(verdicts: Verdicts) -> None:
    assert verdicts["tampered"][1:] == ("TOTAL_FAILED", "HASH_FAILURE")


def test_one_whose_certificate_has_ended_passes_no_more(verdicts: Verdicts) -> None:
    """Without a time stamp nobody knows that it was made before. ELM has no status that it could look at."""
    assert verdicts["expired"][1:] == ("INDETERMINATE", "OUT_OF_BOUNDS_NOT_REVOKED")


def test_a_seal_of_today_with_the_older_member_is_no_baseline(verdicts: Verdicts) -> None:
    """Why `iat` is in the header and `sigT` is not."""
    assert "BASELINE" not in verdicts["outdated"][0]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl, which plays the authority")
def test_a_time_stamp_makes_it_baseline_t(verdicts: Verdicts) -> None:
    """Of an authority that the validator does not know, hence no verdict about trust."""
    assert verdicts["stamped"][:2] == ("JAdES-BASELINE-T", "INDETERMINATE")
