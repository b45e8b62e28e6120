"""The people who work at the institutions, each with a token of one role at one institution."""

import threading

from deploy.demo.client import Client, Door


class Staff:
    """Members of staff by role, institution and number: the same person every time they are asked for."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._known: dict[tuple[str, str, int], Client] = {}
        self._lock = threading.Lock()

    def __call__(self, role: str, institution: str, number: int = 1) -> Client:
        with self._lock:
            who = (role, institution, number)
            if who not in self._known:
                subject = f"{role}-{number}@{institution}"
                self._known[who] = self._door.caller(role, institution=institution, subject=subject)
            return self._known[who]
