"""The resources that a credential names with their digests: fetched, and compared (VC Data Model 2.0, section 5.3)."""

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterator, Mapping
from importlib import resources
from typing import Any, Final

from services.certification.domain.verdict import Finding
from services.certification.formats.contexts import CREDENTIALS
from services.certification.formats.multikey import decode_base58
from shared.fetch import Fetcher, FetchError

Document = Mapping[str, Any]

MOST: Final = 4
"""Resources that are fetched for one credential."""

_MAX_BYTES: Final = 256 * 1024
_FETCHED: Final = ("https:", "http:")
_SRI: Final = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
_SHA256: Final = b"\x12\x20"


def related_findings(fetcher: Fetcher, credential: Document) -> Iterator[Finding]:
    """A finding about each resource whose digest the well-formed `credential` states."""
    named = credential.get("relatedResource", [])
    listed = named if isinstance(named, list) else [named]
    fetched = [resource for resource in listed if resource["id"].startswith(_FETCHED)]
    if len(fetched) < len(listed):
        told = (
            "It names related resources without an address: compare their digests with those of your copies."
        )
        yield Finding("related", "remark", told)
    for resource in fetched[:MOST]:
        yield _resource(fetcher, resource)
    if len(fetched) > MOST:
        yield Finding("related", "unchecked", "It names more resources than are looked up.")


def _resource(fetcher: Fetcher, resource: Document) -> Finding:
    if not all(_well_formed(resource, name) for name in ("digestSRI", "digestMultibase")):
        return Finding("related", "failed", "A related resource has a digest that is none.")
    try:
        body = _known(resource["id"]) or fetcher.get(
            resource["id"], accept=resource.get("mediaType", "*/*"), max_bytes=_MAX_BYTES
        )
    except FetchError as error:
        return Finding("related", "unchecked", f"A related resource could not be fetched: {error}.")
    if not all(check(body) for check in _digests(resource)):
        told = "A related resource is not the one whose digest is stated."
        return Finding("related", "failed", told, "CRYPTOGRAPHIC_SECURITY_ERROR")
    return Finding("related", "passed", "A related resource is the one whose digest is stated.")


def _known(address: str) -> bytes | None:
    if address != CREDENTIALS:
        return None
    return resources.files("openbadgeslib.ob3.contexts").joinpath("credentials-v2.json").read_bytes()


def _well_formed(resource: Document, name: str) -> bool:
    return name not in resource or any(True for _ in _digests({name: resource[name]}))


def _digests(resource: Document) -> Iterator[Callable[[bytes], bool]]:
    """Tests of a body, one for each digest of `resource` that can be read."""
    stated = resource.get("digestSRI")
    if isinstance(stated, str):
        name, _, text = stated.partition("-")
        expected = _unbase64(text)
        if name in _SRI and expected is not None and len(expected) == _SRI[name]().digest_size:
            yield lambda body: _SRI[name](body).digest() == expected
    multibase = resource.get("digestMultibase")
    if isinstance(multibase, str):
        digest = _multihash(multibase)
        if digest is not None:
            yield lambda body: hashlib.sha256(body).digest() == digest


def _multihash(text: str) -> bytes | None:
    data: bytes | None = None
    if text.startswith("u"):
        data = _unbase64(text[1:])
    elif text.startswith("z"):
        try:
            data = decode_base58(text)
        except ValueError:
            return None
    length = hashlib.sha256().digest_size
    if data is not None and len(data) == length + len(_SHA256) and data.startswith(_SHA256):
        return data.removeprefix(_SHA256)
    return data if data is not None and len(data) == length else None


def _unbase64(text: str) -> bytes | None:
    try:
        plain = text.replace("-", "+").replace("_", "/").rstrip("=")
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
