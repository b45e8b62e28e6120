"""The picture of a certificate, drawn here, with its Open Badges credential baked in (Open Badges 3.0, section 5.3)."""

import json
import struct
import threading
import zlib
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Final

import typst

from services.certification.domain.snapshot import Snapshot, text_in
from services.certification.formats.wording import ENGLISH, LANGUAGES, primary, words
from shared.annex1 import ATTENDANCE
from shared.annex1.readers.baked import KEYWORD, NAMESPACE, SIGNATURE

PNG_TYPE: Final = "image/png"
SVG_TYPE: Final = "image/svg+xml"
_TEMPLATE: Final = Path(__file__).with_name("badge.typ")
_PIXELS_PER_INCH: Final = 144.0
_KEPT: Final = 64
_HEADER_BYTES: Final = len(SIGNATURE) + 25
"""The signature of PNG and its first chunk, which has a fixed length."""
_of_thread: Final = threading.local()


class UndrawableError(ValueError):
    """The picture's font lacks a sign of the title or of the issuer's name."""


def baked_png(snapshot: Snapshot, credential: str) -> bytes:
    """A PNG that carries `credential`, a JSON document or a JWT, in an `iTXt` chunk.

    Raises:
        UndrawableError: the picture cannot be drawn.
    """
    image = _drawn("png", *_words(snapshot))
    data = KEYWORD + b"\0\0\0\0\0" + credential.encode()
    chunk = b"iTXt" + data
    baked = struct.pack(">I", len(data)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return image[:_HEADER_BYTES] + baked + image[_HEADER_BYTES:]


def baked_svg(snapshot: Snapshot, credential: str) -> bytes:
    """An SVG that carries `credential`: a JSON document as text, a JWT as the attribute `verify`.

    Raises:
        UndrawableError: the picture cannot be drawn.
    """
    language, kind, title, issuer = _words(snapshot)
    image = _drawn("svg", language, kind, title, issuer).decode()
    said = escape(f"{kind}: {title}, {issuer}")
    if credential.startswith("{"):
        inner = credential.replace("]]>", "]]]]><![CDATA[>")
        carried = f"<openbadges:credential><![CDATA[{inner}]]></openbadges:credential>"
    else:
        carried = f'<openbadges:credential verify="{escape(credential)}"/>'
    opened = f'<svg xmlns:openbadges="{NAMESPACE}" role="img" aria-label="{said}"'
    head, end, rest = image.replace("<svg", opened, 1).partition(">")
    return f"{head}{end}{carried}{rest}".encode()


def _words(snapshot: Snapshot) -> tuple[str, str, str, str]:
    language = primary(snapshot.language)
    key = "attendance" if snapshot.elements.document_type == ATTENDANCE else "micro_credential"
    kind = words(language if language in LANGUAGES else ENGLISH)[key]
    title = text_in(snapshot.elements.title, snapshot.language)
    return language, kind, title, text_in(snapshot.elements.issuer.name, snapshot.language)


@lru_cache(maxsize=_KEPT)
def _drawn(image: str, language: str, kind: str, title: str, issuer: str) -> bytes:
    """The same for all learners of an offering and therefore drawn once.

    Pictures show nothing for a sign that the font lacks; PDF/UA reports it, so the page is set as one first.
    """
    data = json.dumps({"language": language, "kind": kind, "title": title, "issuer": issuer})
    compiler = _compiler()
    try:
        compiler.compile(sys_inputs={"data": data}, format="pdf", pdf_standards=["ua-1"])
        drawn = (
            compiler.compile(sys_inputs={"data": data}, format="png", ppi=_PIXELS_PER_INCH)
            if image == "png"
            else compiler.compile(sys_inputs={"data": data}, format="svg")
        )
    except typst.TypstError as error:
        raise UndrawableError(
            "the picture's font lacks a sign of the title or of the issuer's name"
        ) from error
    if not isinstance(drawn, bytes):
        raise UndrawableError("the title is too long for a picture")
    return drawn


def _compiler() -> typst.Compiler:
    if not hasattr(_of_thread, "compiler"):
        _of_thread.compiler = typst.Compiler(
            str(_TEMPLATE), root=str(_TEMPLATE.parent), font_paths=typst.Fonts(include_system_fonts=False)
        )
    compiler: typst.Compiler = _of_thread.compiler
    return compiler
