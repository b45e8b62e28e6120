"""Jobs on both databases: run when due, at least once, until they succeed, one of each name."""

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest

from shared.messaging.jobs import JobRunner, RetryLater
from shared.messaging.status import read_status
from shared.messaging.tables import jobs, outbox
from shared.messaging.unit_of_work import Cause, StaleAggregateError
from shared.rest import RestClient
from shared.settings import load_settings
from tests.support.messaging import SECOND, Steady, advance, rows, things

HOUR = timedelta(hours=1)


class Crash(BaseException):
    """The process ends here."""


class Runner:
    """A runner with one kind of job, whose handler may be exchanged, and a record of what ran."""

    def __init__(self, service: Steady) -> None:
        self.service = service
        self.ran: list[tuple[str, int]] = []
        self.handler: Callable[..., None] = lambda context, job: None
        self._settings = load_settings()
        self.rest = RestClient(self._settings)

    def round(self, *go_on: Callable[[], bool]) -> int:
        def handle(context, job):
            self.ran.append((job.key, job.attempts))
            self.handler(context, job)

        runner = JobRunner(self._settings, self.service.transactions, self.rest, {"remind": handle})
        return runner.round(*go_on)

    def schedule(
        self, key: str, after: timedelta = timedelta(0), *, replace: bool = False, **payload: object
    ) -> None:
        due_at = self.service.clock.now() + after
        self.service.transactions.run(
            lambda uow: uow.schedule("remind", key, due_at=due_at, payload=payload, replace=replace)
        )

    @property
    def keys(self) -> list[str]:
        return [key for key, _ in self.ran]


@pytest.fixture
def runner(service: Steady):
    made = Runner(service)
    yield made
    made.rest.close()


def test_a_job_runs_when_it_is_due_and_once(service, runner):
    runner.schedule("a", HOUR)
    assert runner.round() == 0
    service.clock.advance(HOUR - SECOND)
    assert runner.round() == 0
    service.clock.advance(SECOND)
    assert runner.round() == 1
    assert runner.round() == 0
    assert runner.ran == [("a", 0)]
    assert rows(service.database, jobs) == []


def test_the_oldest_runs_first(service, runner):
    runner.schedule("late", 3 * SECOND)
    runner.schedule("early", SECOND)
    runner.schedule("between", 2 * SECOND)
    service.clock.advance(HOUR)
    runner.round()
    assert runner.keys == ["early", "between", "late"]


def test_nothing_more_is_begun_once_the_lease_is_lost_or_the_worker_stops(service, runner):
    for key in "abc":
        runner.schedule(key)
    assert runner.round(lambda: len(runner.ran) < 2) == 2
    assert [row["key"] for row in rows(service.database, jobs)] == ["c"]


def test_a_job_is_written_with_its_transaction_or_not_at_all(service, runner):
    def fail(unit_of_work):
        unit_of_work.schedule("remind", "a")
        raise RuntimeError("after scheduling")

    with pytest.raises(RuntimeError):
        service.transactions.run(fail)
    assert runner.round() == 0


def test_it_gets_its_payload_and_its_cause(service, runner):
    got = []

    def handler(context, job):
        got.append((job.kind, job.key, dict(job.payload), job.cause, job.due_at))
        with context.unit_of_work() as unit_of_work:
            advance(unit_of_work, "b")

    runner.handler = handler
    cause = Cause("case", "event-1", "trace")
    with service.transactions.begin(cause=cause) as unit_of_work:
        unit_of_work.schedule("remind", "a", payload={"name": "Šarūnas", "n": 1})
    runner.round()
    assert got == [("remind", "a", {"name": "Šarūnas", "n": 1}, cause, service.clock.now())]
    (row,) = rows(service.database, outbox)
    assert (row["correlation_id"], row["causation_id"], row["traceparent"]) == ("case", "event-1", "trace")


def test_scheduled_again_the_earlier_time_and_the_newer_payload_win(service, runner):
    runner.schedule("a", HOUR, number=1)
    runner.schedule("a", 2 * HOUR, number=2)
    (row,) = rows(service.database, jobs)
    assert (row["due_at"], row["payload"]) == (service.clock.now() + HOUR, {"number": 2})
    runner.schedule("a", SECOND)
    assert rows(service.database, jobs)[0]["due_at"] == service.clock.now() + SECOND


def test_replacing_moves_a_job_to_later(service, runner):
    runner.schedule("a", SECOND)
    runner.schedule("a", HOUR, replace=True)
    service.clock.advance(2 * SECOND)
    assert runner.round() == 0
    service.clock.advance(HOUR)
    assert runner.round() == 1


def test_a_cancelled_job_does_not_run(service, runner):
    runner.schedule("a")
    runner.schedule("b")
    service.transactions.run(lambda uow: uow.cancel("remind", "a"))
    runner.round()
    assert runner.keys == ["b"]


