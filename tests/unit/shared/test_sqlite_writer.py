"""Writers of one SQLite file: in order, several in one commit, none at the cost of another."""

import gc
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from shared import sqlite_writer
from shared.db import Database
from shared.sqlite_writer import FairLock, Writer

NOTES = sa.Table("notes", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True))
Body = Callable[[Connection], Any]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/x.db")
    with database.write() as connection:
        NOTES.create(connection)
    yield database
    database.dispose()


@pytest.fixture
def commits(database: Database, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many writers had returned at each commit, added while the test runs."""
    monkeypatch.setattr(sqlite_writer, "_LONGEST_SECONDS", 60)
    return _watch(database)


def _watch(database: Database) -> list[int]:
    seen: list[int] = []
    sa.event.listen(_writer(database).engine, "commit", lambda _: seen.append(_returned.count))
    _returned.count = 0
    return seen


class _Returned:
    count = 0


_returned = _Returned()


def _writer(database: Database) -> Writer:
    assert database._writer is not None
    return database._writer


def _put(number: int) -> Body:
    return lambda connection: connection.execute(NOTES.insert(), {"id": number})


def _fail(connection: Connection) -> None:
    _put(99)(connection)
    raise RuntimeError("mine alone")


def _in_line(database: Database, *bodies: Body) -> Sequence[Future[None]]:
    """Run `bodies`, each by a writer of its own; all but the first stand in line before the first one ends."""
    all_wait = threading.Event()

    def write(body: Body, *, first: bool = False) -> None:
        with database.write() as connection:
            if first:
                all_wait.wait()
            body(connection)
        _returned.count += 1

    with ThreadPoolExecutor(len(bodies)) as pool:
        done = [pool.submit(write, bodies[0], first=True)]
        while not _writer(database)._turn._held:
            threading.Event().wait(0.001)
        for place, body in enumerate(bodies[1:], start=1):
            done.append(pool.submit(write, body))
            while len(_writer(database)._turn._waiting) < place:
                threading.Event().wait(0.001)
        all_wait.set()
    return done


def _kept(database: Database) -> list[int]:
    with database.read() as connection:
        return list(connection.execute(sa.select(NOTES.c.id).order_by(NOTES.c.id)).scalars())


def test_writers_in_line_share_a_commit_and_none_returns_before_it(
    database: Database, commits: list[int]
) -> None:
    for done in _in_line(database, *map(_put, range(6))):
        done.result()
    assert commits == [0]
    assert _kept(database) == list(range(6))


def test_a_group_ends_when_it_is_full(
    database: Database, commits: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_writer, "_MOST_PARTS", 2)
    _in_line(database, *map(_put, range(5)))
    assert len(commits) == 3


def test_a_group_ends_when_its_first_has_waited_long_enough(
    database: Database, commits: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_writer, "_LONGEST_SECONDS", 0)
    _in_line(database, *map(_put, range(5)))
    assert len(commits) == 5


@pytest.mark.parametrize("place", [0, 2, 4])
def test_who_fails_takes_nobody_along(database: Database, commits: list[int], place: int) -> None:
    bodies = [_put(number) for number in range(5)]
    bodies[place] = _fail
    ended = _in_line(database, *bodies)
    assert [type(done.exception()) for done in ended].index(RuntimeError) == place
    assert [done.exception() for done in ended].count(None) == 4
    assert _kept(database) == [number for number in range(5) if number != place]
    assert len(commits) == 1


def test_who_breaks_a_rule_of_the_database_takes_nobody_along(database: Database, commits: list[int]) -> None:
    ended = _in_line(database, _put(1), _put(1), _put(2))
    assert isinstance(ended[1].exception(), sa.exc.IntegrityError)
    assert _kept(database) == [1, 2]
    assert len(commits) == 1


def test_a_commit_that_fails_is_told_to_all_whose_part_it_had(
    database: Database, commits: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: Any) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(_writer(database).engine.dialect, "do_commit", full)
    assert all(
        isinstance(done.exception(), OperationalError) for done in _in_line(database, *map(_put, range(3)))
    )
    assert len(commits) == 1
    assert _kept(database) == []
    monkeypatch.undo()
    with database.write() as connection:
        _put(7)(connection)
    assert _kept(database) == [7]


def test_a_refusal_may_rest_on_what_others_wrote_and_waits_for_their_commit(
    database: Database, commits: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else somebody is told that a name is taken which, after a commit that failed, nobody has."""

    def full(_: Any) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    taken = _in_line(database, _put(1), _put(1), _put(2))
    assert [type(done.exception()) for done in taken] == [type(None), sa.exc.IntegrityError, type(None)]
    monkeypatch.setattr(_writer(database).engine.dialect, "do_commit", full)
    for done in _in_line(database, _put(3), _put(3), _put(4)):
        assert isinstance(done.exception(), OperationalError)
    assert _kept(database) == [1, 2]
    assert len(commits) == 2


@pytest.mark.parametrize("silent", [True, False])
def test_a_transaction_that_the_database_gave_up_is_told_to_all_in_it(
    database: Database, commits: list[int], *, silent: bool
) -> None:
    """SQLite undoes the whole transaction by itself when, for example, the disk is full."""

    def give_up(connection: Connection) -> None:
        connection.connection.execute("ROLLBACK")
        if not silent:
            raise RuntimeError

    ended = _in_line(database, _put(1), give_up, _put(2))
    assert isinstance(ended[0].exception(), OperationalError)
    assert ended[1].exception() is not None
    assert ended[2].exception() is None
    assert _kept(database) == [2]
    assert len(commits) == 1


def test_who_closes_the_connection_leaves_no_group_without_its_commit(
    database: Database, commits: list[int]
) -> None:
    """Nobody may come after: those who wait for the commit would wait for ever."""
    closing = threading.Thread(target=database.dispose, daemon=True)

    def write(body: Body) -> None:
        with database.write() as connection:
            body(connection)
            closing.start()
            while not _writer(database)._turn._waiting:
                threading.Event().wait(0.001)

    writing = threading.Thread(target=write, args=(_put(1),), daemon=True)
    writing.start()
    writing.join(timeout=60)
    assert not writing.is_alive()
    closing.join()
    assert len(commits) == 1
    assert _kept(database) == [1]


def test_all_databases_of_a_file_write_through_one_connection(tmp_path: Path) -> None:
    one, other = (Database(f"sqlite:///{tmp_path}/y.db") for _ in range(2))
    assert _writer(one) is _writer(other)
    assert _writer(one).engine.pool.size() == 1  # type: ignore[attr-defined]
    one.dispose()
    with other.write() as connection:
        NOTES.create(connection)
    other.dispose()
    place = str((tmp_path / "y.db").resolve())
    assert place in sqlite_writer._writers
    del one, other
    gc.collect()
    assert place not in sqlite_writer._writers


def test_a_fair_lock_serves_in_the_order_of_arrival() -> None:
    lock = FairLock()
    order: list[int] = []
    waiting = threading.Semaphore(0)

    def take(number: int) -> None:
        waiting.release()
        with lock:
            order.append(number)

    with lock:
        threads = []
        for number in range(8):
            thread = threading.Thread(target=take, args=(number,))
            thread.start()
            waiting.acquire()
            while len(lock._waiting) <= number:
                threading.Event().wait(0.001)
            threads.append(thread)
    for thread in threads:
        thread.join()
    assert order == list(range(8))


def test_who_does_not_wait_longer_leaves_the_line_as_it_was() -> None:
    lock = FairLock()
    with lock:
        assert not lock.acquire(patience=0.01)
        late = threading.Thread(target=lambda: lock.release() if lock.acquire(patience=30) else None)
        late.start()
        while not lock._waiting:
            threading.Event().wait(0.001)
    late.join()
    assert lock.acquire(patience=0)
    assert not lock.acquire(patience=0)
    lock.release()


def test_a_turn_that_comes_in_the_moment_of_giving_up_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise nobody would hold the lock and nobody would ever get it again."""
    lock = FairLock()

    class Turn:
        def acquire(self, timeout: float = -1) -> bool:
            if timeout != -1:
                lock.release()
            return False

        def release(self) -> None:
            pass

    lock.acquire()
    guard = lock._guard
    monkeypatch.setattr("shared.sqlite_writer.threading.Lock", Turn)
    assert lock.acquire(patience=0.01)
    assert lock._guard is guard
    lock.release()
    assert not lock._held


def test_nobody_is_handed_a_lock_that_nobody_waits_for() -> None:
    lock = FairLock()
    lock.acquire()
    assert not lock.hand_over()
    assert not lock.acquire(patience=0)
    lock.release()
    assert lock.acquire(patience=0)
