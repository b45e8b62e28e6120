"""Check credentials in files: for the command line, whose exit status is the worst of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from shared.annex1.readers import UnreadableError
from shared.annex1.readers.baked import baked_in, is_picture
from shared.annex1.report import Report, check_credential, table

COMPLETE: Final = 0
LACKING: Final = 1
UNREADABLE: Final = 2
_MOST_BYTES: Final = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """One file with its report, or with the reason why nothing could be read from it."""

    file: str
    report: Report | None = None
    reason: str | None = None

    @property
    def status(self) -> int:
        """0 complete, 1 an element is missing or malformed, 2 unreadable."""
        if self.report is None:
            return UNREADABLE
        return COMPLETE if self.report.complete else LACKING

    def to_json(self) -> dict[str, Any]:
        if self.report is None:
            return {"file": self.file, "unreadable": self.reason}
        return {"file": self.file, **self.report.to_json()}

    def lines(self) -> Iterator[str]:
        """For people: a line for the file, one for each element, one for each finding."""
        if self.report is None:
            yield f"{self.file}: unreadable: {self.reason}"
            return
        first, *others = table(self.report)
        yield f"{self.file}: {first}"
        yield from others


def check_file(path: Path, awarding_bodies: Iterable[str] = ()) -> CheckedFile:
    """The report on the credential in a file; whatever is wrong with the file is the reason that it has none."""
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            return CheckedFile(str(path), reason="it is larger than 16 MB")
        text = baked_in(content) if is_picture(content) else content.decode()
        return CheckedFile(str(path), check_credential(text, awarding_bodies))
    except UnicodeDecodeError:
        return CheckedFile(str(path), reason="it is no text")
    except (OSError, UnreadableError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return CheckedFile(str(path), reason=reason)
