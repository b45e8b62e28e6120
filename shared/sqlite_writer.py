"""The writers of one SQLite file in this process: in the order of their arrival, through one connection.

Measured on two cores: a commit's wait for the disk is a fifth of a short command. Writers who stand in line therefore
share commits (group commit): each has a savepoint of its own, nobody goes on before the commit of what he wrote or saw,
and one who fails takes nobody along. A connection whose file was changed by another one begins with an empty page
cache; a single one keeps its pages.
"""

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final
from weakref import WeakValueDictionary

from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError

_MOST_PARTS: Final = 6
_LONGEST_SECONDS: Final = 0.01


class WriteLockTimeoutError(Exception):
    """Others held the write lock of a file for longer than the writer would wait; nothing was done."""


class FairLock:
    """A lock that serves its waiters in the order of their arrival."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._held = False

    def acquire(self, patience: float | None = None) -> bool:
        """Wait for one's turn, at most `patience` seconds where that is given; whether it came."""
        with self._guard:
            if not self._held:
                self._held = True
                return True
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        if turn.acquire(timeout=-1 if patience is None else patience):
            return True
        with self._guard:
            if turn not in self._waiting:
                return True  # it came in this very moment
            self._waiting.remove(turn)
            return False

    def hand_over(self) -> bool:
        """Let the next in line go on; False where nobody waits, and the lock is still held."""
        with self._guard:
            if not self._waiting:
                return False
            self._waiting.popleft().release()
            return True

    def release(self) -> None:
        """Let the next in line go on, or the lock be free."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._held = False

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


class _Group:
    """One transaction, and the parts of it that are done."""

    def __init__(self, engine: Engine) -> None:
        self.connection = engine.connect()
        try:
            self._transaction = self.connection.begin()
        except BaseException:
            self.connection.close()
            raise
        self._began = time.monotonic()
        self._parts = 0
        self._ended = threading.Event()
        self._error: BaseException | None = None

    @property
    def open(self) -> bool:
        return not self._ended.is_set()

    @property
    def has_parts(self) -> bool:
        return self._parts > 0

    @property
    def full(self) -> bool:
        return self._parts >= _MOST_PARTS or time.monotonic() - self._began >= _LONGEST_SECONDS

    @contextmanager
    def part(self) -> Iterator[None]:
        """Run the block as a part; an exception undoes the part and no other one."""
        nested = self._parts > 0
        if nested:
            self._execute("SAVEPOINT part")
        try:
            yield
            if nested:
                self._execute("RELEASE part")
        except BaseException as error:
            self._undo(error, nested=nested)
            raise
        self._parts += 1

    def _undo(self, error: BaseException, *, nested: bool) -> None:
        if nested:
            # Where the database itself gave the whole transaction up (a full disk), the savepoint is gone too.
            with suppress(DBAPIError):
                self._execute("ROLLBACK TO part")
                self._execute("RELEASE part")
                return
        self._end(self._transaction.rollback, error)

    def commit(self) -> None:
        """End the group; who waits for it is told how."""
        if self.open:
            self._end(self._transaction.commit)

    def wait(self) -> None:
        """Return when the group is committed.

        Raises:
            OperationalError: it could not be; nothing of it is there.
        """
        self._ended.wait()
        if self._error is not None:
            raise OperationalError("COMMIT", None, self._error) from self._error

    def _execute(self, statement: str) -> None:
        try:
            self.connection.connection.execute(statement)
        except sqlite3.Error as error:
            raise DBAPIError.instance(statement, None, error, sqlite3.Error) from error

    def _end(self, how: Callable[[], None], error: BaseException | None = None) -> None:
        try:
            how()
        except BaseException as failed:  # noqa: BLE001 - whatever it is, those who wait must not take it for success
            error = failed
            self.connection.invalidate()
        finally:
            self._error = error
            try:
                self.connection.close()
            finally:
                self._ended.set()


class Writer:
    """Lets one thread after the other write to one file."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._turn = FairLock()
        self._group: _Group | None = None

    @contextmanager
    def write(self, patience: float | None = None) -> Iterator[Connection]:
        """One write transaction: committed, alone or with others, before this returns; undone by any exception.

        An exception may rest on what others of the group wrote, and is therefore raised after their commit.

        Raises:
            WriteLockTimeoutError: the turn did not come within `patience` seconds.
            OperationalError: the file cannot be written to.
        """
        if not self._turn.acquire(patience):
            raise WriteLockTimeoutError(f"others were writing for {patience} seconds")
        group = None
        try:
            try:
                group = self._group = self._group or _Group(self.engine)
                with group.part():
                    yield group.connection
            finally:
                self._leave(group)
        except Exception:
            if group is not None and group.has_parts:
                group.wait()
            raise
        group.wait()

    def _leave(self, group: _Group | None) -> None:
        """Give the turn on with the group still open, where somebody waits; end the group otherwise."""
        if group is not None and group.open and not group.full and self._turn.hand_over():
            return
        try:
            if group is not None:
                group.commit()
        finally:
            self._group = None
            self._turn.release()

    def dispose(self) -> None:
        """Commit what is open and close the connection; the next writer opens another."""
        with self._turn:
            group, self._group = self._group, None
            if group is not None:
                group.commit()
            self.engine.dispose()


_writers: WeakValueDictionary[str, Writer] = WeakValueDictionary()
_guard = threading.Lock()


def writer_for(file: str, engine: Callable[[], Engine]) -> Writer:
    """The one writer of this file in the process; made with `engine` where there is none yet."""
    place = str(Path(file).resolve())
    with _guard:
        writer = _writers.get(place)
        if writer is None:
            writer = _writers[place] = Writer(engine())
        return writer
