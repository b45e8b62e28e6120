"""Presentations of SD-JWT VCs, good and bad, from fixed keys, salts and moments."""

import base64
import hashlib
import json
import zlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    derive_private_key,
)

from services.certification.formats.did_key import did_of, method_of
from services.certification.keys.signing import sign

Presented = tuple[str, str, str, str]
"""Name, verdict, why, and the text that is presented."""

AT: Final = int(datetime.fromisoformat("2026-11-20T12:00:00+00:00").timestamp())
NONCE: Final = "n-20261120"
AUDIENCE: Final = "https://employer.example.edu"
ISSUER: Final = "https://wallets.example.edu/sea"
LISTS: Final = "https://wallets.example.edu/lists"
ISSUING: Final = derive_private_key(20261120, SECP256R1())
HOLDING: Final = derive_private_key(20261121, SECP256R1())
THIEF: Final = derive_private_key(20261122, SECP256R1())
REMARK, BAD, UNKNOWN = "valid_with_remark", "not_valid", "could_not_be_checked"
HEADER: Final = {"alg": "ES256", "typ": "dc+sd-jwt", "kid": "2026"}


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def part(document: Any) -> str:
    return encoded(json.dumps(document, ensure_ascii=False).encode())


def token(header: dict[str, Any], payload: dict[str, Any], key: EllipticCurvePrivateKey) -> str:
    content = f"{part(header)}.{part(payload)}"
    return f"{content}.{encoded(sign(key, content.encode()))}"


def digest(text: str) -> str:
    return encoded(hashlib.sha256(text.encode()).digest())


