"""Take a credential out of what it is signed in; nothing is verified here, only read.

Compact JWS (VC-JWT), SD-JWT with its disclosures, and the JSON serialisations of JWS (the seal of a European Digital
Credential, whose payload is not encoded).
"""

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

_HASHES: Final[Mapping[str, str]] = MappingProxyType(
    {"sha-256": "sha256", "sha-384": "sha384", "sha-512": "sha512"}
)
_PARTS_OF_A_JWS: Final = 3
_OF_A_MEMBER: Final = 3
_OF_AN_ITEM: Final = 2


class UnreadableError(Exception):
    """No credential of a known format can be read from it; the message says why."""


def parsed(text: str) -> Any:
    """The JSON value of `text`, with numbers that JSON knows only.

    Raises:
        UnreadableError: it is no JSON.
    """
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"it is no JSON: {error}") from error


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON number")


def looks_signed(text: str) -> bool:
    """Whether `text` may be a compact JWS, with or without disclosures."""
    return not text.startswith(("{", "[")) and text.partition("~")[0].count(".") == _PARTS_OF_A_JWS - 1


def payload_of(text: str) -> dict[str, Any]:
    """The payload of a compact JWS; of an SD-JWT, with the disclosed claims in their places.

    Raises:
        UnreadableError: a part of it cannot be decoded.
    """
    jws, *disclosures = text.split("~")
    payload = _decoded(jws.split(".")[1])
    if not isinstance(payload, dict):
        raise UnreadableError("the payload of the signature is no JSON object")
    if not disclosures:
        return payload
    # The last part is empty, or the holder's key binding, which states nothing about the credential.
    return _disclosed(payload, [part for part in disclosures[:-1] if part])


def unwrapped(document: Mapping[str, Any]) -> Any:
    """The payload of a JWS in a JSON serialisation; any other document as it is.

    Raises:
        UnreadableError: the payload cannot be decoded.
    """
    payload = document.get("payload")
    if not isinstance(payload, str) or not ("signatures" in document or "signature" in document):
        return document
    return parsed(payload) if payload.lstrip().startswith("{") else _decoded(payload)


def _decoded(part: str) -> Any:
    try:
        content = urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode()
    except ValueError as error:
        raise UnreadableError(f"a part of the signed credential cannot be decoded: {error}") from error
    return parsed(content)


def _disclosed(payload: dict[str, Any], disclosures: list[str]) -> dict[str, Any]:
    algorithm = _HASHES.get(str(payload.get("_sd_alg", "sha-256")))
    if algorithm is None:
        raise UnreadableError("its disclosures are hashed by an algorithm that is not known here")
    by_digest = {_digest(part, algorithm): _decoded(part) for part in disclosures}
    filled: dict[str, Any] = _filled(payload, by_digest)
    return filled


def _digest(disclosure: str, algorithm: str) -> str:
    hashed = hashlib.new(algorithm, disclosure.encode("ascii", "replace")).digest()
    return urlsafe_b64encode(hashed).rstrip(b"=").decode()


def _filled(value: Any, disclosed: dict[str, Any]) -> Any:
    """`value` with every digest replaced by what it stands for; a digest counts once, others are dropped."""
    if isinstance(value, list):
        return [filled for item in value for filled in _item(item, disclosed)]
    if not isinstance(value, dict):
        return value
    digests = value.get("_sd")
    plain = {name: _filled(part, disclosed) for name, part in value.items() if name not in {"_sd", "_sd_alg"}}
    for digest in digests if isinstance(digests, list) else ():
        found = disclosed.pop(digest, None) if isinstance(digest, str) else None
        if isinstance(found, list) and len(found) == _OF_A_MEMBER and isinstance(found[1], str):
            plain.setdefault(found[1], _filled(found[2], disclosed))
    return plain


def _item(item: Any, disclosed: dict[str, Any]) -> list[Any]:
    if not isinstance(item, dict) or set(item) != {"..."}:
        return [_filled(item, disclosed)]
    found = disclosed.pop(item["..."], None) if isinstance(item["..."], str) else None
    if isinstance(found, list) and len(found) == _OF_AN_ITEM:
        return [_filled(found[1], disclosed)]
    return []
