"""Issuers as `did:web`: their identifiers, and the documents that tell the world their keys."""

import re
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import quote

from services.certification.domain.issuer_key import IssuerKey
from services.certification.formats.did_key import key_from_multikey
from services.certification.formats.jws import JwtKey, key_from_jwk

_INSTITUTION: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,98}[a-z0-9]")


def issuer_did(public_host: str, institution: str) -> str:
    """The identifier of `institution` as an issuer on `public_host` (a port's colon is written %3A)."""
    return f"did:web:{quote(public_host, safe='')}:certification:issuers:{institution}"


def institution_of(did: str, public_host: str) -> str | None:
    """The institution whose identifier here is `did`; None where it is another installation's, or none at all."""
    prefix = issuer_did(public_host, "")
    name = did.removeprefix(prefix)
    return name if did.startswith(prefix) and _INSTITUTION.fullmatch(name) else None


def did_document(did: str, keys: Iterable[IssuerKey]) -> dict[str, Any]:
    """The DID document of `did`: every key that signs or has signed, none that was betrayed."""
    methods = [{"id": f"{did}#{key.multikey}", "controller": did, **_public(key)} for key in keys]
    contexts = ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"]
    if any(method["type"] == "JsonWebKey" for method in methods):
        contexts.append("https://w3id.org/security/jwk/v1")
    return {
        "@context": contexts,
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }


def _public(key: IssuerKey) -> dict[str, Any]:
    if key.jwk is None:
        return {"type": "Multikey", "publicKeyMultibase": key.multikey}
    return {"type": "JsonWebKey", "publicKeyJwk": dict(key.jwk)}


def public_key_of(key: IssuerKey) -> JwtKey:
    """The key with which what `key` signed is verified."""
    return key_from_multikey(key.multikey) if key.jwk is None else key_from_jwk(key.jwk)


def key_dates(key: IssuerKey) -> dict[str, Any]:
    """The dates of a key as a JWK has them (seconds since 1970; OpenID Federation, historical keys).

    `iat` when it was made, `nbf` when it began to sign, `exp` when it was retired, `revoked` since when it is not to
    be trusted.
    """
    moments = {"iat": key.created_at, "nbf": key.activated_at, "exp": key.retired_at}
    dates: dict[str, Any] = {
        name: int(moment.timestamp()) for name, moment in moments.items() if moment is not None
    }
    if key.compromised_from is not None:
        revoked_at = int(key.compromised_from.timestamp())
        dates["revoked"] = {"revoked_at": revoked_at, "reason": "keyCompromise"}
    return dates
