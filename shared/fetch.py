"""Fetch a document from an address that a stranger chose, without becoming the stranger's hands (security.md 3).

The name is resolved once, every address it has is judged, the connection goes to a judged address and its other end is
looked at again before anything is sent. No redirect is followed, nothing is waited for longer than the time that is
left, and no more is read than asked for.
"""

import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, field
from functools import cache, partial
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Sequence[str]]
Connect = Callable[[tuple[str, int], float], socket.socket]

SECONDS: Final = 15.0
MAX_BYTES: Final = 64 * 1024
PORTS: Final = frozenset({443, 8443})

_LONGEST_URL: Final = 2_000
_CHUNK: Final = 16 * 1024
_URL: Final = re.compile(r"[!#$%&'()*+,./0-9:;=?@A-Z\[\]_a-z~-]+")
_NAME: Final = re.compile(
    r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
)
_NUMBER: Final = re.compile(r"(?:[0-9]+|0x[0-9a-f]*)")
_DENIED: Final = tuple(
    ipaddress.ip_network(network)
    for network in (
        "100.64.0.0/10",  # shared address space; the metadata service of one cloud is in it
        "168.63.129.16/32",  # a cloud's host agent, on an address that looks public
        "192.0.0.0/24",  # protocol assignments; the metadata service of another cloud is in it
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",  # relays of 6to4
        "192.175.48.0/24",
        "::/96",  # IPv4 in its abandoned compatible form, and the unspecified and loopback addresses
        "::ffff:0:0:0/96",  # IPv4-translated
        "64:ff9b:1::/48",  # a network's own translation
        "100::/64",
        "100:0:0:1::/64",
        "2001::/23",  # protocol assignments, Teredo with an address within among them
        "2620:4f:8000::/48",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fec0::/10",  # site-local
    )
)
_TRANSLATED: Final = ipaddress.ip_network("64:ff9b::/96")
_ISATAP: Final = frozenset({0x00005EFE, 0x02005EFE})


class FetchError(Exception):
    """There is no document to be had; the message says why, and nothing of what the other side sent."""


class RefusedAddressError(FetchError):
    """The address is not one that this service goes to."""


