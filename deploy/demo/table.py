"""The last page of the story: one row per learner, and whether it is the row that was meant."""

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

_NONE: Final = "-"


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one learner. `verified` is None where there is no certificate to verify.

    `days_saved` counts from the day the last work was judged to the day on which the next board would have sat.
    `document` says what kind of certificate it is; empty where there is none.
    """

    learner: str
    offering: str
    application: str
    enrolment: str
    plan: str
    document: str
    certificate: str
    reason: str
    days_saved: int | None
    verified: bool | None

    def facts(self) -> dict[str, Any]:
        return asdict(self)


_COLUMNS: Final = (
    ("learner", lambda row: row.learner),
    ("offering", lambda row: row.offering),
    ("application", lambda row: row.application),
    ("enrolment", lambda row: row.enrolment),
    ("plan", lambda row: row.plan),
    ("certificate or reason", lambda row: ": ".join(filter(None, (_kind(row), row.certificate, row.reason)))),
    ("days saved", lambda row: "" if row.days_saved is None else str(row.days_saved)),
    ("verified", lambda row: {None: "", True: "yes", False: "no"}[row.verified]),
)


def _kind(row: Row) -> str:
    """Only what is no micro-credential says what it is."""
    return "" if row.document in {"", "micro_credential"} else row.document.replace("_", " ")


def rendered(rows: Sequence[Row]) -> str:
    """The rows as text, columns aligned whatever the script of a name."""
    cells = [[title for title, _ in _COLUMNS]]
    cells += [[value(row) or _NONE for _, value in _COLUMNS] for row in rows]
    widths = [max(_width(line[column]) for line in cells) for column in range(len(_COLUMNS))]
    lines = [
        "  ".join(_padded(cell, width) for cell, width in zip(line, widths, strict=True)) for line in cells
    ]
    rule = "  ".join("-" * width for width in widths)
    return "\n".join(line.rstrip() for line in (lines[0], rule, *lines[1:]))


def write(rows: Sequence[Row], folder: Path) -> None:
    """`outcome.txt` for people, `outcome.json` for comparison."""
    (folder / "outcome.txt").write_text(rendered(rows) + "\n", encoding="utf-8")
    facts = json.dumps([row.facts() for row in rows], ensure_ascii=False, indent=2)
    (folder / "outcome.json").write_text(facts + "\n", encoding="utf-8")


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width - _width(cell))


def _width(text: str) -> int:
    """Columns that `text` takes: combining marks take none."""
    return sum(1 for letter in text if not unicodedata.combining(letter))
