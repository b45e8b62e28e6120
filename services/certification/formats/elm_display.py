"""How a European Digital Credential is shown: its title, its languages, and a picture of its face in each of them."""

import base64
from functools import lru_cache
from pathlib import Path
from typing import Final

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
from services.certification.formats.typesetting import Face, picture
from services.certification.formats.wording import ENGLISH, primary, words
from shared.annex1 import ATTENDANCE

_TEMPLATE: Final = Path(__file__).with_name("elm_display.typ")
_PIXELS_PER_INCH: Final = 96.0
_KEPT: Final = 256


def display(snapshot: Snapshot) -> Node:
    """The display parameters.

    Raises:
        UnknownCodeError: a language is not on the European list.
        UndrawableError: the title or the issuer's name cannot be drawn.
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
    key = "attendance" if snapshot.elements.document_type == ATTENDANCE else "micro_credential"
    return {**worded(snapshot, key), ENGLISH: words(ENGLISH)[key]}


def _face(snapshot: Snapshot, base: str, code: str) -> Node:
    elements = snapshot.elements
    title, issuer = text_in(elements.title, code), text_in(elements.issuer.name, code)
    face = Face(primary(code), text_in(_kind(snapshot), code), title, issuer)
    image = node(
        f"{base}-{code}-image",
        "MediaObject",
        content=_drawn(face),
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
def _drawn(face: Face) -> str:
    """A PNG in base64."""
    return base64.b64encode(picture(_TEMPLATE, "png", face, _PIXELS_PER_INCH)).decode()
