"""Composition root of the event side of assessment: relay, consumer and jobs."""

from typing import Final

from services.assessment.handlers.jobs import JOBS
from services.assessment.handlers.reactions import REACTIONS
from shared.clock import Clock
from shared.db import Database
from shared.messaging.log import open_event_log
from shared.messaging.worker import Worker
from shared.settings import Settings

CONSUMES: Final = ("enrolment", "certification")


def create_worker(settings: Settings, *, clock: Clock | None = None) -> Worker:
    """The worker of assessment; nothing runs before `start`."""
    return Worker(
        settings,
        "assessment",
        Database(settings.database_url("assessment")),
        open_event_log(settings),
        consumes=CONSUMES,
        reactions=REACTIONS,
        jobs=JOBS,
        clock=clock,
    )
