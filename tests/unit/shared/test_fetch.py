"""Fetching from an address that a stranger chose: which ones are refused, and what a hostile answer can do (S5)."""

import datetime as dt
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from shared.fetch import Fetcher, FetchError, RefusedAddressError, is_public

NOT_PUBLIC = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::ffff:169.254.169.254",
    "::ffff:10.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b::10.1.2.3",
    "64:ff9b:1::1",
    "64:ff9b:1::808:808",
    "100::1",
    "2001::1",
    "2001:0:7f00:1::",
    "2001:10::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2002:c0a8:101::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "febf::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "2606:4700::5efe:7f00:1",
    "2606:4700::200:5efe:10.0.0.1",
    "not an address",
]
PUBLIC = ["8.8.8.8", "1.1.1.1", "193.166.3.2", "2606:4700:4700::1111", "64:ff9b::808:808", "2002:808:808::1"]
REFUSED_SPELLINGS = [
    "http://example.org/",
    "ftp://example.org/",
    "file:///etc/passwd",
    "gopher://example.org/",
    "//example.org/",
    "example.org",
    "https://",
    "https:///did.json",
    "https://user@example.org/",
    "https://user:password@example.org/",
    "https://example.org@127.0.0.1/",
    "https://example.org:22/",
    "https://example.org:80/",
    "https://example.org:6379/",
    "https://example.org:99999/",
    "https://example.org:x/",
    "https://127.1/",
    "https://0/",
    "https://0x7f000001/",
    "https://0x7f.1/",
    "https://2130706433/",
    "https://017700000001/",
    "https://0177.0.0.1/",
    "https://127.0.0.1.1/",
    "https://example.0x1/",
    "https://[::1%25eth0]/",
    "https://[fe80::1%eth0]/",
    "https://[127.0.0.1]/",
    "https://[::1/",
    "https://exa mple.org/",
    "https://example.org\\@127.0.0.1/",
    "https://example.org/\r\nHost: 127.0.0.1",
    "https://exämple.org/",
    "https://\u2488\u2488/",
    "https://①②⑦.①/",
    "https://.example.org/",
    "https://example..org/",
    "https://-example.org/",
    "https://example.org/" + "a" * 2_000,
]
CA_DAYS = dt.timedelta(days=2)


def never(*_arguments: object) -> socket.socket:
    raise AssertionError("a connection was opened")


def answering(*addresses: str) -> Callable[[str, int], list[str]]:
    return lambda _host, _port: list(addresses)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_public_is_refused_before_connecting(address: str) -> None:
    assert not is_public(address)
    fetcher = Fetcher(resolve=answering(address), connect=never)
    with pytest.raises(RefusedAddressError):
        fetcher.get("https://issuer.example.org/did.json")


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_tried(address: str) -> None:
    """Negative control: the table refuses because of what the addresses are, not all alike."""
    tried: list[str] = []

    def connect(target: tuple[str, int], _seconds: float) -> socket.socket:
        tried.append(target[0])
        raise ConnectionRefusedError

    assert is_public(address)
    with pytest.raises(FetchError, match="cannot be reached"):
        Fetcher(resolve=answering(address), connect=connect).get("https://issuer.example.org/")
    assert tried == [address]


@pytest.mark.parametrize("url", REFUSED_SPELLINGS)
def test_a_spelling_that_programs_read_differently_is_refused(url: str) -> None:
    with pytest.raises(RefusedAddressError):
        Fetcher(resolve=answering("8.8.8.8"), connect=never).get(url)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "169.254.169.254", "[::ffff:127.0.0.1]"])
def test_an_address_as_host_is_judged_like_any_other(host: str) -> None:
    with pytest.raises(RefusedAddressError, match="not public"):
        Fetcher(connect=never).get(f"https://{host}/")


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(RefusedAddressError):
        Fetcher(resolve=answering("8.8.8.8", "127.0.0.1"), connect=never).get("https://a.example.org/")


def test_a_name_that_changes_its_address_is_asked_only_once() -> None:
    """DNS rebinding: the second answer would be an address within."""
    answers = iter([["8.8.8.8"], ["127.0.0.1"]])
    tried: list[str] = []

    def connect(target: tuple[str, int], _seconds: float) -> socket.socket:
        tried.append(target[0])
        raise ConnectionRefusedError

    fetcher = Fetcher(resolve=lambda _host, _port: next(answers), connect=connect)
    with pytest.raises(FetchError, match="cannot be reached"):
        fetcher.get("https://rebinding.example.org/")
    assert tried == ["8.8.8.8"]
    assert next(answers) == ["127.0.0.1"]


class Server:
    """A server on this machine that says `script` to whoever connects; `asked` is what it was sent."""

    def __init__(self, script: list[bytes], *, pause: float = 0.0, context: ssl.SSLContext | None = None):
        self.asked = b""
        self.connections = 0
        self._script, self._pause, self._context = script, pause, context
        self._stop = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while not self._stop.is_set():
            try:
                accepted, _ = self._socket.accept()
                self.connections += 1
                opened = self._context.wrap_socket(accepted, server_side=True) if self._context else accepted
                self._answer(opened)
            except OSError:
                continue

    def _answer(self, opened: socket.socket) -> None:
        with opened:
            while b"\r\n\r\n" not in self.asked and (received := opened.recv(4096)):
                self.asked += received
            for part in self._script:
                opened.sendall(part)
                if self._stop.wait(self._pause):
                    return

    def close(self) -> None:
        self._stop.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    made: list[Server] = []

    def start(*script: bytes, pause: float = 0.0, context: ssl.SSLContext | None = None) -> Server:
        made.append(Server(list(script), pause=pause, context=context))
        return made[-1]

    yield start
    for server in made:
        server.close()


