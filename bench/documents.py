"""`python -m bench.documents`: certificates printed per second on one core, each of another learner."""

import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.european import sample
from bench.samples import one_core, sampled
from bench.table import Line
from services.certification.domain.snapshot import Snapshot
from services.certification.formats.badge_image import baked_png, baked_svg
from services.certification.formats.elm_sealed import FORMAT, Sealing, sealed_credential
from services.certification.formats.jades import MEDIA_TYPE as SEALED_TYPE
from services.certification.formats.multikey import multikey
from services.certification.formats.openbadges import credential
from services.certification.formats.pdf import certificate_pdf
from services.certification.formats.proof import add_proof
from services.certification.formats.renderer import CREDENTIAL_TYPE, OPEN_BADGES, Rendering, attachments
from services.certification.keys.seals import load_seals
from shared.settings import load_settings

MOST_SECONDS: Final = 0.015
_WARM_UP: Final = 5


def measure(count: int = 100) -> list[Line]:
    """One line for each kind of document; PDF/A-3a and PDF/UA-1 with QR code and the signed credentials inside."""
    english = [sample(number) for number in range(count + _WARM_UP)]
    finnish = [
        replace(
            each,
            elements=replace(
                each.elements, languages=("fi",), title={**each.elements.title, "fi": "Kestävyys"}
            ),
        )
        for each in english
    ]
    signed = _signed(english[0])
    attached = attachments(signed)
    badge = signed[OPEN_BADGES].content.decode()
    return [
        _line(
            "PDF/A-3a and UA-1, English", lambda n: certificate_pdf(english[n], attached), count, MOST_SECONDS
        ),
        _line(
            "the same in Finnish and English",
            lambda n: certificate_pdf(finnish[n], attached),
            count,
            MOST_SECONDS,
        ),
        _line("badge baked into PNG", lambda n: baked_png(english[n], badge), count),
        _line("badge baked into SVG", lambda n: baked_svg(english[n], badge), count),
    ]


def _signed(snapshot: Snapshot) -> Mapping[str, Rendering]:
    """Credentials of the usual size to attach; whose they are makes no difference to the time."""
    key = Ed25519PrivateKey.generate()
    method = f"{snapshot.issuer_did}#{multikey(key.public_key().public_bytes_raw())}"
    badge = add_proof(
        credential(snapshot), created=snapshot.issued_at, verification_method=method, sign=key.sign
    )
    with tempfile.TemporaryDirectory() as home:
        seals = load_seals(load_settings({"PASSERELLE_HOME": str(Path(home))}))
        at = datetime.fromisoformat(snapshot.issued_at)
        sealed = sealed_credential(snapshot, Sealing(seals.sealers.sealer(snapshot.elements.issuer, at)))
    return {
        OPEN_BADGES: Rendering(OPEN_BADGES, CREDENTIAL_TYPE, json.dumps(badge, ensure_ascii=False).encode()),
        FORMAT: Rendering(FORMAT, SEALED_TYPE, sealed),
    }


def _line(what: str, step: Callable[[int], object], count: int, most: float | None = None) -> Line:
    for number in range(count, count + _WARM_UP):
        step(number)
    samples = sampled(step, range(count))
    figure = f"{samples.rate:7.0f}/s  {samples.told}"
    if most is None:
        return Line(what, figure)
    return Line(what, figure, f"<= {most * 1000:.0f} ms each", samples.percentile(0.5) <= most)


def main() -> int:
    with one_core():
        for line in measure():
            print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
