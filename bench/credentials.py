"""`python -m bench.credentials`: signing and verifying on one core, beside `@digitalbazaar/vc` in the same run.

Both sides get the same credentials, key and moment, and have to make the same proofs, byte for byte. The sides take
turns on one core; of each the median of three rounds counts.
"""

import statistics
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.european import MOMENT, sample
from bench.samples import one_core, sampled
from bench.table import Line
from services.certification.domain.issuer_key import IssuerKey
from services.certification.domain.snapshot import Snapshot
from services.certification.formats.contexts import BADGE_CONTEXTS
from services.certification.formats.did import did_document
from services.certification.formats.jws import JwtKey, read_jwt, verify_jwt
from services.certification.formats.openbadges import credential
from services.certification.formats.proof import add_proof, verify_proof
from services.certification.formats.renderer import OPEN_BADGES, RENDERERS, Seal
from services.certification.formats.shelf import DATA_INTEGRITY, shelved_context
from services.certification.formats.vc_jwt import credential_in, require_claims, sign_jwt
from services.certification.keys.safes import generate, key_name, sign
from tests.verifiers.node import NodeMissingError, installed, run

COUNT: Final = 300
ROUNDS: Final = 3
TIMES_FASTER: Final = 10
TOKENS_PER_SECOND: Final = 5_000
_SEED: Final = bytes(range(32))
_CONTEXTS: Final = (*BADGE_CONTEXTS, DATA_INTEGRITY, "https://w3id.org/security/multikey/v1")

Document = dict[str, Any]


def measure(count: int = COUNT) -> list[Line]:
    """One line for each thing measured, `@digitalbazaar/vc` among them where Node.js is there."""
    return [*_proofs(count), *_tokens(count)]


def _proofs(count: int) -> Iterator[Line]:
    key = Ed25519PrivateKey.from_private_bytes(_SEED)
    public = key.public_key()
    snapshots = [sample(number) for number in range(count)]
    did = snapshots[0].issuer_did
    method = f"{did}#{key_name(public)}"
    plain = [credential(each) for each in snapshots]
    secured = [_secured(each, method, key) for each in plain]
    seal = Seal(method, key.sign, public)
    ours: dict[str, Callable[[], float]] = {
        "issuing": lambda: _timed(lambda n: _secured(plain[n], method, key), count),
        "verifying": lambda: _timed(lambda n: verify_proof(secured[n], lambda _: public), count),
    }
    theirs: dict[str, list[float]] = {"issuing": [], "verifying": []}
    found: dict[str, list[float]] = {"issuing": [], "verifying": []}
    for _ in range(ROUNDS):
        for what, round_of in ours.items():
            found[what].append(round_of())
        try:
            other = _by_digitalbazaar(plain, did_document(did, [_listed(public)]), count)
        except NodeMissingError as error:
            theirs, missing = {}, str(error)
            continue
        if other["proofs"] != [each["proof"][0]["proofValue"] for each in secured]:
            raise RuntimeError("@digitalbazaar/vc makes other proofs of the same credentials")
        for what in theirs:
            theirs[what].append(other[what])
    for what, durations in found.items():
        rate = count / statistics.median(durations)
        yield Line(f"OB 3.0 eddsa-rdfc-2022, {what}", f"{rate:7.0f}/s")
        if not theirs:
            yield Line("  by @digitalbazaar/vc", f"not measured: {missing}")
            continue
        other_rate = count / statistics.median(theirs[what])
        yield Line("  by @digitalbazaar/vc, same proofs", f"{other_rate:7.0f}/s")
        yield Line(
            "  times faster per core",
            f"{rate / other_rate:7.1f}",
            f">= {TIMES_FASTER}",
            rate >= TIMES_FASTER * other_rate,
        )
    whole = _timed(lambda n: _rendered(snapshots[n], seal), count)
    yield Line("OB 3.0 rendered, signed and self-checked", f"{count / whole:7.0f}/s")


def _listed(public: JwtKey) -> IssuerKey:
    return IssuerKey(key_name(public), "", "EdDSA", "active", datetime.fromisoformat(MOMENT))


def _secured(plain: Document, method: str, key: Ed25519PrivateKey) -> Document:
    return add_proof(plain, created=MOMENT, verification_method=method, sign=key.sign)


def _rendered(snapshot: Snapshot, seal: Seal) -> bytes:
    renderer = RENDERERS[OPEN_BADGES]
    renderer.check(snapshot)
    return renderer.render(snapshot, seal, {}).content


def _by_digitalbazaar(plain: list[Document], issuer: Document, count: int) -> Document:
    given = {
        "credentials": plain[:count],
        "contexts": {url: shelved_context(url) for url in _CONTEXTS},
        "issuer": issuer,
        "seed": _SEED.hex(),
        "date": MOMENT,
    }
    answer: Document = run(installed(), "issue.mjs", given)
    return answer


def _tokens(count: int) -> Iterator[Line]:
    plain = [credential(sample(number)) for number in range(count)]
    keys = {
        "ES256": generate("ES256"),
        "RS256, 2048 bits": generate("RS256", 2048),
        "RS256, 3072 bits": generate("RS256", 3072),
    }
    for name, key in keys.items():
        algorithm = name[:5]

        def make(number: int, key: Any = key, algorithm: str = algorithm) -> str:
            return sign_jwt(plain[number], kid="x", sign=lambda data: sign(key, data), algorithm=algorithm)

        made, public = [make(number) for number in range(count)], key.public_key()

        def check(number: int, made: list[str] = made, public: Any = public) -> None:
            _verified(made[number], public)

        rate = count / _timed(make, count)
        goal = (
            (f">= {TOKENS_PER_SECOND}/s", rate >= TOKENS_PER_SECOND) if algorithm == "ES256" else ("", None)
        )
        yield Line(f"VC-JWT {name}, issuing", f"{rate:7.0f}/s", *goal)
        yield Line(f"VC-JWT {name}, verifying", f"{count / _timed(check, count):7.0f}/s")


def _verified(token: str, public: Any) -> None:
    payload = read_jwt(token)[1]
    require_claims(payload, credential_in(payload))
    verify_jwt(token, public)


def _timed(step: Callable[[int], object], count: int) -> float:
    """Seconds for `count` steps, after a tenth of them to warm up."""
    for number in range(count // 10):
        step(number)
    return sampled(step, range(count)).elapsed


def main() -> None:
    with one_core():
        for line in measure():
            print(line)


if __name__ == "__main__":
    main()
