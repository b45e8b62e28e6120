"""The picture of a certificate, drawn here, with its Open Badges credential baked in (Open Badges 3.0, section 5.3)."""

import struct
import zlib
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Final, Literal

from services.certification.domain.snapshot import Snapshot, text_in
from services.certification.formats.typesetting import Face, picture
from services.certification.formats.wording import primary, spoken, words
from shared.annex1 import ATTENDANCE
from shared.annex1.readers.baked import KEYWORD, NAMESPACE, SIGNATURE

PNG_TYPE: Final = "image/png"
SVG_TYPE: Final = "image/svg+xml"
_TEMPLATE: Final = Path(__file__).with_name("badge.typ")
_PIXELS_PER_INCH: Final = 144.0
_KEPT: Final = 64
_HEADER_BYTES: Final = len(SIGNATURE) + 25
"""The signature of PNG and its first chunk, which has a fixed length."""


def baked_png(snapshot: Snapshot, credential: str) -> bytes:
    """A PNG that carries `credential`, a JSON document or a JWT, in an `iTXt` chunk.

    Raises:
        UndrawableError: the picture cannot be drawn.
    """
    image = _drawn("png", _face(snapshot))
    data = KEYWORD + b"\0\0\0\0\0" + credential.encode()
    chunk = b"iTXt" + data
    baked = struct.pack(">I", len(data)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return image[:_HEADER_BYTES] + baked + image[_HEADER_BYTES:]


def baked_svg(snapshot: Snapshot, credential: str) -> bytes:
    """An SVG that carries `credential`: a JSON document as text, a JWT as the attribute `verify`.

    Raises:
        UndrawableError: the picture cannot be drawn.
    """
    face = _face(snapshot)
    image = _drawn("svg", face).decode()
    said = escape(f"{face.kind}: {face.title}, {face.issuer}")
    if credential.startswith("{"):
        inner = credential.replace("]]>", "]]]]><![CDATA[>")
        carried = f"<openbadges:credential><![CDATA[{inner}]]></openbadges:credential>"
    else:
        carried = f'<openbadges:credential verify="{escape(credential)}"/>'
    opened = f'<svg xmlns:openbadges="{NAMESPACE}" role="img" aria-label="{said}"'
    head, end, rest = image.replace("<svg", opened, 1).partition(">")
    return f"{head}{end}{carried}{rest}".encode()


def _face(snapshot: Snapshot) -> Face:
    language = primary(snapshot.language)
    key = "attendance" if snapshot.elements.document_type == ATTENDANCE else "micro_credential"
    kind = words(spoken((language,))[0])[key]
    title = text_in(snapshot.elements.title, snapshot.language)
    return Face(language, kind, title, text_in(snapshot.elements.issuer.name, snapshot.language))


@lru_cache(maxsize=_KEPT)
def _drawn(file: Literal["png", "svg"], face: Face) -> bytes:
    return picture(_TEMPLATE, file, face, _PIXELS_PER_INCH)
