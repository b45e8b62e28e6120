"""A snapshot as a PDF/A-3a and PDF/UA-1 document: tagged, titled, in its languages, with its credentials inside.

The same snapshot and credentials give the same bytes: the document's moment is the snapshot's.
"""

import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import segno
import typst

from services.certification.domain.snapshot import Snapshot
from services.certification.formats.page import content
from services.certification.formats.typesetting import compiler_of, fonts

_TEMPLATE: Final = Path(__file__).with_name("certificate.typ")
_MASK: Final = 3
# Latin with Extended-A, Greek, Cyrillic and punctuation: tried against the font by a test.
_USUAL: Final = re.compile(
    "[ -~\u00a0-\u017f\u0386\u0388-\u038a\u038c\u038e-\u03a1\u03a3-\u03ce\u0400-\u045f\u2013\u2014\u2018-\u201e\u2026]*"
)
_NAME_ALONE: Final = b"""#set document(title: "A name")
#set text(font: "Libertinus Serif")
#sys.inputs.name"""
_MISSING_SIGN: Final = re.compile(r'the text `("[^`]*")`')


class UnprintableError(Exception):
    """The document cannot be printed as it stands, for instance for lack of a sign in the font."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A signed form of the certificate that goes into the PDF; it says the same as the pages."""

    name: str
    media_type: str
    description: str
    text: str


def require_printable(snapshot: Snapshot) -> None:
    """Return when the font has every sign of `snapshot`. Only signs beyond the usual ones take a trial run.

    Raises:
        UnprintableError: it has not; the message names the sign.
    """
    page = content(snapshot)
    if _USUAL.fullmatch(json.dumps(page, ensure_ascii=False)) is None:
        _compile(snapshot, page, ())


def require_printable_name(name: str) -> None:
    """Return when the font has every sign of a learner's `name`, long before there is a certificate (CRT-28).

    Raises:
        UnprintableError: it has not; the message names the sign.
    """
    if _USUAL.fullmatch(name) is not None:
        return
    try:
        # Not by the thread's compiler, which would go on with this document.
        typst.compile(
            _NAME_ALONE, font_paths=fonts(), sys_inputs={"name": name}, format="pdf", pdf_standards=["ua-1"]
        )
    except typst.TypstError as error:
        raise UnprintableError(_reason(error)) from error


def certificate_pdf(snapshot: Snapshot, attachments: Sequence[Attachment]) -> bytes:
    """The PDF of `snapshot` with its signed credentials attached.

    Raises:
        UnprintableError: a sign is missing in the font: better no certificate than a wrongly printed name.
    """
    return _compile(snapshot, content(snapshot), attachments)


def _compile(snapshot: Snapshot, page: Mapping[str, Any], attachments: Sequence[Attachment]) -> bytes:
    files = [
        {"name": f"/{each.name}", "media_type": each.media_type, "description": each.description}
        for each in attachments
    ]
    inputs = {
        "data": json.dumps({**page, "files": files}, ensure_ascii=False),
        "qr": _qr(snapshot.verify_url),
        **{f"/{each.name}": each.text for each in attachments},
    }
    try:
        pdf = compiler_of(_TEMPLATE).compile(
            sys_inputs=inputs,
            format="pdf",
            pdf_standards=["a-3a", "ua-1"],
            timestamp=datetime.fromisoformat(snapshot.issued_at),
        )
    except typst.TypstError as error:
        raise UnprintableError(_reason(error)) from error
    if not isinstance(pdf, bytes):
        raise UnprintableError("the certificate came out in several files")
    return pdf


def _reason(error: typst.TypstError) -> str:
    """Which sign is missing; never the text around it, which may be a name."""
    found = _MISSING_SIGN.search(error.message)
    return f"the certificate's font has no sign for {found[1]}" if found else "the certificate cannot be set"


def _qr(url: str) -> str:
    """The address as an SVG image. Its mask is fixed: readers take any, and comparing all takes longer than setting."""
    buffer = io.BytesIO()
    segno.make(url, error="m", micro=False, mask=_MASK).save(buffer, kind="svg", border=2, xmldecl=False)
    return buffer.getvalue().decode()
