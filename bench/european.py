"""`python -m bench.european`: European Digital Credentials per second on one core, rendered, sealed and verified."""

import json
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from bench.samples import one_core, sampled
from bench.table import Line
from deploy.demo.consortium import PROGRAMMES
from deploy.demo.people import PEOPLE
from services.certification.domain.snapshot import Snapshot, Version
from services.certification.formats.did import issuer_did
from services.certification.formats.elm import credential
from services.certification.formats.elm_sealed import Sealing, require_showable, sealed_credential
from services.certification.formats.jades import seal
from services.certification.formats.jades_verification import verify_seal
from services.certification.formats.seal_certificates import legal_identifier
from services.certification.keys.seals import load_seals
from shared.annex1 import Learner, OutcomeResult, elements_from
from shared.settings import load_settings

_HOST: Final = "certificates.example.org"
MOMENT: Final = "2026-11-03T09:30:00Z"
PER_SECOND: Final = 500
_WITH_GOAL: Final = ("ELM, rendered", "JAdES B-B (ES256), sealed")


def measure(count: int = 500) -> list[Line]:
    """One line for each step of `count` credentials of the demonstration's first offering, each of another learner."""
    snapshots = [sample(number) for number in range(count)]
    with tempfile.TemporaryDirectory() as home:
        seals = load_seals(load_settings({"PASSERELLE_HOME": str(Path(home))}))
        at = datetime.fromisoformat(MOMENT)
        sealer = seals.sealers.sealer(snapshots[0].elements.issuer, at)
        legal = legal_identifier(sealer.chain[0])
        sealing = Sealing(sealer)
        documents = [json.dumps(credential(each, legal), ensure_ascii=False) for each in snapshots]
        sealed = [json.loads(sealed_credential(each, sealing)) for each in snapshots]
        anchors, now = seals.anchors(), datetime.now(UTC)
        steps: dict[str, Callable[[int], object]] = {
            "ELM, rendered": lambda n: json.dumps(credential(snapshots[n], legal)),
            "ELM, checked for its elements": lambda n: require_showable(snapshots[n]),
            "JAdES B-B (ES256), sealed": lambda n: seal(documents[n], sealer, at),
            "JAdES B-B (ES256), verified": lambda n: verify_seal(sealed[n], now, anchors=anchors),
            "ELM rendered, sealed and verified": lambda n: sealed_credential(snapshots[n], sealing),
        }
        return [_line(what, step, count) for what, step in steps.items()]


def _line(what: str, step: Callable[[int], object], count: int) -> Line:
    samples = sampled(step, range(count))
    has_goal = what in _WITH_GOAL
    return Line(
        what,
        f"{samples.rate:7.0f}/s  {samples.told}",
        f">= {PER_SECOND}/s" if has_goal else "",
        samples.rate >= PER_SECOND if has_goal else None,
    )


def sample(number: int) -> Snapshot:
    """The snapshot of a certificate of the demonstration's first offering for learner `number`."""
    today = date.fromisoformat(MOMENT[:10])
    offering, agreement = PROGRAMMES[0].offering(today), PROGRAMMES[0].agreement(today)
    person = PEOPLE[number % len(PEOPLE)]
    elements = elements_from(
        offering,
        agreement,
        Learner(person.given_name, f"{person.family_name}-{number}", str(person.date_of_birth)),
        [
            OutcomeResult(
                outcome,
                "achieved",
                instrument["id"],
                instrument["type"],
                instrument["mode"],
                instrument["supervision"],
                instrument["identity_verification"],
                str(50 + number % 50),
                instrument["scale"]["type"],
            )
            for instrument in offering["assessment"]["instruments"]
            for outcome in instrument["outcomes"]
        ],
        participation=offering["participation"],
        issued_on=today,
    )
    return Snapshot(
        certificate_id=f"5f0e3f2a-7c59-4a55-9a5e-{number:012}",
        public_id=f"v{number:022}",
        award_id=f"award-{number}",
        enrolment_id=f"enrolment-{number}",
        offering=Version(offering["id"], 1, "sha256:00"),
        agreement=Version(agreement["id"], 1, "sha256:01"),
        elements=elements,
        completion_number=1,
        results_digest="sha256:02",
        issued_at=MOMENT,
        awarded_at=MOMENT,
        issuer_did=issuer_did(_HOST, elements.issuer.id),
        base_url=f"https://{_HOST}",
        status_list_url=f"https://{_HOST}/certification/v1/status-lists/1",
        status_index=number,
        email_salt="salt",
        formats=("european_digital_credential",),
    )


def main() -> int:
    with one_core():
        for line in measure():
            print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
