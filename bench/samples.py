"""Durations: how they are taken, and what is said of them."""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Samples:
    """Durations in seconds of things done within `elapsed` seconds of wall-clock time."""

    durations: Sequence[float]
    elapsed: float

    @property
    def rate(self) -> float:
        return len(self.durations) / self.elapsed

    def percentile(self, share: float) -> float:
        """The duration that `share` (0 to 1) of the samples do not exceed, by the nearest rank."""
        ranked = sorted(self.durations)
        return ranked[min(len(ranked) - 1, int(share * len(ranked)))]

    @property
    def told(self) -> str:
        return f"p50 {self.percentile(0.5) * 1000:6.1f} ms   p99 {self.percentile(0.99) * 1000:6.1f} ms"


def sampled(step: Callable[[int], object], numbers: Iterable[int]) -> Samples:
    """What `step` takes for each of `numbers`, one after the other."""
    began, durations = time.perf_counter(), []
    for number in numbers:
        before = time.perf_counter()
        step(number)
        durations.append(time.perf_counter() - before)
    return Samples(durations, time.perf_counter() - began)


@contextmanager
def one_core() -> Iterator[None]:
    """This process and those it starts run on one core meanwhile."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
