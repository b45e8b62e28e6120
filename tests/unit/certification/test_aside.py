"""Work that waits for strangers: beside the jobs, begun once, and nothing of it lost."""

import threading
from concurrent import futures

import pytest

from services.certification.handlers.aside import Aside
from shared.messaging.jobs import RetryLater


class Slow:
    """Work that is done when `done` is set; `begun` counts how often it was begun."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.begun = 0

    def __call__(self) -> str:
        self.begun += 1
        assert self.done.wait(60)
        return "found"


def test_what_is_done_soon_is_there_at_once() -> None:
    aside = Aside[str](patience=60)
    assert [aside.result("a", lambda: "found") for _ in range(3)] == ["found"] * 3


def test_a_job_comes_back_for_what_takes_long_and_it_is_begun_once() -> None:
    aside, slow = Aside[str](patience=0), Slow()
    for _ in range(3):
        with pytest.raises(RetryLater):
            aside.result("a", slow)
    slow.done.set()
    futures.wait(aside._begun.values())
    assert (aside.result("a", slow), slow.begun) == ("found", 1)
    again = Slow()
    with pytest.raises(RetryLater):
        aside.result("a", again)
    again.done.set()


def test_only_a_few_are_looked_at_at_once() -> None:
    aside, slow = Aside[str](at_once=2, patience=0), [Slow() for _ in range(3)]
    for number, work in enumerate(slow):
        with pytest.raises(RetryLater):
            aside.result(str(number), work)
    assert list(aside._begun) == ["0", "1"]
    slow[0].done.set()
    futures.wait([aside._begun["0"]])
    with pytest.raises(RetryLater):
        aside.result("2", slow[2])
    assert list(aside._begun) == ["0", "1", "2"]
    for work in slow:
        work.done.set()


def test_what_goes_wrong_is_met_by_the_job() -> None:
    aside = Aside[str](patience=60)

    def broken() -> str:
        raise LookupError("nothing there")

    with pytest.raises(LookupError, match="nothing there"):
        aside.result("a", broken)
    assert aside.result("a", lambda: "found") == "found", "and may begin again"


def test_results_that_nobody_comes_back_for_are_not_kept_for_ever() -> None:
    aside = Aside[str](patience=0)
    for number in range(300):
        try:
            aside.result(str(number), lambda: "found")
        except RetryLater:
            futures.wait(aside._begun.values())
    assert len(aside._begun) <= 100
