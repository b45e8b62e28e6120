"""Readers of credentials, one module per format: pure, unverifying, and never surprised by what strangers wrote."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from shared.annex1.readers.baked import baked_in_url, is_picture_url
from shared.annex1.readers.envelopes import UnreadableError, looks_signed, parsed, payload_of, unwrapped
from shared.annex1.readers.sd_jwt import TYPE
from shared.annex1.reading import ELM, OPEN_BADGES, SD_JWT_VC, SNAPSHOT

__all__ = ["UnreadableError", "opened"]

_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "EuropeanDigitalCredential": ELM,
        "OpenBadgeCredential": OPEN_BADGES,
        "AchievementCredential": OPEN_BADGES,
    }
)


def opened(credential: str | Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The format of a credential and its document, out of any envelope.

    `credential` is the text of a file, a compact JWS or SD-JWT, a picture with a baked-in credential as a `data:`
    address, or a JSON object.

    Raises:
        UnreadableError: it is none of the known formats.
    """
    document: Any = credential
    if isinstance(credential, str):
        text = credential.strip().removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
        text = baked_in_url(text) if is_picture_url(text) else text
        document = payload_of(text) if looks_signed(text) else parsed(text)
    if isinstance(document, dict):
        document = unwrapped(document)
    if isinstance(document, dict) and _format(document) is None and isinstance(document.get("vc"), dict):
        document = document["vc"]
    found = _format(document) if isinstance(document, dict) else None
    if found is None:
        raise UnreadableError(
            "it is no Open Badges 3.0 credential, no European Digital Credential, no SD-JWT VC of type "
            f"{TYPE} and no snapshot"
        )
    return found, document


def _format(document: Mapping[str, Any]) -> str | None:
    if document.get("vct") == TYPE:
        return SD_JWT_VC
    kinds = document.get("type")
    for kind in kinds if isinstance(kinds, list) else [kinds]:
        if isinstance(kind, str) and kind in _TYPES:
            return _TYPES[kind]
    return SNAPSHOT if "elements" in document and "certificate_id" in document else None
