"""How typst is asked, for pages and for pictures: by compilers that are kept, and never with a sign left out.

The fonts are those that typst brings (Libertinus Serif and, for signs that it lacks, New Computer Modern and DejaVu
Sans Mono).
"""

import json
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

import typst

_of_thread: Final = threading.local()


class UndrawableError(ValueError):
    """The font lacks a sign of what a picture says; better no picture than a wrongly written title."""


@dataclass(frozen=True, slots=True)
class Face:
    """What a picture says: nothing of the learner, so that it is the same for all learners of an offering."""

    language: str
    kind: str
    title: str
    issuer: str


def fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False)


def compiler_of(template: Path) -> typst.Compiler:
    """This thread's compiler of `template`: it keeps the parsed template and the fonts."""
    kept: dict[Path, typst.Compiler] = _of_thread.__dict__.setdefault("compilers", {})
    if template not in kept:
        kept[template] = typst.Compiler(str(template), root=str(template.parent), font_paths=fonts())
    return kept[template]


def picture(template: Path, file: Literal["png", "svg"], face: Face, pixels_per_inch: float) -> bytes:
    """The one page of `template`, with what `face` says.

    Pictures show nothing for a sign that the font lacks; PDF/UA reports it, so the page is set as one first.

    Raises:
        UndrawableError: the title or the issuer's name cannot be drawn.
    """
    said = {"data": json.dumps(asdict(face))}
    compiler = compiler_of(template)
    try:
        compiler.compile(sys_inputs=said, format="pdf", pdf_standards=["ua-1"])
        drawn = compiler.compile(sys_inputs=said, format=file, ppi=pixels_per_inch)
    except typst.TypstError as error:
        told = "the picture cannot be drawn: its font lacks a sign of the title or of the issuer's name"
        raise UndrawableError(told) from error
    if not isinstance(drawn, bytes):
        raise UndrawableError("the title is too long for a picture")
    return drawn
