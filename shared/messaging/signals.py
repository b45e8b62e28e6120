"""Wake-up calls inside one process, so that the embedded profile reacts at once and idles without polling."""

import threading
from typing import Final


class Signal:
    """Remembers that something happened until somebody who waits has seen it."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._count = 0

    def set(self) -> None:
        """Wake every waiter."""
        with self._condition:
            self._count += 1
            self._condition.notify_all()

    @property
    def count(self) -> int:
        return self._count

    def wait(self, timeout: float, seen: int) -> int:
        """Wait until something happened after `seen`, `timeout` seconds at most; returns the present count."""
        with self._condition:
            self._condition.wait_for(lambda: self._count != seen, timeout)
            return self._count


_signals: Final[dict[str, Signal]] = {}
_guard: Final = threading.Lock()


def signal_for(name: str) -> Signal:
    """The one signal of `name` (a database or log URL) in this process."""
    with _guard:
        return _signals.setdefault(name, Signal())
