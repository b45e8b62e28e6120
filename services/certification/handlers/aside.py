"""Work that waits for hosts of strangers, done beside the jobs: whoever answers slowly keeps no certificate waiting."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from datetime import timedelta
from typing import Final, Generic, TypeVar

from shared.messaging.jobs import RetryLater

AT_ONCE: Final = 2
PATIENCE: Final = 0.25
_AGAIN: Final = timedelta(seconds=0.5)
_TURN: Final = timedelta(seconds=10)
_MOST_KEPT: Final = 100

Result = TypeVar("Result")


class Aside(Generic[Result]):
    """Runs work in threads of its own, `at_once` at most; a job comes back for what its work returned.

    A job waits `patience` seconds for work that it has just begun, since most is done soon. Nothing of it outlives the
    process: after a crash the job, which is still there, begins it anew.
    """

    def __init__(self, at_once: int = AT_ONCE, patience: float = PATIENCE) -> None:
        self._at_once = at_once
        self._patience = patience
        self._begun: dict[str, Future[Result]] = {}

    def result(self, key: str, work: Callable[[], Result]) -> Result:
        """What `work` returned, or raises what it raised; it is begun once for each `key` that comes back for it.

        Raises:
            RetryLater: it is not done, or waits for its turn.
        """
        future = self._begun.get(key)
        if future is None:
            if sum(not each.done() for each in self._begun.values()) >= self._at_once:
                raise RetryLater(_TURN, "others come first")
            future = self._begin(key, work)
            wait([future], self._patience)
        if not future.done():
            raise RetryLater(_AGAIN, "a host has not answered yet")
        del self._begun[key]
        return future.result()

    def _begin(self, key: str, work: Callable[[], Result]) -> Future[Result]:
        if len(self._begun) >= _MOST_KEPT:
            # Those whose jobs are gone, such as for requests that were withdrawn.
            self._begun = {name: each for name, each in self._begun.items() if not each.done()}
        future = self._begun[key] = Future()
        threading.Thread(target=_run, args=(future, work), name=f"aside.{key}", daemon=True).start()
        return future


def _run(future: Future[Result], work: Callable[[], Result]) -> None:
    try:
        future.set_result(work())
    except BaseException as error:  # noqa: BLE001 - whatever it is, the job that comes back for it meets it
        future.set_exception(error)
