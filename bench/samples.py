"""Durations, and what is said of them."""

from collections.abc import Sequence
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
