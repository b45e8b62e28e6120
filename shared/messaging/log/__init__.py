"""The event log as a port, with an embedded adapter on SQLite and one on Apache Kafka."""

from shared.messaging.log.base import EventLog
from shared.settings import Settings


def open_event_log(settings: Settings) -> EventLog:
    """The log behind `settings.event_log_url`: `sqlite-log:///file` or `kafka://host:port[,host:port]`.

    Nothing is connected yet. Kafka's client is loaded only where Kafka is used.

    Raises:
        ValueError: another scheme, or no server.
    """
    url = settings.event_log_url
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite-log":
        from shared.messaging.log.sqlite import SqliteEventLog

        return SqliteEventLog(url, accept_loss=settings.event_log_accept_loss)
    servers = [server for server in rest.rstrip("/").split(",") if server]
    if scheme == "kafka" and servers:
        from shared.messaging.log.kafka import KafkaEventLog

        return KafkaEventLog(
            servers,
            accept_loss=settings.event_log_accept_loss,
            instance_id=settings.event_log_instance_id,
        )
    raise ValueError(f"EVENT_LOG_URL is '{url}'; it is sqlite-log:///file or kafka://host:port[,host:port]")
