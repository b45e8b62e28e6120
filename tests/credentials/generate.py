"""Write the folder of good and bad credentials: every case from fixed seeds and moments, the same on every run."""

import base64
import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.certification.formats.contexts import CREDENTIALS, OPEN_BADGES
from services.certification.formats.data_integrity import ECDSA_P256, EDDSA, create_proof
from services.certification.formats.did_key import did_of, method_of, multikey_of
from services.certification.formats.multikey import encode_base58
from services.certification.formats.shelf import CREDENTIALS_1, DATA_INTEGRITY
from services.certification.formats.statuslist import encode
from services.certification.formats.vc_jwt import sign_jwt
from services.certification.keys.signing import PrivateKey, sign
from tests.credentials import wallets

HERE: Final = Path(__file__).parent
AT: Final = "2026-11-20T12:00:00Z"
MADE: Final = "2026-11-03T09:30:00Z"
ED: Final = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
P256: Final = derive_private_key(20261103, SECP256R1())
STRANGER: Final = Ed25519PrivateKey.from_private_bytes(bytes(range(100, 132)))
WEB: Final = "did:web:issuer.example.edu:departments:sea"
LISTS: Final = "https://issuer.example.edu/status"

Document = dict[str, Any]
REMARK, BAD, UNKNOWN = "valid_with_remark", "not_valid", "could_not_be_checked"


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    verdict: str
    why: str
    content: Document | str
    asked: Document = field(default_factory=dict)


def unsigned(by: str, **changes: Any) -> Document:
    document = {
        "@context": [CREDENTIALS, OPEN_BADGES],
        "id": "urn:uuid:0d2b4f60-6a7c-4e0f-9f5e-2f0a1b3c4d5e",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": "Sustainable seas",
        "issuer": {"id": by, "type": ["Profile"], "name": "University of Nowhere"},
        "validFrom": "2026-11-01T00:00:00Z",
        "credentialSubject": {
            "id": "did:example:learner",
            "type": ["AchievementSubject"],
            "achievement": {
                "id": "https://issuer.example.edu/courses/seas",
                "type": ["Achievement"],
                "achievementType": "MicroCredential",
                "name": "Sustainable seas",
                "description": "What lives in the sea and how it stays alive.",
                "criteria": {"narrative": "An essay and a day on a boat."},
            },
        },
        **changes,
    }
    return {name: value for name, value in document.items() if value is not None}


def proof(document: Document, key: PrivateKey, method: str, **options: Any) -> Document:
    earlier = options.pop("earlier", ())
    suite = EDDSA if isinstance(key, Ed25519PrivateKey) else ECDSA_P256
    members = {
        "type": "DataIntegrityProof",
        "cryptosuite": suite,
        "created": MADE,
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
        **options,
    }
    return create_proof(document, members, lambda data: sign(key, data), earlier=earlier)


def signed(document: Document, key: PrivateKey = ED, method: str | None = None, **options: Any) -> Document:
    return {**document, "proof": proof(document, key, method or method_of(key.public_key()), **options)}


def entry(name: str, index: int = 94_567, purpose: str = "revocation") -> Document:
    return {
        "id": f"{LISTS}/{name}#{index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": purpose,
        "statusListIndex": str(index),
        "statusListCredential": f"{LISTS}/{name}",
    }


def status_list(name: str, bits: list[int], *, key: PrivateKey = ED, purpose: str = "revocation") -> Document:
    document = {
        "@context": [CREDENTIALS],
        "id": f"{LISTS}/{name}",
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": did_of(key.public_key()),
        "validFrom": "2026-11-01T00:00:00Z",
        "credentialSubject": {
            "id": f"{LISTS}/{name}#list",
            "type": "BitstringStatusList",
            "statusPurpose": purpose,
            "encodedList": encode(bits),
        },
    }
    return signed(document, key)


