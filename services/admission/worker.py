"""Composition root of the event side of admission."""

from typing import Final

from services.admission.handlers.jobs import JOBS
from services.admission.handlers.reactions import REACTIONS
from shared.db import Database
from shared.messaging.log import open_event_log
from shared.messaging.worker import Worker
from shared.settings import Settings

CONSUMES: Final = ("enrolment",)


def create_worker(settings: Settings) -> Worker:
    """The relay, consumer and jobs of this service; nothing runs until it is started."""
    return Worker(
        settings,
        "admission",
        Database(settings.database_url("admission")),
        open_event_log(settings),
        consumes=CONSUMES,
        reactions=REACTIONS,
        jobs=JOBS,
    )
