"""One command, one transaction: the aggregate, its history, its events and its jobs, or nothing of it.

The order inside the transaction carries the per-key order of events: the aggregate's root row is written, and so
locked, first; the outbox rows are inserted last. Two writers of one key can therefore never get outbox numbers in an
order that differs from the order of their states.
"""

import json
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from shared.clock import Clock, SystemClock
from shared.contracts import check_contract
from shared.db import Database
from shared.domain import SYSTEM, Actor, Change, DomainEvent, PreconditionFailedError
from shared.ids import new_id
from shared.messaging import tables
from shared.messaging.envelope import MAX_BYTES, Event, event_type
from shared.messaging.signals import Signal, signal_for

_SEQUENCE_DIGITS: Final = 10
_GENERATIONS: Final = 2**30
Result = TypeVar("Result")


class StaleAggregateError(Exception):
    """Somebody else changed the aggregate since it was loaded; load it again and decide anew."""


class EventTooLargeError(Exception):
    """An event exceeds what the log takes; a defect, because documents travel by reference."""


@dataclass(frozen=True, slots=True)
class Cause:
    """What led to a unit of work: a request, an event or a job; it travels on with every event."""

    correlation_id: str
    causation_id: str | None = None
    traceparent: str | None = None


def caused_by(event: Event) -> Cause:
    return Cause(event.correlationid, event.id, event.traceparent)


@cache
def _schedule_statement(dialect: str, *, replace: bool) -> sa.Insert:
    jobs = tables.jobs
    statement = sqlite.insert(jobs) if dialect == "sqlite" else postgresql.insert(jobs)
    new = statement.excluded
    earlier = sa.case((jobs.c.due_at < new.due_at, jobs.c.due_at), else_=new.due_at)
    renewed = ("attempts", "payload", "correlation_id", "causation_id", "traceparent")
    return statement.on_conflict_do_update(
        index_elements=["kind", "key"],
        set_={
            "due_at": new.due_at if replace else earlier,
            "generation": jobs.c.generation + 1,
            **{name: new[name] for name in renewed},
        },
    )


# Inline: nobody asks for the keys that the database gives.
_NOTE_CHANGES: Final = tables.history.insert().inline()
_NOTE_EVENTS: Final = tables.outbox.insert().inline()
_CANCEL: Final = tables.jobs.delete().where(
    tables.jobs.c.kind == sa.bindparam("of_kind"), tables.jobs.c.key == sa.bindparam("of_key")
)


@cache
def _insert_statement(table: sa.Table) -> sa.Insert:
    return table.insert()


@cache
def _update_statement(table: sa.Table, names: tuple[str, ...]) -> sa.UpdateBase:
    """Building a statement costs more than running it, and every command runs one of these."""
    new = {name: sa.bindparam(f"new_{name}", type_=table.c[name].type) for name in names}
    return (
        table.update()
        .where(table.c.id == sa.bindparam("of"), table.c.version == sa.bindparam("from_version"))
        .values(
            **new,
            version=table.c.version + 1,
            sequence=table.c.sequence + sa.bindparam("more_events"),
            updated_at=sa.bindparam("moment", type_=table.c.updated_at.type),
        )
        .returning(table.c.version, table.c.sequence)
    )