def local(server: Server, path: str = "/did.json", **options: float) -> bytes:
    fetcher = Fetcher(private_networks=True, seconds=options.pop("seconds", 60.0))
    return fetcher.get(f"http://127.0.0.1:{server.port}{path}", **options)  # type: ignore[arg-type]


def test_a_document_is_fetched_with_the_name_as_host(serve: Callable[..., Server]) -> None:
    server = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
    fetcher = Fetcher(private_networks=True, resolve=answering("127.0.0.1"))
    assert fetcher.get(f"http://issuer.example.org:{server.port}/did.json?a=1") == b"{}"
    assert server.asked.startswith(b"GET /did.json?a=1 HTTP/1.1\r\n")
    assert f"Host: issuer.example.org:{server.port}\r\n".encode() in server.asked


def test_a_connection_that_ended_up_elsewhere_sends_nothing(serve: Callable[..., Server]) -> None:
    """Were a proxy or a resolver below to answer for the public address, its own address gives it away."""
    server = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    def elsewhere(_target: tuple[str, int], seconds: float) -> socket.socket:
        return socket.create_connection(("127.0.0.1", server.port), seconds)

    with pytest.raises(RefusedAddressError, match="other end"):
        Fetcher(resolve=answering("8.8.8.8"), connect=elsewhere).get("https://issuer.example.org/")
    assert server.asked == b""


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 204, 206, 404, 500])
def test_a_redirect_or_another_status_is_not_followed(serve: Callable[..., Server], status: int) -> None:
    server = serve(
        f"HTTP/1.1 {status} X\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n".encode()
    )
    with pytest.raises(FetchError, match=str(status)):
        local(server)
    assert server.connections == 1


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffff\r\n",
    ],
)
def test_no_more_is_read_than_asked_for(serve: Callable[..., Server], head: bytes) -> None:
    server = serve(head, *[b"x" * 100_000] * 50)
    with pytest.raises(FetchError):
        local(server, max_bytes=1_000)


def test_a_body_of_just_the_limit_is_taken(serve: Callable[..., Server]) -> None:
    server = serve(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 1_000)
    assert local(server, max_bytes=1_000) == b"x" * 1_000


@pytest.mark.parametrize(
    "script",
    [
        [b"H"] * 2000,
        [b"HTTP/1.1 200 OK\r\nX: " + b"y"] * 2000,
        [b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", *[b"z"] * 2000],
        [b"HTTP/1.1 200 OK\r\n\r\n", *[b"z"] * 2000],
    ],
)
def test_an_answer_that_drips_is_cut_off_in_all(serve: Callable[..., Server], script: list[bytes]) -> None:
    """A limit per read would never be reached: one byte comes every 50 ms."""
    server = serve(*script, pause=0.05)
    began = time.monotonic()
    with pytest.raises(FetchError):
        local(server, seconds=0.4)
    assert time.monotonic() - began < 60


def test_a_server_that_says_nothing_is_left(serve: Callable[..., Server]) -> None:
    server = serve(b"", pause=300)
    began = time.monotonic()
    with pytest.raises(FetchError):
        local(server, seconds=0.3)
    assert time.monotonic() - began < 60


def test_a_resolver_that_hangs_is_left() -> None:
    hanging = threading.Event()

    def resolve(_host: str, _port: int) -> list[str]:
        hanging.wait(10)
        return ["8.8.8.8"]

    try:
        with pytest.raises(FetchError, match="no address"):
            Fetcher(resolve=resolve, connect=never, seconds=0.2).get("https://issuer.example.org/")
    finally:
        hanging.set()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\n" + b"X-Header: y\r\n" * 500 + b"\r\n{}",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n{}",
    ],
)
def test_an_answer_that_is_no_whole_one_is_an_error(serve: Callable[..., Server], answer: bytes) -> None:
    with pytest.raises(FetchError):
        local(serve(answer))


def certified(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate for `name`, and a client's context that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - CA_DAYS)
        .not_valid_after(now + CA_DAYS)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = certificate.public_bytes(serialization.Encoding.PEM)
    file.write_bytes(private + public)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cadata=public.decode())


@pytest.mark.parametrize("certificate", ["issuer.example.org", "other.example.org"])
def test_the_certificate_has_to_be_the_names(
    serve: Callable[..., Server], tmp_path: Path, certificate: str
) -> None:
    """The connection goes to an address, TLS is still checked against the name, which is also sent as SNI."""
    names: list[str | None] = []
    context, trusting = certified(tmp_path, certificate)
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    server = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", context=context)
    fetcher = Fetcher(private_networks=True, resolve=answering("127.0.0.1"), tls=trusting, seconds=60)
    url = f"https://issuer.example.org:{server.port}/"
    if certificate == "issuer.example.org":
        assert fetcher.get(url) == b"{}"
    else:
        with pytest.raises(FetchError, match="no secure connection"):
            fetcher.get(url)
    assert names == ["issuer.example.org"]


def test_the_tables_are_long_enough() -> None:
    assert len(NOT_PUBLIC) + len(REFUSED_SPELLINGS) >= 90
    assert all(ipaddress.ip_address(address) for address in PUBLIC)
