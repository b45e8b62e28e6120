"""A snapshot as a PDF/A-3a and PDF/UA-1 document: tagged, titled, in its language, with the credential inside.

The same snapshot and credential give the same bytes: the document's moment is the snapshot's.
"""

import io
import json
import re
import threading
from datetime import datetime
from pathlib import Path
from typing import Final

import segno
import typst

from services.certification.domain.snapshot import Snapshot
from services.certification.formats.page import content

_TEMPLATE: Final = Path(__file__).with_name("certificate.typ")
_of_thread: Final = threading.local()
# Latin with Extended-A, Greek, Cyrillic and punctuation: tried against the font by a test.
_USUAL: Final = re.compile(
    "[ -~\u00a0-\u017f\u0386\u0388-\u038a\u038c\u038e-\u03a1\u03a3-\u03ce\u0400-\u045f\u2013\u2014\u2018-\u201e\u2026]*"
)
_MISSING_SIGN: Final = re.compile(r'the text `("[^`]*")`')


class UnprintableError(Exception):
    """The document cannot be printed as it stands, for instance for lack of a sign in the font."""


def require_printable(snapshot: Snapshot) -> None:
    """Return when the font has every sign of `snapshot`. Only signs beyond the usual ones take a trial run.

    Raises:
        UnprintableError: it has not; the message names the sign.
    """
    data = json.dumps(content(snapshot), ensure_ascii=False)
    if _USUAL.fullmatch(data) is None:
        _compile(snapshot, {"data": data, "qr": _qr(snapshot.verify_url)})


def certificate_pdf(snapshot: Snapshot, credential: str) -> bytes:
    """The PDF of `snapshot` with the signed `credential` attached.

    Raises:
        UnprintableError: a sign is missing in the font: better no certificate than a wrongly printed name.
    """
    return _compile(
        snapshot,
        {
            "data": json.dumps(content(snapshot), ensure_ascii=False),
            "qr": _qr(snapshot.verify_url),
            "credential": credential,
        },
    )


def _compile(snapshot: Snapshot, inputs: dict[str, str]) -> bytes:
    try:
        pdf = _compiler().compile(
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


def _compiler() -> typst.Compiler:
    """One compiler per thread: it keeps the parsed template and the fonts."""
    if not hasattr(_of_thread, "compiler"):
        _of_thread.compiler = typst.Compiler(
            str(_TEMPLATE), root=str(_TEMPLATE.parent), font_paths=typst.Fonts(include_system_fonts=False)
        )
    compiler: typst.Compiler = _of_thread.compiler
    return compiler


def _qr(url: str) -> str:
    buffer = io.BytesIO()
    segno.make(url, error="m", micro=False).save(buffer, kind="svg", border=2, xmldecl=False)
    return buffer.getvalue().decode()
