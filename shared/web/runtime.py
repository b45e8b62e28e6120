"""What the routes of one application share: made once by `create_web_app`, found through the current application."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from flask import current_app

from shared.clock import Clock
from shared.db import Database
from shared.messaging.unit_of_work import Transactions
from shared.settings import Settings
from shared.web.paging import Cursors
from shared.web.policy import Policy
from shared.web.tokens import Verifier

EXTENSION = "passerelle"
_FORGET_EVERY_SECONDS = 60.0


@dataclass(slots=True)
class Runtime:
    """One web application's database, transactions, token verifier, cursors and policies."""

    settings: Settings
    service: str
    database: Database
    clock: Clock
    transactions: Transactions
    verifier: Verifier
    cursors: Cursors
    policies: Mapping[str, Policy] = field(default_factory=dict)
    _forgotten_at: float = field(default_factory=time.monotonic)

    def now(self) -> datetime:
        return self.clock.now()

    def time_to_forget(self) -> bool:
        """Whether a minute has passed since expired idempotency keys were last deleted by this process."""
        moment = time.monotonic()
        if moment - self._forgotten_at < _FORGET_EVERY_SECONDS:
            return False
        self._forgotten_at = moment
        return True

    def forget_more(self) -> None:
        """The next command goes on forgetting: more keys expire than one deletes in a minute."""
        self._forgotten_at = -_FORGET_EVERY_SECONDS


def runtime() -> Runtime:
    """The runtime of the current application."""
    return cast("Runtime", current_app.extensions[EXTENSION])
