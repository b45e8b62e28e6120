"""How a European Digital Credential is shown: its title, its languages, and a picture of its face in each of them."""

import base64
import json
import threading
from functools import lru_cache
from pathlib import Path
from typing import Final

import typst

from services.certification.domain.snapshot import Snapshot, text_in
from services.certification.formats.elm_concepts import (
    AUTHORITY,
    Node,
    concept,
    language,
    node,
    vocabulary_concept,
)
from services.certification.formats.elm_parties import shown_languages, texts, worded
from shared.annex1 import ATTENDANCE

_TEMPLATE: Final = Path(__file__).with_name("elm_display.typ")
_PIXELS_PER_INCH: Final = 96.0
_KEPT: Final = 256
_of_thread: Final = threading.local()


class UnshowableError(ValueError):
    """The font of the picture lacks a sign; better no credential than a wrongly written title."""


def display(snapshot: Snapshot) -> Node:
    """The display parameters.

    Raises:
        UnknownCodeError: a language is not on the European list.
        UnshowableError: the title or the issuer's name cannot be drawn.
    """
    shown = shown_languages(snapshot)
    base = f"{snapshot.credential_id}#display"
    return node(
        base,
        "DisplayParameter",
        title=texts(snapshot.elements.title),
        description=_kind(snapshot),
        primaryLanguage=language(snapshot.language, shown),
        language=[language(code, shown) for code in shown],
        individualDisplay=[_face(snapshot, base, code) for code in shown],
    )


def _kind(snapshot: Snapshot) -> dict[str, str]:
    attended = snapshot.elements.document_type == ATTENDANCE
    english = "Certificate of attendance" if attended else "Micro-credential"
    return {**worded(snapshot, "attendance" if attended else "micro_credential"), "en": english}


def _face(snapshot: Snapshot, base: str, code: str) -> Node:
    picture = _picture(
        code,
        text_in(_kind(snapshot), code),
        text_in(snapshot.elements.title, code),
        text_in(snapshot.elements.issuer.name, code),
    )
    image = node(
        f"{base}-{code}-image",
        "MediaObject",
        content=picture,
        contentEncoding=vocabulary_concept("encoding", "6146cde7dd", "base64"),
        contentType=concept(f"{AUTHORITY}/file-type/PNG", f"{AUTHORITY}/file-type", {"en": "PNG"}),
    )
    return node(
        f"{base}-{code}",
        "IndividualDisplay",
        language=language(code, shown_languages(snapshot)),
        displayDetail=node(f"{base}-{code}-page", "DisplayDetail", image=image, page=1),
    )


@lru_cache(maxsize=_KEPT)
def _picture(code: str, kind: str, title: str, issuer: str) -> str:
    """A PNG in base64, the same for all learners of an offering and therefore drawn once.

    Pictures show nothing for a sign that the font lacks; PDF/UA reports it, so the page is set as one first.
    """
    data = json.dumps({"language": code.split("-", 1)[0], "kind": kind, "title": title, "issuer": issuer})
    try:
        _compiler().compile(sys_inputs={"data": data}, format="pdf", pdf_standards=["ua-1"])
        drawn = _compiler().compile(sys_inputs={"data": data}, format="png", ppi=_PIXELS_PER_INCH)
    except typst.TypstError as error:
        raise UnshowableError(
            "the picture of the credential cannot be drawn: its font lacks a sign"
        ) from error
    if not isinstance(drawn, bytes):
        raise UnshowableError("the title is too long for the picture of the credential")
    return base64.b64encode(drawn).decode()


def _compiler() -> typst.Compiler:
    if not hasattr(_of_thread, "compiler"):
        _of_thread.compiler = typst.Compiler(
            str(_TEMPLATE), root=str(_TEMPLATE.parent), font_paths=typst.Fonts(include_system_fonts=False)
        )
    compiler: typst.Compiler = _of_thread.compiler
    return compiler