def jwk(key: EllipticCurvePrivateKey) -> dict[str, str]:
    numbers = key.public_key().public_numbers()
    x, y = (encoded(number.to_bytes(32)) for number in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


FAMILY: Final = part(["2GLC42sKQveCfGfryNRN9w", "family_name", "Μαυροπούλου"])
GRADE: Final = part(["eluV5Og3gSNII8EYnsxA_A", "assessment_grade", "5"])
INNER: Final = part(["6Ij7tM-a5iVPGboS5tmvVA", "note", {"_sd": [digest(GRADE)]}])


def payload(**changes: Any) -> dict[str, Any]:
    document = {
        "iss": ISSUER,
        "vct": "urn:eu.europa.ec.eudi:learning:credential:1",
        "iat": AT - 86_400,
        "exp": AT + 86_400,
        "cnf": {"jwk": jwk(HOLDING)},
        "achievement_title": "Sustainable seas",
        "_sd": sorted([digest(FAMILY), digest(GRADE)]),
        "_sd_alg": "sha-256",
        **changes,
    }
    return {name: value for name, value in document.items() if value is not None}


def issued(**changes: Any) -> str:
    return token(HEADER, payload(**changes), ISSUING)


def presented(jwt: str, *shown: str, key: EllipticCurvePrivateKey = HOLDING, **changes: Any) -> str:
    text = "".join(f"{each}~" for each in (jwt, *shown))
    claims = {"iat": AT - 5, "aud": AUDIENCE, "nonce": NONCE, "sd_hash": digest(text), **changes}
    return text + token({"alg": "ES256", "typ": "kb+jwt"}, claims, key)


def listed(name: str, status: int, *, key: EllipticCurvePrivateKey = ISSUING, **changes: Any) -> str:
    places = encoded(zlib.compress(bytes([status << 2, 0, 0, 0])))
    claims = {"sub": f"{LISTS}/{name}", "iat": AT - 60, "exp": AT + 3600, "ttl": 60, **changes}
    document = {**claims, "status_list": {"bits": 2, "lst": places}}
    return token({"alg": "ES256", "typ": "statuslist+jwt", "kid": "2026"}, document, key)


def documents() -> dict[str, Any]:
    """What a verifier finds at the addresses of the issuer."""
    return {
        "https://wallets.example.edu/.well-known/jwt-vc-issuer/sea": {
            "issuer": ISSUER,
            "jwks": {"keys": [{**jwk(ISSUING), "kid": "2026"}]},
        },
        "https://liar.example.edu/.well-known/jwt-vc-issuer": {
            "issuer": ISSUER,
            "jwks": {"keys": [{**jwk(THIEF), "kid": "2026"}]},
        },
        f"{LISTS}/clear": listed("clear", 0),
        f"{LISTS}/invalid": listed("invalid", 1),
        f"{LISTS}/suspended": listed("suspended", 2),
        f"{LISTS}/outdated": listed("outdated", 0, exp=AT - 1),
        f"{LISTS}/thief": listed("thief", 0, key=THIEF),
        f"{LISTS}/moved": listed("clear", 0),
    }


def presentations() -> Iterator[Presented]:
    """Every case; all are presented to `AUDIENCE` for `NONCE`."""
    good = presented(issued(), FAMILY)
    yield "sd-jwt", REMARK, "an unregistered issuer, and one claim shown of two", good
    yield "sd-jwt-nothing-shown", REMARK, "what can be withheld is", presented(issued())
    yield "sd-jwt-everything-shown", REMARK, "nothing is withheld", presented(issued(), FAMILY, GRADE)
    nested = issued(_sd=[digest(INNER)])
    yield "sd-jwt-claim-in-claim", REMARK, "a claim in a claim", presented(nested, INNER, GRADE)
    decoy = issued(_sd=sorted([digest(FAMILY), digest("decoy")]))
    yield "sd-jwt-decoy", REMARK, "a digest that stands for nothing", presented(decoy, FAMILY)
    did = did_of(ISSUING.public_key())
    by_did = token({**HEADER, "kid": method_of(ISSUING.public_key())}, payload(iss=did), ISSUING)
    yield "sd-jwt-did-key", REMARK, "the issuer is a did:key", presented(by_did, FAMILY)
    yield from _holders(good)
    yield from _disclosures()
    yield from _issuers()
    yield from _statuses()
    yield "sd-jwt-expired", BAD, "the copy's time is over", presented(issued(exp=AT - 3600), FAMILY)
    yield "sd-jwt-not-yet", BAD, "its time has not come", presented(issued(nbf=AT + 3600), FAMILY)


def _holders(good: str) -> Iterator[Presented]:
    jwt = issued()
    yield "sd-jwt-no-holder", BAD, "its holder did not sign", f"{good.rpartition('~')[0]}~"
    yield "sd-jwt-thief", BAD, "another key than the holder's signed", presented(jwt, FAMILY, key=THIEF)
    yield "sd-jwt-replayed", BAD, "the answer to another question", presented(jwt, FAMILY, nonce="n-1")
    elsewhere = presented(jwt, FAMILY, aud="https://other.example.edu")
    yield "sd-jwt-forwarded", BAD, "presented to somebody else", elsewhere
    yield "sd-jwt-old", BAD, "presented an hour ago", presented(jwt, FAMILY, iat=AT - 3600)
    yield "sd-jwt-of-tomorrow", BAD, "presented in an hour", presented(jwt, FAMILY, iat=AT + 3600)
    binding = good.rpartition("~")[2]
    yield (
        "sd-jwt-shown-more",
        BAD,
        "a claim was added after the signature",
        f"{jwt}~{FAMILY}~{GRADE}~{binding}",
    )
    yield "sd-jwt-shown-less", BAD, "a claim was taken away after the signature", f"{jwt}~{binding}"
    unbound = issued(cnf=None)
    yield "sd-jwt-unbound", BAD, "the credential is bound to nobody's key", presented(unbound, FAMILY)


def _disclosures() -> Iterator[Presented]:
    jwt = issued()
    other = part(["2GLC42sKQveCfGfryNRN9w", "family_name", "Nobody"])
    yield "sd-jwt-changed-claim", BAD, "a disclosure was changed", presented(jwt, other)
    yield "sd-jwt-claim-twice", BAD, "a disclosure is there twice", presented(jwt, FAMILY, FAMILY)
    twice = issued(_sd=[digest(FAMILY), digest(FAMILY)])
    yield "sd-jwt-digest-twice", BAD, "a digest is there twice", presented(twice, FAMILY)
    key = part(["Qg_O64zqAxe412a108iroA", "cnf", {"jwk": jwk(THIEF)}])
    bound = issued(cnf=None, _sd=[digest(key)])
    withheld = presented(bound, key, key=THIEF)
    yield "sd-jwt-withheld-key", BAD, "the holder's key may not be withheld", withheld
    title = part(["Qg_O64zqAxe412a108iroA", "achievement_title", "Brain surgery"])
    over = issued(_sd=[digest(title)])
    yield "sd-jwt-claim-over-claim", BAD, "a disclosure overwrites a claim", presented(over, title)
    yield (
        "sd-jwt-unknown-hash",
        BAD,
        "hashed by an unknown algorithm",
        presented(issued(_sd_alg="md5"), FAMILY),
    )


def _issuers() -> Iterator[Presented]:
    forged = token(HEADER, payload(), THIEF)
    yield "sd-jwt-forged", BAD, "another key than the issuer's signed", presented(forged, FAMILY)
    lost = token({**HEADER, "kid": "2020"}, payload(), ISSUING)
    yield "sd-jwt-no-such-key", BAD, "the issuer publishes no such key", presented(lost, FAMILY)
    typed = token({**HEADER, "typ": "JWT"}, payload(), ISSUING)
    yield "sd-jwt-another-type", BAD, "the token is of another type", presented(typed, FAMILY)
    nobody = f"{part({'alg': 'none', 'typ': 'dc+sd-jwt'})}.{part(payload())}."
    yield "sd-jwt-alg-none", BAD, "nobody signed it", presented(nobody, FAMILY)
    untyped = issued(vct=None)
    yield "sd-jwt-no-vct", BAD, "it does not say what it is", presented(untyped, FAMILY)
    for name, issuer in (
        ("sd-jwt-unreachable", "https://nowhere.example.edu"),
        ("sd-jwt-of-a-liar", "https://liar.example.edu"),
        ("sd-jwt-inside", "https://127.0.0.1"),
        ("sd-jwt-unknown-issuer", "urn:example:sea"),
    ):
        yield name, UNKNOWN, "the issuer's keys cannot be had", presented(issued(iss=issuer), FAMILY)


def _statuses() -> Iterator[Presented]:
    for name, verdict, why in (
        ("clear", REMARK, "the list says that it stands"),
        ("invalid", BAD, "the list says that it does not stand"),
        ("suspended", BAD, "the list says that it is suspended"),
        ("outdated", UNKNOWN, "the list is out of date"),
        ("thief", UNKNOWN, "somebody else signed the list"),
        ("moved", UNKNOWN, "the list is that of another address"),
        ("nowhere", UNKNOWN, "the list cannot be had"),
    ):
        status = {"status_list": {"idx": 1, "uri": f"{LISTS}/{name}"}}
        yield f"sd-jwt-status-{name}", verdict, why, presented(issued(status=status), FAMILY)
    beyond = {"status_list": {"idx": 99, "uri": f"{LISTS}/clear"}}
    text = presented(issued(status=beyond), FAMILY)
    yield "sd-jwt-status-outside", UNKNOWN, "the list has no such place", text
    other = {"identifier_list": {"id": "1", "uri": f"{LISTS}/clear"}}
    text = presented(issued(status=other), FAMILY)
    yield "sd-jwt-status-other", UNKNOWN, "a status of an unknown kind", text
