"""Read a tagged PDF as a screen reader does: by its structure, each text with its language; nothing of ours is used."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pypdf import PdfReader
from pypdf.generic import ContentStream, IndirectObject

Texts = dict[str, str]
"""What one place says, by language."""

_SEPARATOR = " \N{MIDDLE DOT} "
_CODE_BYTES = 2


@dataclass
class Row:
    """A row of the table: what its first cell says, and each item of its second."""

    label: Texts
    items: list[Texts]


@dataclass
class Printed:
    """`headings` and `paragraphs` in reading order, without those of the table."""

    language: str
    title: str
    headings: list[Texts] = field(default_factory=list)
    paragraphs: list[Texts] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def row(self, label: str) -> list[Texts]:
        """The items of the row that is called so in any language; empty where there is none."""
        return next((row.items for row in self.rows if label in row.label.values()), [])


def printed(content: bytes) -> Printed:
    """What the document says."""
    reader = PdfReader(io.BytesIO(content))
    catalog: Any = reader.trailer["/Root"]
    texts = {page.indirect_reference.idnum: _marked(page, reader) for page in reader.pages}
    found = Printed(str(catalog["/Lang"]), str(reader.metadata.title))
    _collect(catalog["/StructTreeRoot"]["/K"], found.language, None, texts, found)
    return found


def _collect(node: Any, language: str, page: int | None, texts: dict, found: Printed) -> None:
    for child, spoken, on in _children(node, language, page):
        kind = child["/S"]
        if kind == "/TR":
            cells = list(_children(child.get("/K", []), spoken, on))
            if [cell["/S"] for cell, _, _ in cells] == ["/TD", "/TD"]:
                label, value = (list(_items(*cell, texts)) for cell in cells)
                found.rows.append(Row(label[0], value))
        elif kind in {"/H1", "/H2"}:
            found.headings.append(_said(child, spoken, on, texts))
        elif kind == "/P":
            found.paragraphs.append(_said(child, spoken, on, texts))
        elif "/K" in child:
            _collect(child["/K"], spoken, on, texts, found)


def _items(cell: Any, language: str, page: int | None, texts: dict) -> Iterator[Texts]:
    """Each body of a list, or the whole cell where it has none."""
    bodies = list(_bodies(cell, language, page))
    for body in bodies or [(cell, language, page)]:
        yield _said(*body, texts)


def _bodies(node: Any, language: str, page: int | None) -> Iterator[tuple[Any, str, int | None]]:
    for child, spoken, on in _children(node.get("/K", []), language, page):
        if child["/S"] == "/LBody":
            yield child, spoken, on
        else:
            yield from _bodies(child, spoken, on)


def _children(kids: Any, language: str, page: int | None) -> Iterator[tuple[Any, str, int | None]]:
    """The structure elements among `kids`, each with the language and page that hold in it."""
    for kid in _several(kids):
        if isinstance(kid, dict) and "/S" in kid:
            yield kid, str(kid.get("/Lang", language)), _page(kid, page)


def _said(node: Any, language: str, page: int | None, texts: dict) -> Texts:
    said: Texts = {}
    for spoken, text in _pieces(node, language, page, texts):
        said[spoken] = said.get(spoken, "") + text
    cleaned = {spoken: text.removesuffix(_SEPARATOR).strip() for spoken, text in said.items()}
    return {spoken: text for spoken, text in cleaned.items() if text}


def _pieces(node: Any, language: str, page: int | None, texts: dict) -> Iterator[tuple[str, str]]:
    for kid in _several(node.get("/K", [])):
        if isinstance(kid, int):
            own, text = texts[page][int(kid)]
            yield own or language, text
        elif "/MCID" in kid:
            own, text = texts[_page(kid, page)][int(kid["/MCID"])]
            yield own or language, text
        elif "/S" in kid:
            yield from _pieces(kid, str(kid.get("/Lang", language)), _page(kid, page), texts)


def _several(kids: Any) -> list[Any]:
    kids = kids.get_object() if isinstance(kids, IndirectObject) else kids
    return [kid.get_object() for kid in kids] if isinstance(kids, list) else [kids]


def _page(node: Any, otherwise: int | None) -> int | None:
    return node.raw_get("/Pg").idnum if "/Pg" in node else otherwise


def _marked(page: Any, reader: PdfReader) -> dict[int, tuple[str | None, str]]:
    """The text of each marked content of the page, with the language that it says itself."""
    fonts = {name: _map(font.get_object()) for name, font in page["/Resources"]["/Font"].items()}
    found: dict[int, tuple[str | None, str]] = {}
    open_marks: list[Any] = []
    font: dict[int, str] = {}
    for operands, operator in ContentStream(page.get_contents(), reader).operations:
        if operator in {b"BDC", b"BMC"}:
            open_marks.append(operands[1] if len(operands) > 1 else {})
            mark = open_marks[-1]
            if "/MCID" in mark:
                found[int(mark["/MCID"])] = (mark.get("/Lang"), "")
            elif "/ActualText" in mark:
                _add(found, open_marks[:-1], str(mark["/ActualText"]))
        elif operator == b"EMC":
            open_marks.pop()
        elif operator == b"Tf":
            font = fonts[operands[0]]
        elif operator in {b"Tj", b"TJ"} and not any("/ActualText" in mark for mark in open_marks):
            shown = operands[0] if operator == b"TJ" else operands
            codes = b"".join(part.original_bytes for part in shown if hasattr(part, "original_bytes"))
            _add(found, open_marks, _decoded(codes, font))
    return found


def _add(found: dict[int, tuple[str | None, str]], marks: list[Any], text: str) -> None:
    numbered = [int(mark["/MCID"]) for mark in marks if "/MCID" in mark]
    if numbered:
        language, before = found[numbered[-1]]
        found[numbered[-1]] = (language, before + text)


def _decoded(codes: bytes, font: dict[int, str]) -> str:
    pairs = (codes[at : at + _CODE_BYTES] for at in range(0, len(codes), _CODE_BYTES))
    return "".join(font[int.from_bytes(pair, "big")] for pair in pairs)


def _map(font: Any) -> dict[int, str]:
    """What the codes of a font stand for, by its table for readers."""
    table = font["/ToUnicode"].get_object().get_data().decode("ascii")
    found: dict[int, str] = {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", table, re.DOTALL):
        for code, text in re.findall(r"<(\w+)>\s*<(\w+)>", block):
            found[int(code, 16)] = _utf16(text)
    for block in re.findall(r"beginbfrange(.*?)endbfrange", table, re.DOTALL):
        for first, last, text in re.findall(r"<(\w+)>\s*<(\w+)>\s*<(\w+)>", block):
            for step in range(int(last, 16) - int(first, 16) + 1):
                found[int(first, 16) + step] = chr(ord(_utf16(text)) + step)
    return found


def _utf16(digits: str) -> str:
    return bytes.fromhex(digits).decode("utf-16-be")