def documents() -> Document:
    """What a verifier finds at the addresses that the cases name."""
    forged = status_list("forged", [94_567])
    forged["credentialSubject"]["encodedList"] = encode([])
    key = multikey_of(ED.public_key())
    return {
        "https://issuer.example.edu/departments/sea/did.json": {
            "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
            "id": WEB,
            "verificationMethod": [
                {"id": f"{WEB}#{name}", "type": "Multikey", "controller": WEB, "publicKeyMultibase": key}
                for name in ("signing", "login")
            ],
            "assertionMethod": [f"{WEB}#signing"],
            "authentication": [f"{WEB}#login"],
        },
        "https://liar.example.edu/.well-known/did.json": {"id": WEB, "verificationMethod": []},
        f"{LISTS}/clear": status_list("clear", []),
        f"{LISTS}/set": status_list("set", [94_567]),
        f"{LISTS}/suspended": status_list("suspended", [94_567], purpose="suspension"),
        f"{LISTS}/forged": forged,
        f"{LISTS}/stranger": status_list("stranger", [], key=STRANGER),
        f"{LISTS}/bare": {name: value for name, value in status_list("bare", []).items() if name != "proof"},
        "https://issuer.example.edu/handbook.txt": "The handbook.",
        **wallets.documents(),
    }


def changed(document: Document, change: Callable[[Document], None]) -> Document:
    copied = copy.deepcopy(document)
    change(copied)
    return copied


