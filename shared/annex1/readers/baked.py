"""Take the credential out of a picture that it is baked into (Open Badges 3.0, section 5.3), whoever baked it.

Pictures are of strangers: what they hold is bounded, and of SVG nothing is resolved or followed.
"""

import base64
import binascii
import struct
import zlib
from collections.abc import Iterator
from typing import Final
from xml.parsers import expat

from shared.annex1.readers.envelopes import UnreadableError

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
KEYWORD: Final = b"openbadgecredential"
NAMESPACE: Final = "https://purl.imsglobal.org/ob/v3p0"
MOST_BYTES: Final = 1024 * 1024
"""How long the credential in a picture may be, unpacked."""
_HEAD: Final = struct.Struct(">I4s")
_CHECKSUM_BYTES: Final = 4
_DATA_URL: Final = "data:image/"
_DATA_TYPES: Final = ("png;base64,", "svg+xml;base64,")


def is_picture(content: bytes) -> bool:
    """Whether `content` may be a picture with a credential: a PNG, or an XML document."""
    return content.startswith(SIGNATURE) or content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def is_picture_url(text: str) -> bool:
    """Whether `text` is a picture as a `data:` address."""
    return text.startswith(_DATA_URL)


def baked_in(content: bytes) -> str:
    """The credential in a PNG or SVG, as it was baked: a JSON document or a JWT.

    Raises:
        UnreadableError: there is none, or the picture is damaged.
    """
    text = _of_png(content) if content.startswith(SIGNATURE) else _of_svg(content)
    if text is None or not text.strip():
        raise UnreadableError("no Open Badges 3.0 credential is baked into this picture")
    return text.strip()


def baked_in_url(text: str) -> str:
    """The same for a picture as a `data:` address in base64.

    Raises:
        UnreadableError: also where the address is another one.
    """
    kind = next((kind for kind in _DATA_TYPES if text.startswith(_DATA_URL + kind)), None)
    if kind is None:
        raise UnreadableError("a picture is sent as data:image/png;base64 or data:image/svg+xml;base64")
    try:
        content = base64.b64decode(text.removeprefix(_DATA_URL + kind), validate=True)
    except (binascii.Error, ValueError) as error:
        raise UnreadableError("the picture is not base64") from error
    return baked_in(content)


def _of_png(content: bytes) -> str | None:
    for kind, data in _chunks(content):
        if kind == b"iTXt" and data.startswith(KEYWORD + b"\0"):
            return _international_text(data.removeprefix(KEYWORD + b"\0"))
    return None


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at + _HEAD.size <= len(content):
        length, kind = _HEAD.unpack_from(content, at)
        at += _HEAD.size
        data = content[at : at + length]
        checksum = content[at + length : at + length + _CHECKSUM_BYTES]
        if checksum != struct.pack(">I", zlib.crc32(kind + data)):
            raise UnreadableError("the picture is damaged")
        yield kind, data
        at += length + _CHECKSUM_BYTES


def _international_text(data: bytes) -> str:
    """The text behind compression flag and method, language and translated keyword."""
    packed = data[:1] == b"\1"
    parts = data[2:].split(b"\0", 2)
    if len(parts) != 3:  # noqa: PLR2004 - language, translated keyword, text
        raise UnreadableError("the picture's text cannot be read")
    text = _unpacked(parts[2]) if packed else parts[2]
    if len(text) > MOST_BYTES:
        raise UnreadableError("the credential in the picture is too long")
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise UnreadableError("the credential in the picture is no text") from error


def _unpacked(data: bytes) -> bytes:
    unpacking = zlib.decompressobj()
    try:
        return unpacking.decompress(data, MOST_BYTES + 1)
    except zlib.error as error:
        raise UnreadableError("the picture's text cannot be unpacked") from error


class _Svg:
    """Collects the first credential of an SVG; document types are refused, and with them every entity of theirs."""

    def __init__(self) -> None:
        self.found: str | None = None
        self._depth = 0

    def parse(self, content: bytes) -> str | None:
        parser = expat.ParserCreate(namespace_separator=" ")
        # Else every line and every entity is a piece of its own, and the whole text is copied for each.
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        try:
            parser.Parse(content, True)
        except (expat.ExpatError, ValueError) as error:
            raise UnreadableError("the picture is no SVG") from error
        return self.found

    def _refuse(self, *_declaration: object) -> None:
        raise UnreadableError("a picture with a document type is not read")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._depth:
            self._depth += 1
        elif name == f"{NAMESPACE} credential" and self.found is None:
            self._depth = 1
            self.found = attributes.get("verify", "")

    def _end(self, _name: str) -> None:
        self._depth = max(0, self._depth - 1)

    def _text(self, text: str) -> None:
        if self._depth == 1 and self.found is not None and len(self.found) <= MOST_BYTES:
            self.found += text


def _of_svg(content: bytes) -> str | None:
    return _Svg().parse(content)
