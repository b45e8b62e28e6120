"""One Apache Kafka node (KRaft, broker and controller in one) from its jars, on this machine's Java."""

import fcntl
import os
import re
import shutil
import signal
import subprocess
import tempfile
import uuid
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from deploy.local_servers.process import Process, ServerFailedError, ServerMissingError, free_port
from shared.messaging.log.base import LogUnavailableError
from shared.messaging.log.kafka_client import connect

_POM: Final = Path(__file__).parent.parent / "kafka-local" / "pom.xml"
_JAVA_NEEDED: Final = 17
_JVM: Final = ("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dlog4j2.level=WARN")

# One node that forgets a killed broker after 2 s and lets a group start at once: for tests and demonstrations.
NODE_SETTINGS: Final = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    "broker.session.timeout.ms": "2000",
    "broker.heartbeat.interval.ms": "500",
    "auto.create.topics.enable": "false",  # topics come from a deploy step, never from a client
}


def kafka_version() -> str:
    """The version that the pom pins."""
    found = ET.parse(_POM).findtext(".//{*}kafka.version")  # noqa: S314 - a file of this repository
    if not found:
        raise ServerFailedError(f"{_POM} does not say kafka.version")
    return found


def cache_folder() -> Path:
    """Where the jars lie: outside the tree, one folder per version."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "passerelle" / f"kafka-{kafka_version()}"


def find_java() -> tuple[str, int]:
    """The `java` of JAVA_HOME or PATH and its major version.

    Raises:
        ServerMissingError: there is none, or it is too old for Kafka.
    """
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=str(Path(home) / "bin") if home else None) or shutil.which("java")
    advice = f"Java {_JAVA_NEEDED} or newer; `apt install default-jre-headless maven` brings it"
    if not java:
        raise ServerMissingError(f"Apache Kafka needs {advice}")
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', said)
    if not version or int(version.group(1)) < _JAVA_NEEDED:
        raise ServerMissingError(
            f"Apache Kafka needs {advice}; here is {said.splitlines()[0] if said else 'no answer'}"
        )
    return java, int(version.group(1))


def ensure_jars() -> Path:
    """The folder with Kafka's jars, fetched once by Maven; safe when several processes ask at the same time.

    Raises:
        ServerMissingError: they are not in the cache and Maven is missing or cannot fetch them.
    """
    folder = cache_folder()
    libs = folder / "libs"
    if libs.is_dir():
        return libs
    maven = shutil.which("mvn")
    if not maven:
        raise ServerMissingError(
            "the jars of Apache Kafka are fetched by Maven; `apt install maven` brings it"
        )
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not libs.is_dir():
            _fetch(maven, libs)
    return libs


def _fetch(maven: str, libs: Path) -> None:
    with tempfile.TemporaryDirectory(dir=libs.parent) as scratch:
        fresh = Path(scratch) / "libs"
        command = [maven, "-B", "-q", "-f", str(_POM), "dependency:copy-dependencies"]
        done = subprocess.run(
            [*command, f"-DoutputDirectory={fresh}", "-DincludeScope=runtime"],
            cwd=scratch,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ServerMissingError(
                f"Maven could not fetch Apache Kafka: {done.stdout[-1000:]}{done.stderr[-1000:]}"
            )
        fresh.rename(libs)  # whole or not at all: a half-filled folder would pass for a full one


class LocalKafka:
    """A Kafka node of our own on the loopback address; `kill` and `restart` keep its port and its data."""

    def __init__(self) -> None:
        self._java, java_version = find_java()
        self._libs = ensure_jars()
        self._folder: Path | None = None
        self._process: Process | None = None
        self._port, self._controller_port = free_port(), free_port()
        self.description = f"Apache Kafka {kafka_version()} (KRaft) from its jars on Java {java_version}"

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self._port}"

    def start(self) -> None:
        folder = self._folder = self._folder or self._format()
        self._process = Process(
            [self._java, *_JVM, "-cp", self._class_path, "kafka.Kafka", folder / "server.properties"],
            log=folder / "server.log",
        )
        self._process.start()
        self._process.wait_ready(self._answers, seconds=180)

    def stop(self, *, remove: bool = True) -> None:
        if self._process:
            self._process.end(signal.SIGTERM)
        if remove and self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def kill(self) -> None:
        if self._process:
            self._process.end(signal.SIGKILL)

    def restart(self) -> None:
        self.stop(remove=False)
        self.start()

    @property
    def _class_path(self) -> str:
        return f"{self._libs}/*"

    def _format(self) -> Path:
        folder = Path(tempfile.mkdtemp(prefix="passerelle-kafka-"))
        properties = folder / "server.properties"
        properties.write_text(self._properties(folder / "data"), encoding="utf-8")
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        command = [self._java, *_JVM, "-cp", self._class_path, "kafka.tools.StorageTool", "format"]
        command += [f"--cluster-id={cluster}", "-c", str(properties), "--standalone"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ServerFailedError(f"Kafka's storage could not be formatted: {done.stderr or done.stdout}")
        return folder

    def _properties(self, data: Path) -> str:
        settings = {
            "controller.quorum.bootstrap.servers": f"127.0.0.1:{self._controller_port}",
            "listeners": f"PLAINTEXT://{self.bootstrap},CONTROLLER://127.0.0.1:{self._controller_port}",
            "advertised.listeners": f"PLAINTEXT://{self.bootstrap}",
            "log.dirs": str(data),
            **NODE_SETTINGS,
        }
        return "".join(f"{name}={value}\n" for name, value in settings.items())

    def _answers(self) -> bool:
        return answers(self.bootstrap)


def answers(bootstrap: str) -> bool:
    """Whether a broker at `bootstrap` accepts requests and is listed in its own cluster."""
    try:
        admin = connect(KafkaAdminClient, [bootstrap])
    except LogUnavailableError:
        return False
    try:
        return bool(admin.client.describe_cluster()["brokers"])
    except (KafkaError, OSError):
        return False
    finally:
        admin.close()
