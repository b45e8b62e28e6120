"""PostgreSQL from this machine's own binaries, also as root; and the databases of any PostgreSQL server."""

import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from deploy.local_servers.process import Process, ServerFailedError, ServerMissingError

_ADMINISTRATOR: Final = "passerelle"
_DEBIAN: Final = Path("/usr/lib/postgresql")


def find_binaries() -> Path:
    """The folder of the newest `initdb` and `postgres` on PATH or where Debian keeps them.

    Raises:
        ServerMissingError: there are none.
    """
    on_path = shutil.which("initdb")
    candidates = sorted(_DEBIAN.glob("*/bin"), key=lambda folder: int(folder.parent.name.split(".")[0]))
    if on_path:
        candidates.append(Path(on_path).resolve().parent)
    for folder in reversed(candidates):
        if all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres")):
            return folder
    raise ServerMissingError("no PostgreSQL binaries on this machine; `apt install postgresql` brings them")


class LocalPostgres:
    """A PostgreSQL server of our own on a Unix socket in the system's temporary folder.

    Databases are lost with `stop(remove=True)` only; `kill` and `restart` keep them, and the address.
    `durable=False` leaves out fsync: for tests, where the machine itself never loses power.
    """

    def __init__(self, *, durable: bool = False) -> None:
        self._binaries = find_binaries()
        self._durable = durable
        self._folder: Path | None = None
        self._process: Process | None = None
        self.description = f"{_version(self._binaries)} from {self._binaries}"

    def start(self) -> None:
        folder = self._folder = self._folder or self._initialise()
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(folder),
            "fsync": "on" if self._durable else "off",
            "max_connections": "300",
            "shared_buffers": "128MB",
            "autovacuum_naptime": "10s",
        }
        arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        self._process = Process(
            [self._binaries / "postgres", "-D", folder / "data", *arguments],
            log=folder / "server.log",
            user=_unprivileged(),
        )
        self._start_when_predecessor_is_gone(self._process)

    def _start_when_predecessor_is_gone(self, process: Process) -> None:
        # Backends of a killed postmaster hold its shared memory until they notice; a new one refuses till then.
        for _ in range(50):
            process.start()
            try:
                process.wait_ready(lambda: answers(self.url()), seconds=120)
            except ServerFailedError as error:
                if "is still in use" not in str(error)[-500:]:
                    raise
            else:
                return
        raise ServerFailedError(f"PostgreSQL's predecessor does not go\n{process.last_words()}")

    def stop(self, *, remove: bool = True) -> None:
        if self._process:
            self._process.end(signal.SIGINT)
        if remove and self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def kill(self) -> None:
        if self._process:
            self._process.end(signal.SIGKILL)

    def restart(self) -> None:
        self.stop(remove=False)
        self.start()

    def url(self, database: str = "postgres", *, role: str = _ADMINISTRATOR) -> str:
        """The address of `database` for SQLAlchemy, by default as the server's administrator."""
        if self._folder is None:
            raise ServerFailedError("PostgreSQL was not started")
        query = {"host": str(self._folder)}
        return URL.create(
            "postgresql+psycopg", username=role, database=database, query=query
        ).render_as_string()

    def _initialise(self) -> Path:
        # Not pytest's tmp_path: its parents are closed to others, and PostgreSQL refuses to run as root.
        folder = Path(tempfile.mkdtemp(prefix="passerelle-postgres-"))
        user = _unprivileged()
        if user:
            os.chown(folder, *user)
        command = [self._binaries / "initdb", "-D", folder / "data", "-U", _ADMINISTRATOR]
        command += ["-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"]
        done = subprocess.run(
            list(map(str, command)),
            cwd="/",
            user=user[0] if user else None,
            group=user[1] if user else None,
            extra_groups=[] if user else None,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ServerFailedError(f"initdb: {done.stderr or done.stdout}")
        return folder


def create_database(server: str, name: str, *, template: str = "template0", owner: str | None = None) -> str:
    """Create `name` on the server of the address `server` (and the role `owner`); return its address.

    A local server trusts every role of its socket; elsewhere the address stays that of the administrator.
    """
    with psycopg.connect(_plain(server), autocommit=True) as connection:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template)
        )
        if owner:
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [owner]).fetchone()
            if not known:
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(owner)))
            statement += sql.SQL(" OWNER {}").format(sql.Identifier(owner))
        connection.execute(statement)
    url = make_url(server).set(database=name)
    trusted = owner and "host" in url.query
    return (url.set(username=owner) if trusted else url).render_as_string(hide_password=False)


def drop_database(server: str, name: str) -> None:
    """Drop `name`, whoever is connected; nothing happens when there is none."""
    with psycopg.connect(_plain(server), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def with_database(url: str, database: str) -> str:
    """The address `url` with another database, password included."""
    return make_url(url).set(database=database).render_as_string(hide_password=False)


def answers(url: str) -> bool:
    """Whether a PostgreSQL server accepts connections at `url`."""
    try:
        psycopg.connect(_plain(url), connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _unprivileged() -> tuple[int, int] | None:
    if os.geteuid():
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    raise ServerMissingError("PostgreSQL does not run as root, and there is no user postgres or nobody")


def _version(binaries: Path) -> str:
    said = subprocess.run(
        [binaries / "postgres", "--version"], capture_output=True, text=True, check=True
    ).stdout
    number = re.search(r"\d+(\.\d+)*", said)
    return f"PostgreSQL {number.group() if number else '?'}"
