"""What needs the network, a signature or time: run when due, at least once, until it succeeds."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from structlog.contextvars import bound_contextvars

from shared.clock import Clock
from shared.messaging.parking import storable
from shared.messaging.tables import jobs
from shared.messaging.unit_of_work import Cause, StaleAggregateError, Transactions, UnitOfWork
from shared.rest import RestClient
from shared.settings import Settings

_ROUND: Final = 50
_FIRST_DELAY: Final = timedelta(seconds=0.2)
_LONGEST_DELAY: Final = timedelta(minutes=5)
# Run many times a second, and building it costs more than running it.
_DUE: Final = (
    jobs.select()
    .where(jobs.c.due_at <= sa.bindparam("now", type_=jobs.c.due_at.type))
    .order_by(jobs.c.due_at, jobs.c.kind, jobs.c.key)
    .limit(_ROUND)
)
_log = logging.getLogger(__name__)


class RetryLater(Exception):  # noqa: N818 - a request to the runner, not an error
    """Raised by a job that has to wait for something: run it again after a while, without alarm."""

    def __init__(self, after: timedelta, reason: str) -> None:
        super().__init__(reason)
        self.after = after


@dataclass(frozen=True, slots=True)
class Job:
    """One job as its handler sees it; `attempts` counts earlier failures."""

    kind: str
    key: str
    due_at: datetime
    attempts: int
    payload: Mapping[str, Any]
    generation: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class JobContext:
    """What a job may use. Each step that it commits is a unit of work of its own."""

    settings: Settings
    transactions: Transactions
    rest: RestClient
    job: Job

    @property
    def clock(self) -> Clock:
        return self.transactions.clock

    @contextmanager
    def unit_of_work(self) -> Iterator[UnitOfWork]:
        with self.transactions.begin(cause=self.job.cause) as unit_of_work:
            yield unit_of_work

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        with self.transactions.database.read() as connection:
            yield connection


JobHandler = Callable[[JobContext, Job], None]


class JobRunner:
    """Runs the due jobs of one service, one after the other. Only the holder of the lease may run it."""

    def __init__(
        self,
        settings: Settings,
        transactions: Transactions,
        rest: RestClient,
        handlers: Mapping[str, JobHandler],
    ) -> None:
        self._settings = settings
        self._transactions = transactions
        self._rest = rest
        self._handlers = handlers

    def round(self, go_on: Callable[[], bool] = lambda: True) -> int:
        """Run what is due, oldest first, up to 50 jobs while `go_on` before each one; returns how many were run.

        A crash in the middle of a job runs it again: its handler finds by the state what is already done. A
        failing job is run again after a growing delay (0.2 s to 5 min) and shows in `passerelle status`.
        """
        ran = 0
        for job in self._due():
            if not go_on():
                break
            with bound_contextvars(correlation_id=job.cause.correlation_id, job=f"{job.kind}:{job.key}"):
                self._run(job)
            ran += 1
        return ran

    def _due(self) -> list[Job]:
        now = self._transactions.clock.now()
        with self._transactions.database.read() as connection:
            rows = connection.execute(_DUE, {"now": now}).all()
        return [
            Job(
                kind=row.kind,
                key=row.key,
                due_at=row.due_at,
                attempts=row.attempts,
                payload=row.payload,
                generation=row.generation,
                cause=Cause(row.correlation_id, row.causation_id, row.traceparent),
            )
            for row in rows
        ]

    def _run(self, job: Job) -> None:
        context = JobContext(self._settings, self._transactions, self._rest, job)
        try:
            self._handlers[job.kind](context, job)
        except RetryLater as wait:
            self._postpone(job, wait.after, f"waits: {wait}", failed=False)
        except StaleAggregateError:
            self._postpone(job, timedelta(0), "another writer was faster", failed=False)
        except Exception as error:
            delay = min(_FIRST_DELAY * 2 ** min(job.attempts, 20), _LONGEST_DELAY)
            self._postpone(job, delay, f"{type(error).__name__}: {error}", failed=True)
            _log.warning("job failed", extra={"kind": job.kind, "key": job.key}, exc_info=True)
        else:
            self._finish(job)

    def _finish(self, job: Job) -> None:
        with self._transactions.database.write() as connection:
            connection.execute(jobs.delete().where(*_this(job)))

    def _postpone(self, job: Job, delay: timedelta, reason: str, *, failed: bool) -> None:
        with self._transactions.database.write() as connection:
            connection.execute(
                jobs.update()
                .where(*_this(job))
                .values(
                    due_at=self._transactions.clock.now() + delay,
                    attempts=job.attempts + int(failed),
                    last_error=storable(reason),
                )
            )


def _this(job: Job) -> tuple[sa.ColumnElement[bool], ...]:
    """The job as it was read: scheduled anew in the meantime, it has another generation and runs again."""
    return jobs.c.kind == job.kind, jobs.c.key == job.key, jobs.c.generation == job.generation
