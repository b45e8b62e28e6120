"""Partner institutions as a process of their own: each follows its event feed and answers by PATCH.

`python -m deploy.demo.partners FILE` reads {"issuer", "addresses", "institutions": {code: [names it refuses]}} and
runs until it is ended. It is what a partner's student system would do: it remembers its position, looks the learner
up under its own authorisation, and says what became of the registration.
"""

import json
import signal
import sys
import threading
import time
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from urllib3.exceptions import HTTPError

from deploy.demo.client import Client, Door, RefusedError

_REQUESTED: Final = "registration.requested"
_CHANGED: Final = "registration.desired_state_changed"
_BUSY_SECONDS: Final = 0.05
_IDLE_SECONDS: Final = 0.25


class Registrar:
    """The student system of one institution."""

    def __init__(self, door: Door, institution: str, refused_names: list[str]) -> None:
        self._client: Client = door.caller("partner", "registrar", institution=institution)
        self._refused_names = frozenset(refused_names)
        self._institution = institution
        self._position = 0
        self._numbers: dict[str, int] = {}

    def follow(self, stop: threading.Event) -> None:
        """Answer what concerns this institution, event by event, until `stop`; trouble is met by trying again."""
        idle = 0.0
        while not stop.is_set():
            try:
                events, position = self._client.feed("enrolment", self._position)
                for event in events:
                    self._hear(event)
            except (RefusedError, HTTPError) as trouble:
                _note(f"{self._institution}: {trouble}")
                events = []
            else:
                self._position = position
            idle = _BUSY_SECONDS if events else min(_IDLE_SECONDS, idle + _BUSY_SECONDS)
            stop.wait(idle)

    def _hear(self, event: dict[str, Any]) -> None:
        data = event["data"]
        if event["type"].endswith(f".{_REQUESTED}.v1"):
            self._answer(data, self._decision(data))
        elif event["type"].endswith(f".{_CHANGED}.v1") and data["desired_state"] == "cancelled":
            self._answer(data, {"remote_state": "cancelled"})

    def _decision(self, data: dict[str, Any]) -> dict[str, Any]:
        learner = self._client.get(f"/admission/v1/learners/{data['learner_id']}")
        if f"{learner['given_name']} {learner['family_name']}" in self._refused_names:
            return {"remote_state": "denied"}
        number = self._numbers.setdefault(data["registration_id"], len(self._numbers) + 1)
        return {
            "remote_state": "associated",
            "local_student_number": f"{self._institution.partition('.')[0].upper()}-{number:04}",
            "access_provisioned": True,
        }

    def _answer(self, data: dict[str, Any], answer: dict[str, Any]) -> None:
        try:
            self._client.patch(f"/enrolment/v1/registrations/{data['registration_id']}", answer)
        except RefusedError as refusal:
            if refusal.status != HTTPStatus.CONFLICT:
                raise
            # The case has gone on meanwhile (cancelled, say): a later event of the feed tells what is wanted now.
            _note(f"{self._institution}: {refusal}")


def _note(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)


def main(configuration: Path) -> None:
    """Run every institution of the file as a thread until SIGTERM."""
    said = json.loads(configuration.read_text(encoding="utf-8"))
    door = Door(said["addresses"], said["issuer"])
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    threads = [
        threading.Thread(target=Registrar(door, institution, refused).follow, args=(stop,), name=institution)
        for institution, refused in said["institutions"].items()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    door.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
