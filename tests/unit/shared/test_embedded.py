"""The embedded profile's process: four event sides that end together."""

from pathlib import Path
from typing import Any

from services.embedded import Embedded
from shared.settings import load_settings


class Worker:
    def __init__(self, calls: list[str]) -> None:
        self._calls = calls

    def start(self) -> None:
        self._calls.append("start")

    def begin_stop(self) -> None:
        self._calls.append("begin_stop")

    def stop(self) -> None:
        self._calls.append("stop")


def test_no_event_side_waits_for_another_to_stop(tmp_path: Path) -> None:
    calls: list[str] = []
    system = Embedded(load_settings({"PASSERELLE_HOME": str(tmp_path)}))
    workers: list[Any] = [Worker(calls), Worker(calls)]
    system._workers = workers
    system.start()()
    assert calls == ["start", "start", "begin_stop", "begin_stop", "stop", "stop"]
