"""What the demonstration expects, said aloud: each fact is checked where it happens and told with its outcome."""

import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")
_FIRST_PAUSE: Final = 0.03
_LONGEST_PAUSE: Final = 0.25
_PATIENCE: Final = 120.0


class NeverCameError(RuntimeError):
    """Something the story waited for did not come about."""


class Teller:
    """Tells the story as it goes on, with the seconds since its beginning, and keeps what was not as expected."""

    def __init__(self, say: Callable[[str], None] = print) -> None:
        self._say = say
        self._began = time.monotonic()
        self._lock = threading.Lock()
        self.failures: list[str] = []

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def scene(self, title: str) -> None:
        self.tell("")
        self.tell(f"== {title}")

    def tell(self, line: str) -> None:
        self.tell_plainly(f"[{self.seconds:6.2f} s] {line}" if line else "")

    def tell_plainly(self, line: str) -> None:
        with self._lock:
            self._say(line)

    def expect(self, fact: object, what: str) -> bool:
        """Check a fact; the story goes on either way, and its exit status remembers."""
        self.tell(f"   {'ok ' if fact else 'NOT'} {what}")
        if not fact:
            self.failures.append(what)
        return bool(fact)

    def expect_equal(self, found: object, wanted: object, what: str) -> bool:
        return self.expect(found == wanted, what if found == wanted else f"{what}: {found!r}, not {wanted!r}")


def until(look: Callable[[], T], fits: Callable[[T], object], what: str, *, seconds: float = _PATIENCE) -> T:
    """What `look` finds, as soon as it `fits`.

    Raises:
        NeverCameError: it did not fit within `seconds`; the message names `what` and what was found last.
    """
    never = threading.Event()
    pause, deadline = _FIRST_PAUSE, time.monotonic() + seconds
    while True:
        found = look()
        if fits(found):
            return found
        if time.monotonic() > deadline:
            raise NeverCameError(f"{what}: not within {seconds:g} s; last seen: {found!r:.600}")
        never.wait(pause)
        pause = min(pause * 1.3, _LONGEST_PAUSE)