class UnitOfWork:
    """The open transaction of one command, reaction or job step; made by `Transactions.begin`."""

    def __init__(
        self, connection: sa.Connection, service: str, actor: Actor, now: datetime, cause: Cause
    ) -> None:
        self.connection = connection
        self.service = service
        self.actor = actor
        self.now = now
        self.cause = cause
        self._expected: int | None = None
        self.published = False
        self.scheduled = False
        self._outbox: list[dict[str, Any]] = []
        self._history: list[dict[str, Any]] = []

    @property
    def correlation_id(self) -> str:
        return self.cause.correlation_id

    def expect(self, version: int | None) -> None:
        """The first aggregate saved from now on, the one a request is about, must have this version (If-Match)."""
        self._expected = version

    def settle(self, version: int | None) -> None:
        """Compare the expected version with that of the aggregate; `save` does it by itself, and only once.

        Raises:
            PreconditionFailedError: they differ.
        """
        expected, self._expected = self._expected, None
        if expected is not None and version != expected:
            raise PreconditionFailedError(f"The resource is no longer at version {expected}; read it again.")

    def save(
        self,
        table: sa.Table,
        aggregate_id: str,
        *,
        values: Mapping[str, Any],
        version: int | None = None,
        key: str | None = None,
        events: Sequence[DomainEvent] = (),
        changes: Sequence[Change] = (),
    ) -> int:
        """Write an aggregate's root row and note its events and history; returns its new version.

        `version` None inserts; otherwise the row must still have that version. `key` is the partition key of the
        events (the aggregate's id by default). Every writer of a key saves its root row before any part of it.

        Raises:
            StaleAggregateError: the row has another version by now.
            ContractError: an event breaks its published contract.
            EventTooLargeError: an event is larger than 64 KiB.
        """
        if version is None:
            new_version, last = 1, len(events)
            self.connection.execute(
                _insert_statement(table),
                {
                    **values,
                    "id": aggregate_id,
                    "version": 1,
                    "sequence": last,
                    "created_at": self.now,
                    "updated_at": self.now,
                },
            )
        else:
            self.settle(version)
            row = self.connection.execute(
                _update_statement(table, tuple(values)),
                {
                    "of": aggregate_id,
                    "from_version": version,
                    "more_events": len(events),
                    "moment": self.now,
                    **{f"new_{name}": value for name, value in values.items()},
                },
            ).first()
            if row is None:
                raise StaleAggregateError(f"{table.name} {aggregate_id} is no longer at version {version}")
            new_version, last = row
        self._note_events(table.name, aggregate_id, key or aggregate_id, last - len(events), events)
        self._note_history(table.name, aggregate_id, changes)
        return new_version

    def lock(self, table: sa.Table, row_id: str) -> sa.Row[Any] | None:
        """Take the row's lock and return it; None where there is none."""
        return self.connection.execute(table.select().where(table.c.id == row_id).with_for_update()).first()

    def schedule(
        self,
        kind: str,
        key: str,
        *,
        due_at: datetime | None = None,
        payload: Mapping[str, Any] | None = None,
        replace: bool = False,
    ) -> None:
        """Have the job (`kind`, `key`) run at `due_at` (now by default); there is at most one of that name.

        Scheduled again, the earlier due time wins, unless `replace`; a run in progress is followed by another. A job
        that schedules itself for later therefore says `replace`.
        """
        due_at = due_at or self.now
        self.scheduled = self.scheduled or due_at <= self.now
        self.connection.execute(
            _schedule_statement(self.connection.dialect.name, replace=replace),
            {
                "kind": kind,
                "key": key,
                "due_at": due_at,
                # Cancelled and scheduled anew it must not look like the run that is still under way.
                "generation": secrets.randbelow(_GENERATIONS),
                "attempts": 0,
                "payload": dict(payload or {}),
                "correlation_id": self.cause.correlation_id,
                "causation_id": self.cause.causation_id,
                "traceparent": self.cause.traceparent,
            },
        )

    def cancel(self, kind: str, key: str) -> None:
        """Have the job (`kind`, `key`) not run, if it has not yet."""
        self.connection.execute(_CANCEL, {"of_kind": kind, "of_key": key})

    def flush(self) -> None:
        """Insert the history and, last of all, the outbox rows."""
        if self._history:
            self.connection.execute(_NOTE_CHANGES, _one_or_many(self._history))
        if self._outbox:
            self.published = True
            self.connection.execute(_NOTE_EVENTS, _one_or_many(self._outbox))
        self._history, self._outbox = [], []

    def _note_events(
        self, collection: str, aggregate_id: str, key: str, before: int, events: Sequence[DomainEvent]
    ) -> None:
        for number, event in enumerate(events, start=before + 1):
            type_ = event_type(self.service, event.name)
            data = dict(event.data)
            check_contract(type_, data)
            text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
            if len(text.encode()) > MAX_BYTES:
                raise EventTooLargeError(f"{type_} of {collection} {aggregate_id} exceeds {MAX_BYTES} bytes")
            self._outbox.append(
                {
                    "id": new_id(),
                    "type": type_,
                    "source": f"/{self.service}/v1/{collection}/{aggregate_id}",
                    "subject": aggregate_id,
                    "partition_key": key,
                    "sequence": f"{number:0{_SEQUENCE_DIGITS}d}",
                    "time": self.now,
                    "correlation_id": self.cause.correlation_id,
                    "causation_id": self.cause.causation_id,
                    "traceparent": self.cause.traceparent,
                    "data": text,
                    "audience": sorted(event.audience),
                }
            )

    def _note_history(self, collection: str, aggregate_id: str, changes: Sequence[Change]) -> None:
        self._history.extend(
            {
                "aggregate_type": collection,
                "aggregate_id": aggregate_id,
                "subject_type": change.subject_type,
                "subject": change.subject,
                "trigger": change.trigger,
                "source": change.source,
                "target": change.target,
                "actor": self.actor.subject,
                "role": self.actor.role,
                "institution": self.actor.institution,
                "reason": change.reason,
                "rule_set": change.rule_set,
                "detail": dict(change.detail),
                "at": self.now,
            }
            for change in changes
        )


def _one_or_many(rows: list[dict[str, Any]]) -> dict[str, Any] | list[dict[str, Any]]:
    """A list of one would cost a pipeline of the driver's."""
    return rows if len(rows) > 1 else rows[0]


@dataclass(frozen=True, slots=True)
class Transactions:
    """Opens the units of work of one service on its database."""

    service: str
    database: Database
    clock: Clock = field(default_factory=SystemClock)

    def signal(self, part: str) -> Signal:
        """Set after a commit that gave `part` ("relay" or "jobs") of this process something to do."""
        return signal_for(f"{self.database.url}#{part}")

    @contextmanager
    def begin(
        self, actor: Actor = SYSTEM, cause: Cause | None = None, *, patience: float | None = None
    ) -> Iterator[UnitOfWork]:
        """A unit of work that commits at the end of the block and leaves nothing behind on an exception.

        Raises:
            WriteLockTimeoutError: other writers of a SQLite file took longer than `patience` seconds.
        """
        with self.database.write(patience=patience) as connection:
            unit_of_work = UnitOfWork(
                connection, self.service, actor, self.clock.now(), cause or Cause(correlation_id=new_id())
            )
            yield unit_of_work
            unit_of_work.flush()
        if unit_of_work.published:
            self.signal("relay").set()
        if unit_of_work.scheduled:
            self.signal("jobs").set()

    def run(
        self,
        step: Callable[[UnitOfWork], Result],
        *,
        actor: Actor = SYSTEM,
        cause: Cause | None = None,
        tries: int = 3,
    ) -> Result:
        """Run `step` in a unit of work of its own; where the aggregate was stale, load and decide again.

        Raises:
            StaleAggregateError: it was stale `tries` times in a row.
        """
        for remaining in reversed(range(tries)):
            try:
                with self.begin(actor, cause) as unit_of_work:
                    return step(unit_of_work)
            except StaleAggregateError:
                if not remaining:
                    raise
        raise AssertionError("unreachable: tries is at least 1")