def part(data: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=").decode()


def cases() -> Iterator[Case]:
    """Every case; the order is that of the list."""
    yield from _good()
    yield from _tampered()
    yield from _malformed()
    yield from _statuses()
    yield from _proofs()
    yield from _tokens()
    yield from _resources()
    asked = {"nonce": wallets.NONCE, "audience": wallets.AUDIENCE}
    for name, verdict, why, text in wallets.presentations():
        yield Case(name, verdict, why, text, asked)


def _good() -> Iterator[Case]:
    mine = did_of(ED.public_key())
    yield Case("ed25519", REMARK, "an unregistered did:key signed it", signed(unsigned(mine)))
    p256 = did_of(P256.public_key())
    yield Case("p256", REMARK, "the same by a P-256 key", signed(unsigned(p256), P256))
    web = signed(unsigned(WEB), method=f"{WEB}#signing")
    yield Case("did-web", REMARK, "the key is in the issuer's DID document", web)
    old = unsigned(
        mine,
        **{"@context": [CREDENTIALS_1, DATA_INTEGRITY]},
        type=["VerifiableCredential"],
        name=None,
        issuer=mine,
        validFrom=None,
        issuanceDate=MADE,
        credentialSubject={"id": "did:example:learner"},
    )
    yield Case("version-1-1", REMARK, "version 1.1 of the data model", signed(old))
    expired = unsigned(mine, validUntil="2026-11-10T00:00:00Z")
    yield Case("expired", REMARK, "its validity has ended", signed(expired))
    future = unsigned(mine, validFrom="2027-01-01T00:00:00Z")
    yield Case("not-yet-valid", BAD, "its validity has not begun", signed(future))


def _tampered() -> Iterator[Case]:
    good = signed(unsigned(did_of(ED.public_key())))

    def put(name: str, value: object) -> Document:
        return {**good, name: value}

    yield Case("tampered-name", BAD, "the name was changed", put("name", "Brain surgery"))
    yield Case("tampered-date", BAD, "the date was changed", put("validFrom", "2020-01-01T00:00:00Z"))
    yield Case("added-member", BAD, "a member was added", put("description", "With honours."))
    yield Case("added-undefined-term", BAD, "JSON-LD would drop the added term", put("honours", "summa"))
    yield Case("added-null", BAD, "JSON-LD would drop the added null", put("description", None))
    types = [*good["type"], "Doctorate"]
    yield Case("added-undefined-type", BAD, "JSON-LD would drop the added type", put("type", types))
    relative = {"id": "diploma.pdf", "type": ["Image"]}
    yield Case("added-relative-id", BAD, "JSON-LD would drop the relative identifier", put("image", relative))
    bare = {name: value for name, value in good.items() if name != "proof"}
    yield Case("no-proof", BAD, "there is no proof", bare)
    zero = {**good["proof"], "proofValue": encode_base58(bytes(64))}
    yield Case("zero-signature", BAD, "the signature is 64 zeros", put("proof", zero))
    others = signed(unsigned(did_of(STRANGER.public_key())))
    yield Case("another-key", BAD, "signed by another key than the issuer's", others)


def _malformed() -> Iterator[Case]:
    mine = did_of(ED.public_key())
    plain = {"@context": [CREDENTIALS], "type": ["VerifiableCredential"], "issuer": mine}
    subject = {"credentialSubject": {"id": "did:example:learner"}}
    yield Case("no-subject", BAD, "it has no subject", signed(dict(plain)))
    yield Case(
        "no-issuer",
        BAD,
        "it has no issuer",
        signed({"@context": [CREDENTIALS], "type": ["VerifiableCredential"], **subject}),
    )
    backwards = {"validFrom": "2026-12-01T00:00:00Z", "validUntil": "2026-11-01T00:00:00Z"}
    yield Case(
        "ends-before-it-begins",
        BAD,
        "its dates contradict each other",
        signed({**plain, **subject, **backwards}),
    )
    no_offset = {"validFrom": "2026-11-01T00:00:00"}
    yield Case(
        "date-without-offset",
        BAD,
        "its date is none of the data model",
        signed({**plain, **subject, **no_offset}),
    )
    untyped = {"evidence": {"id": "https://issuer.example.edu/evidence"}}
    yield Case("evidence-without-type", BAD, "evidence needs a type", signed({**plain, **subject, **untyped}))
    unpinned = signed({**plain, **subject})
    unpinned["@context"] = [CREDENTIALS, "https://evil.example/context"]
    yield Case("unpinned-context", UNKNOWN, "its context is not known and never fetched", unpinned)


def _statuses() -> Iterator[Case]:
    mine = did_of(ED.public_key())
    for name, verdict, why, status in (
        ("status-clear", REMARK, "the list does not say that it was revoked", entry("clear")),
        ("status-revoked", BAD, "its bit is set", entry("set")),
        ("status-suspended", BAD, "its bit is set", entry("suspended", purpose="suspension")),
        ("status-neighbour", REMARK, "only its neighbour's bit is set", entry("set", 94_568)),
        ("status-unreachable", UNKNOWN, "the list cannot be had", entry("nowhere")),
        ("status-forged", BAD, "the list was changed after it was signed", entry("forged")),
        ("status-of-a-stranger", BAD, "somebody else signed the list", entry("stranger")),
        ("status-without-proof", BAD, "nobody signed the list", entry("bare")),
        ("status-outside", BAD, "the index lies outside the list", entry("clear", 999_999)),
        ("status-other-purpose", BAD, "the list is for something else", entry("clear", purpose="suspension")),
    ):
        yield Case(name, verdict, why, signed(unsigned(mine, credentialStatus=status)))
    inside = {**entry("clear"), "statusListCredential": "https://169.254.169.254/latest"}
    yield Case(
        "status-inside",
        UNKNOWN,
        "the list lies where no verifier goes",
        signed(unsigned(mine, credentialStatus=inside)),
    )


def _proofs() -> Iterator[Case]:
    mine = did_of(ED.public_key())
    document, method = unsigned(mine), method_of(ED.public_key())
    first = proof(document, ED, method, id="urn:uuid:first")
    stranger = method_of(STRANGER.public_key())
    second = proof(document, STRANGER, stranger, previousProof="urn:uuid:first", earlier=[first])
    yield Case("proof-chain", REMARK, "a second proof over the first", {**document, "proof": [first, second]})
    yield Case("proof-chain-cut", BAD, "the first proof was taken away", {**document, "proof": [second]})
    other = proof(document, STRANGER, stranger)
    yield Case("proof-set", REMARK, "two proofs beside each other", {**document, "proof": [first, other]})
    broken = {**other, "proofValue": first["proofValue"]}
    yield Case(
        "proof-set-one-broken", BAD, "one of two proofs does not hold", {**document, "proof": [first, broken]}
    )
    yield Case(
        "proof-for-login",
        BAD,
        "the proof is made for something else",
        signed(document, proofPurpose="authentication"),
    )
    yield Case(
        "proof-expired", BAD, "the proof's own time is over", signed(document, expires="2026-11-10T00:00:00Z")
    )
    yield Case(
        "proof-created-no-moment", BAD, "the proof's date is none", signed(document, created="2026-11-03")
    )
    login = signed(unsigned(WEB), method=f"{WEB}#login")
    yield Case("did-web-other-purpose", BAD, "the key is for signing in only", login)
    missing = signed(unsigned(WEB), method=f"{WEB}#lost")
    yield Case("did-web-no-such-key", BAD, "the document has no such key", missing)
    for name, host in (
        ("did-web-unreachable", "nowhere.example.edu"),
        ("did-web-of-another", "liar.example.edu"),
    ):
        did = f"did:web:{host}"
        yield Case(
            name, UNKNOWN, "the issuer's keys cannot be had", signed(unsigned(did), method=f"{did}#signing")
        )
    inside = "did:web:127.0.0.1"
    yield Case(
        "did-web-inside", UNKNOWN, "no verifier looks there", signed(unsigned(inside), method=f"{inside}#k")
    )


def _tokens() -> Iterator[Case]:
    p256, mine = did_of(P256.public_key()), did_of(ED.public_key())

    def token(
        document: Document, key: PrivateKey = P256, algorithm: str = "ES256", kid: str | None = None
    ) -> str:
        named = kid or method_of(key.public_key())
        return sign_jwt(document, kid=named, sign=lambda data: sign(key, data), algorithm=algorithm)

    good = token(unsigned(p256))
    head, payload, signature = good.split(".")
    yield Case("jwt-es256", REMARK, "a VC-JWT by a P-256 key", good)
    yield Case("jwt-eddsa", REMARK, "a VC-JWT by an Ed25519 key", token(unsigned(mine), ED, "EdDSA"))
    expired = token(unsigned(p256, validUntil="2026-11-10T00:00:00Z"))
    yield Case("jwt-expired", BAD, "the token's time is over", expired)
    none = f"{part({'alg': 'none', 'typ': 'JWT'})}.{payload}."
    yield Case("jwt-alg-none", BAD, "nobody signed it", none)
    hmac = f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{payload}.{signature}"
    yield Case("jwt-hs256", BAD, "an algorithm that is none of a public key", hmac)
    other = {**unsigned(p256), "name": "Brain surgery"}
    swapped = token(other).split(".")[1]
    yield Case("jwt-swapped-payload", BAD, "the payload is another one", f"{head}.{swapped}.{signature}")
    yield Case("jwt-another-issuer", BAD, "the key is not the issuer's", token(unsigned(mine), P256))
    yield Case("jwt-no-subject", BAD, "it has no subject", token_without_subject())
    revoked = unsigned(mine, credentialStatus=entry("set"))
    yield Case("jwt-revoked", BAD, "its bit is set", token(revoked, ED, "EdDSA"))


def token_without_subject() -> str:
    payload = {
        "@context": [CREDENTIALS],
        "type": ["VerifiableCredential"],
        "issuer": did_of(P256.public_key()),
    }
    head = {"alg": "ES256", "typ": "JWT", "kid": method_of(P256.public_key())}
    text = f"{part(head)}.{part(payload)}"
    return f"{text}.{base64.urlsafe_b64encode(sign(P256, text.encode())).rstrip(b'=').decode()}"


def _resources() -> Iterator[Case]:
    mine = did_of(ED.public_key())
    plain = {"@context": [CREDENTIALS], "type": ["VerifiableCredential"], "issuer": mine}
    subject = {"credentialSubject": {"id": "did:example:learner"}}
    right = "sha256-WZVc7WaX1h4D8rJVb+vlMIqxaEKEb1tYbX8fet7JJzQ="
    for name, verdict, why, digest in (
        ("resource-right", REMARK, "the digest is that of the context", right),
        (
            "resource-wrong",
            BAD,
            "the digest is another one",
            f"sha256-{base64.b64encode(bytes(32)).decode()}",
        ),
        ("resource-no-digest", BAD, "the digest is none", "sha256-abc"),
    ):
        resource = {"relatedResource": [{"id": CREDENTIALS, "digestSRI": digest}]}
        yield Case(name, verdict, why, signed({**plain, **subject, **resource}))


def files() -> dict[str, str]:
    """The content of every file of the folder, by its name."""
    found: dict[str, str] = {"documents.json": _text(documents())}
    listed = []
    for case in cases():
        kind = "json" if not isinstance(case.content, str) else "sdjwt" if case.asked else "jwt"
        name = f"cases/{case.name}.{kind}"
        found[name] = case.content + "\n" if isinstance(case.content, str) else _text(case.content)
        listed.append(
            {"case": case.name, "file": name, "verdict": case.verdict, "why": case.why, **case.asked}
        )
    found["expected.json"] = _text({"at": AT, "cases": listed})
    return found


def _text(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def main() -> None:
    (HERE / "cases").mkdir(exist_ok=True)
    for name, content in files().items():
        (HERE / name).write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
