"""The event log as a port, with an embedded adapter on SQLite and one on Apache Kafka."""

import re
from typing import Final

from shared.messaging.log.base import EventLog
from shared.settings import Settings

_HOST_AND_PORT: Final = re.compile(r"[^\s/,]+:\d{1,5}")


def open_event_log(settings: Settings) -> EventLog:
    """The log behind `settings.event_log_url`: `sqlite-log:///file` or `kafka://host:port[,host:port]`.

    Nothing is connected yet. Kafka's client is loaded only where Kafka is used.

    Raises:
        ValueError: another scheme, or a server without host or port.
    """
    url = settings.event_log_url
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite-log":
        from shared.messaging.log.sqlite import SqliteEventLog

        return SqliteEventLog(url, accept_loss=settings.event_log_accept_loss)
    servers = rest.rstrip("/").split(",")
    if scheme == "kafka" and all(_HOST_AND_PORT.fullmatch(server) for server in servers):
        from shared.messaging.log.kafka import KafkaEventLog

        return KafkaEventLog(
            servers,
            accept_loss=settings.event_log_accept_loss,
            instance_id=settings.event_log_instance_id,
        )
    raise ValueError(f"EVENT_LOG_URL is '{url}'; it is sqlite-log:///file or kafka://host:port[,host:port]")
