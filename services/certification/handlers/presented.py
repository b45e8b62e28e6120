"""Certificates from elsewhere that learners present for recognition (ADM-32): read, verified and compared.

What is found out is kept as remarks for the person who decides. Names are compared as people read them, and a name that
differs is a doubt, not a verdict.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, Final

import rfc8785

from services.certification.domain.recognition import Basis
from services.certification.handlers.sealed import is_sealed
from shared.annex1.readers import UnreadableError, elm, open_badges, opened
from shared.annex1.readers.baked import baked_in_url, is_picture_url
from shared.annex1.reading import ELM, OPEN_BADGES, Facts, Reading
from shared.domain import InvalidError, Pointer
from shared.web.strict_json import MalformedJsonError, loads

_READERS: Final = MappingProxyType({OPEN_BADGES: open_badges.read, ELM: elm.read})
JWT: Final = "application/vc+jwt"
SEALED: Final = "application/jose+json"
_LONGEST: Final = 300
_IDENTIFIER: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-;=?-\[\]_a-z~]{1,300}")
_UNPRINTABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]+")
_MOST_CREDITS: Final = Decimal(1_000)


@dataclass(frozen=True, slots=True)
class Presented:
    """A certificate as it was presented: `content` is what its digest is of (RFC 8785 where it is an object)."""

    media_type: str
    content: bytes
    document: Mapping[str, Any]
    reading: Reading

    @property
    def digest(self) -> str:
        return "sha256:" + hashlib.sha256(self.content).hexdigest()

    @property
    def basis(self) -> Basis:
        """What it says of itself, cut and cleaned so that a statement can name it."""
        reading = self.reading
        named = self.document.get("id")
        known = isinstance(named, str) and _IDENTIFIER.fullmatch(named) is not None
        return Basis(
            credential_id=str(named) if known else f"urn:sha256:{self.digest.removeprefix('sha256:')}",
            digest=self.digest,
            title={"en": _plain(reading.titles) or "A certificate without a title"},
            issuer=_issuer_name(self.document) or "an issuer that it does not name",
            credits=_credits(reading.credits),
            eqf=next(
                (level.value for level in reading.levels if level.scheme == "eqf" and level.value), None
            ),
        )


def read_presented(presented: object) -> Presented:
    """Read what a learner presents: an object with its proofs, a sealed one, a JWT, or a picture as a `data:` URL.

    Raises:
        InvalidError: it is no credential of a known format.
    """
    try:
        given: Any = _unpacked(presented.strip()) if isinstance(presented, str) else presented
        document, reading = _read(given)
        content = given.encode() if isinstance(given, str) else rfc8785.dumps(given)
    except (UnreadableError, RecursionError, rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise InvalidError(
            "No certificate of a known format can be read from this.",
            pointers=[Pointer("/credential", str(error) or "It cannot be read.")],
        ) from error
    return Presented(_media_type(given), content, document, reading)


def _unpacked(text: str) -> Any:
    """What is baked into a picture, an object or a JWT; any other text is itself."""
    if not is_picture_url(text):
        return text
    baked = baked_in_url(text).strip()
    if not baked.startswith("{"):
        return baked
    try:
        return loads(baked.encode())
    except MalformedJsonError as error:
        raise UnreadableError(f"what is baked into the picture is no JSON: {error}") from error


def _read(given: Any) -> tuple[Mapping[str, Any], Reading]:
    found, document = opened(given)
    if found not in _READERS:
        raise UnreadableError("present it as Open Badges 3.0 or as a European Digital Credential")
    return document, _READERS[found](document)


def _media_type(presented: object) -> str:
    if isinstance(presented, str):
        return JWT
    return SEALED if is_sealed(presented) else "application/vc+ld+json"


def presented_again(media_type: str, content: bytes) -> Presented:
    """What `read_presented` read when it was presented."""
    text = content.decode()
    return read_presented(text if media_type == JWT else json.loads(text))


def _issuer_name(document: Mapping[str, Any]) -> str:
    issuer = document.get("issuer")
    if isinstance(issuer, str):
        return _clean(issuer)
    if not isinstance(issuer, dict):
        return ""
    for member in ("name", "legalName", "prefLabel", "id"):
        value = issuer.get(member)
        texts = value.values() if isinstance(value, dict) else [value]
        for text in texts:
            found = text[0] if isinstance(text, list) and text else text
            if isinstance(found, str) and _clean(found):
                return _clean(found)
    return ""


def _plain(facts: Facts) -> str:
    return next(
        (_clean(fact.value) for fact in facts if isinstance(fact.value, str) and _clean(fact.value)), ""
    )


def _clean(text: str) -> str:
    return " ".join(_UNPRINTABLE.sub(" ", text).split())[:_LONGEST]


def _credits(facts: Facts) -> str | None:
    """The first number of credits that is one; what is stated as anything else is not guessed at."""
    for fact in facts:
        if isinstance(fact.value, bool) or not isinstance(fact.value, int | float | str):
            continue
        try:
            value = Decimal(str(fact.value))
        except InvalidOperation:
            continue
        if value.is_finite() and 0 < value <= _MOST_CREDITS:
            return f"{value.quantize(Decimal('0.001')).normalize():f}"
    return None
