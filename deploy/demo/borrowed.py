"""Somebody else's Kafka: used only where it holds nothing of Passerelle's yet, and left the way it was found."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from kafka import KafkaAdminClient

from deploy.demo.system import SERVICES
from deploy.local_servers.process import ServerFailedError

_TOPICS: Final = frozenset(f"passerelle.{service}.v1" for service in SERVICES)


@contextmanager
def borrowed(bootstrap: str) -> Iterator[None]:
    """Have the event log of `bootstrap` for oneself; the topics made meanwhile are deleted at the end.

    Raises:
        ServerFailedError: topics of Passerelle are there already, with somebody's events in them.
    """
    if taken := _ours(bootstrap):
        raise ServerFailedError(
            f"the Kafka at {bootstrap} holds {', '.join(taken)} already; the demonstration needs one without"
        )
    try:
        yield
    finally:
        if made := _ours(bootstrap):
            with KafkaAdminClient(bootstrap_servers=bootstrap) as admin:
                admin.delete_topics(made)


def _ours(bootstrap: str) -> list[str]:
    with KafkaAdminClient(bootstrap_servers=bootstrap) as admin:
        return sorted(_TOPICS & set(admin.list_topics()))
