"""Clients of kafka-python that either stand or leave nothing behind."""

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

from kafka.errors import KafkaError
from kafka.net.compat import KafkaNetClient

from shared.messaging.log.base import LogUnavailableError

REQUEST_MS: Final = 5_000
_BOOTSTRAP_MS: Final = 2_000
_SENDER_SECONDS: Final = 2.0
_PROBE_SECONDS: Final = 1.0
_RECONNECT_AT_MOST_MS: Final = 1_000  # the library's 30 s would outlast most restarts of a broker


@contextmanager
def available(doing: str) -> Iterator[None]:
    """Name every failure of the library or the network as the port does."""
    try:
        yield
    except (KafkaError, OSError) as error:
        raise LogUnavailableError(f"Kafka, while {doing}: {type(error).__name__}: {error}") from error


class Connection:
    """A client and its network; both end together, also when the client's own `close` gives up half way."""

    def __init__(self, client: Any, network: KafkaNetClient) -> None:
        self.client = client
        self._network = network

    def close(self, **how: Any) -> None:
        """Close the client as it wishes (`how`), and its threads in any case."""
        try:
            self.client.close(**how)
        except (KafkaError, OSError):
            self._end_sender()
        finally:
            self._network.close()

    def _end_sender(self) -> None:
        # A producer that could not flush leaves its sender running, for ever.
        sender = getattr(self.client, "_sender", None)
        if sender is not None:
            sender.force_close()
            sender.join(_SENDER_SECONDS)


def connect(make: Callable[..., Any], servers: Sequence[str], **config: Any) -> Connection:
    """A client made by `make` with a connection to the cluster.

    A constructor that gives up leaves its network thread running; that thread is ended here.

    Raises:
        LogUnavailableError: no broker answered within two seconds.
    """
    if not any(_listens(server) for server in servers):
        raise LogUnavailableError(f"Kafka: nobody listens at {', '.join(servers)}")
    networks: list[KafkaNetClient] = []

    def network(**settings: Any) -> KafkaNetClient:
        networks.append(KafkaNetClient(**settings))
        return networks[-1]

    try:
        with available("connecting"):
            client = make(
                bootstrap_servers=list(servers),
                bootstrap_timeout_ms=_BOOTSTRAP_MS,
                request_timeout_ms=REQUEST_MS,
                reconnect_backoff_max_ms=_RECONNECT_AT_MOST_MS,
                kafka_client=network,
                **config,
            )
    except BaseException:
        for left in networks:
            left.close()
        raise
    return Connection(client, networks[0])


def _listens(server: str) -> bool:
    """Whether somebody accepts connections there; the library would try for its whole time, and leak sockets."""
    host, _, port = server.rpartition(":")
    with suppress(OSError), socket.create_connection((host.strip("[]"), int(port)), timeout=_PROBE_SECONDS):
        return True
    return False