def test_scheduled_while_it_runs_it_runs_once_more(service, runner):
    def handler(_context, _job):
        if len(runner.ran) == 1:
            runner.schedule("a")

    runner.handler = handler
    runner.schedule("a")
    while runner.round():
        pass
    assert runner.keys == ["a", "a"]


def test_cancelled_and_scheduled_anew_while_it_runs_it_runs_once_more(service, runner):
    def handler(_context, _job):
        if len(runner.ran) == 1:
            service.transactions.run(lambda uow: uow.cancel("remind", "a"))
            runner.schedule("a", HOUR)

    runner.handler = handler
    runner.schedule("a")
    assert runner.round() == 1
    service.clock.advance(HOUR)
    assert runner.round() == 1


@pytest.mark.parametrize("text", ["half a pair: \ud800", "\0", "long " * 1000])
def test_an_error_of_any_text_holds_up_no_other_job(service, runner, caplog, text):
    caplog.set_level(logging.CRITICAL)  # such a text cannot travel in a report of the test run

    def fail_for_a(_context, job):
        if job.key == "a":
            raise ValueError(text)

    runner.handler = fail_for_a
    runner.schedule("a")
    runner.schedule("b")
    runner.round()
    assert runner.keys == ["a", "b"]
    (row,) = rows(service.database, jobs)
    assert row["last_error"].startswith("ValueError: ")


def test_a_job_may_move_itself_to_later(service, runner):
    runner.handler = lambda _context, _job: runner.schedule("a", HOUR, replace=True)
    runner.schedule("a")
    assert runner.round() == 1
    assert runner.round() == 0
    service.clock.advance(HOUR)
    assert runner.round() == 1


def test_a_failing_job_is_tried_again_after_growing_delays(service, runner):
    def fail(_context, _job):
        raise ValueError("no such key")

    runner.handler = fail
    runner.schedule("a")
    delays = []
    for _ in range(14):
        assert runner.round() == 1
        (row,) = rows(service.database, jobs)
        delays.append((row["due_at"] - service.clock.now()).total_seconds())
        assert runner.round() == 0
        service.clock.moment = row["due_at"]
    assert delays[:4] == [0.2, 0.4, 0.8, 1.6]
    assert delays == sorted(delays)
    assert delays[-1] == 300
    assert [attempts for _, attempts in runner.ran] == list(range(14))


def test_a_failing_job_shows_in_the_status_and_holds_up_no_other(service, runner):
    def fail_for_a(_context, job):
        if job.key == "a":
            raise ValueError("poison")

    runner.handler = fail_for_a
    for key in "abc":
        runner.schedule(key)
    for _ in range(4):
        runner.round()
        service.clock.advance(HOUR)
    assert sorted(runner.keys) == ["a", "a", "a", "a", "b", "c"]
    with service.database.read() as connection:
        status = read_status(connection, service.clock.now(), lag=None)
    assert [(job["key"], job["attempts"], job["last_error"]) for job in status.jobs_failing] == [
        ("a", 4, "ValueError: poison")
    ]
    assert status.jobs_due == 1


def test_waiting_is_no_failure(service, runner):
    def wait(_context, _job):
        raise RetryLater(HOUR, "the partner has not answered")

    runner.handler = wait
    runner.schedule("a")
    runner.round()
    (row,) = rows(service.database, jobs)
    assert (row["due_at"], row["attempts"]) == (service.clock.now() + HOUR, 0)
    assert "has not answered" in row["last_error"]


def test_a_faster_writer_is_no_failure(service, runner):
    def stale_once(_context, _job):
        if len(runner.ran) == 1:
            raise StaleAggregateError("somebody was faster")

    runner.handler = stale_once
    runner.schedule("a")
    runner.round()
    runner.round()
    assert runner.ran == [("a", 0), ("a", 0)]
    assert rows(service.database, jobs) == []


def test_a_crash_in_the_middle_runs_it_again_and_keeps_the_steps_done(service, runner):
    def two_steps(context, _job):
        with context.unit_of_work() as unit_of_work:
            row = unit_of_work.lock(things, "a")
            if row is None:
                advance(unit_of_work, "a")
        if len(runner.ran) == 1:
            raise Crash
        with context.unit_of_work() as unit_of_work:
            advance(unit_of_work, "a")

    runner.handler = two_steps
    runner.schedule("a")
    with pytest.raises(Crash):
        runner.round()
    assert [row["number"] for row in rows(service.database, things)] == [1]
    assert runner.round() == 1
    assert [row["number"] for row in rows(service.database, things)] == [2]
    assert runner.round() == 0


def test_a_job_without_a_handler_waits_visibly(service, runner):
    service.transactions.run(lambda uow: uow.schedule("unknown", "a"))
    runner.round()
    (row,) = rows(service.database, jobs)
    assert row["attempts"] == 1
    assert "unknown" in row["last_error"]