def _resolve(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def _connect(address: tuple[str, int], seconds: float) -> socket.socket:
    return socket.create_connection(address, seconds)


@cache
def _trusted() -> ssl.SSLContext:
    return ssl.create_default_context()


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Fetches over https. `private_networks` is for development: it also allows http, any port and any address."""

    private_networks: bool = False
    seconds: float = SECONDS
    resolve: Resolve = _resolve
    connect: Connect = _connect
    tls: ssl.SSLContext = field(default_factory=_trusted)

    def get(self, url: str, *, accept: str = "application/json", max_bytes: int = MAX_BYTES) -> bytes:
        """The body at `url`, at most `max_bytes` of it.

        Raises:
            RefusedAddressError: another scheme, port or kind of address than allowed.
            FetchError: no answer in time, another status than 200, or a longer body.
        """
        deadline = time.monotonic() + self.seconds
        target = _Target.of(url, private_networks=self.private_networks)
        address = self._address(target, deadline)
        opened = self._open(target, address, deadline)
        timer = threading.Timer(max(0.0, deadline - time.monotonic()), partial(_cut, opened))
        timer.daemon = True
        timer.start()
        try:
            body = _exchange(opened, target, accept, max_bytes)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise FetchError(f"no answer from {target.host}: {type(error).__name__}") from error
        finally:
            timer.cancel()
            opened.close()
        if time.monotonic() >= deadline:
            raise FetchError(f"no whole answer from {target.host} in time")
        return body

    def _address(self, target: "_Target", deadline: float) -> str:
        try:
            left = max(0.0, deadline - time.monotonic())
            found = _resolvers.submit(self.resolve, target.host, target.port).result(left)
        except (OSError, UnicodeError, FutureTimeoutError) as error:
            raise FetchError(f"{target.host} has no address") from error
        if not found:
            raise FetchError(f"{target.host} has no address")
        if not self.private_networks and not all(is_public(address) for address in found):
            raise RefusedAddressError(f"{target.host} is on a network that is not public")
        return found[0]

    def _open(self, target: "_Target", address: str, deadline: float) -> socket.socket:
        left = deadline - time.monotonic()
        if left <= 0:
            raise FetchError(f"no answer from {target.host} in time")
        try:
            plain = self.connect((address, target.port), left)
        except OSError as error:
            raise FetchError(f"{target.host} cannot be reached") from error
        timer = threading.Timer(left, partial(_cut, plain))
        timer.daemon = True
        timer.start()
        try:
            self._require_peer(plain, address, target)
            return self.tls.wrap_socket(plain, server_hostname=target.host) if target.secure else plain
        except (OSError, ValueError) as error:
            plain.close()
            raise FetchError(f"no secure connection to {target.host}: {type(error).__name__}") from error
        except RefusedAddressError:
            plain.close()
            raise
        finally:
            timer.cancel()

    def _require_peer(self, plain: socket.socket, address: str, target: "_Target") -> None:
        peer = str(plain.getpeername()[0])
        if ipaddress.ip_address(peer) != ipaddress.ip_address(address) or not (
            self.private_networks or is_public(peer)
        ):
            raise RefusedAddressError(f"the other end of the connection is not {target.host}")


_resolvers: Final = ThreadPoolExecutor(max_workers=8, thread_name_prefix="resolve")


@dataclass(frozen=True, slots=True)
class _Target:
    host: str
    port: int
    path: str
    authority: str
    secure: bool

    @classmethod
    def of(cls, url: str, *, private_networks: bool) -> "_Target":
        if len(url) > _LONGEST_URL or _URL.fullmatch(url) is None:
            raise RefusedAddressError("this is not an absolute https address in plain characters")
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise RefusedAddressError("this is not an address") from error
        secure = parts.scheme == "https"
        if not secure and not (private_networks and parts.scheme == "http"):
            raise RefusedAddressError("only https addresses are fetched")
        if "@" in parts.netloc or not parts.hostname:
            raise RefusedAddressError("an address needs a host, and no name or password before it")
        number = port if port is not None else 443 if secure else 80
        if not private_networks and number not in PORTS:
            raise RefusedAddressError(f"port {number} is not one of {', '.join(map(str, sorted(PORTS)))}")
        return cls(_host(parts), number, _path(parts), parts.netloc, secure)


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").removesuffix(".")
    if "[" in parts.netloc:
        return _literal(host, 6)
    if _NUMBER.fullmatch(host.rpartition(".")[2]):
        return _literal(host, 4)
    if _NAME.fullmatch(host) is None:
        raise RefusedAddressError("the host is not a name")
    return host


def _literal(host: str, version: int) -> str:
    """An address in its one spelling: others, such as 0x7f.1, mean different things to different programs."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        raise RefusedAddressError("the host is a number, but not an address") from None
    if address.version != version or "%" in host:
        raise RefusedAddressError("the host is a number, but not an address")
    return str(address)


def _path(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def is_public(text: str) -> bool:
    """Whether `text` is an address of the public internet, also after taking out an IPv4 address within."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text and all(_ordinary(each) for each in _meant(address))


def _meant(address: Address) -> list[Address]:
    """The addresses that a packet may reach: the one itself, or the IPv4 one that it stands for."""
    if not isinstance(address, ipaddress.IPv6Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    if address in _TRANSLATED:
        return [ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)]
    if address.sixtofour is not None:
        return [address.sixtofour]
    if int(address) >> 32 & 0xFFFFFFFF in _ISATAP:
        return [address, ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)]
    return [address]


def _ordinary(address: Address) -> bool:
    denied = any(address.version == network.version and address in network for network in _DENIED)
    return address.is_global and not address.is_multicast and not address.is_reserved and not denied


def _cut(opened: socket.socket) -> None:
    """End a connection from another thread: whoever waits on it gets an error at once."""
    try:
        opened.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


class _Connection(http.client.HTTPConnection):
    def __init__(self, opened: socket.socket, host: str) -> None:
        super().__init__(host)
        self.sock = opened

    def connect(self) -> None:
        """Nothing: a second connection would go to an address that nobody judged."""
        raise ConnectionError("the connection ended")


def _exchange(opened: socket.socket, target: _Target, accept: str, max_bytes: int) -> bytes:
    connection = _Connection(opened, target.host)
    headers = {
        "Host": target.authority,
        "Accept": accept,
        "Accept-Encoding": "identity",
        "User-Agent": "passerelle",
        "Connection": "close",
    }
    connection.request("GET", target.path, headers=headers)
    answer = connection.getresponse()
    if answer.status != HTTPStatus.OK:
        raise FetchError(f"{target.host} answered with status {answer.status}")
    if answer.getheader("Content-Encoding", "identity") != "identity":
        raise FetchError(f"{target.host} answered in an encoding that was not asked for")
    body = _read(answer, max_bytes)
    if len(body) > max_bytes:
        raise FetchError(f"{target.host} answered with more than {max_bytes} bytes")
    return body


def _read(answer: Any, max_bytes: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while size <= max_bytes and (part := answer.read(min(_CHUNK, max_bytes + 1 - size))):
        parts.append(part)
        size += len(part)
    length = answer.length
    if length and size <= max_bytes:
        raise http.client.IncompleteRead(b"")
    return b"".join(parts)
