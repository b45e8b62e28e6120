"""The distributed system: PostgreSQL, Apache Kafka, and a web and a worker process of every service."""

import signal
import uuid
from pathlib import Path

from deploy.demo.system import SERVICES, System
from deploy.local_servers.ladder import KafkaServer, PostgresServer
from deploy.local_servers.postgres import create_database, drop_database
from deploy.local_servers.process import free_port


class DistributedSystem(System):
    """Nine processes of ours on servers that somebody else started and will stop.

    A worker may be killed and started again at any time; the databases are made at the start and dropped at the end.
    """

    def __init__(self, home: Path, postgres: PostgresServer, kafka: KafkaServer) -> None:
        super().__init__(home)
        self.postgres = postgres
        self.kafka = kafka
        self._databases = {name: f"demo_{uuid.uuid4().hex[:12]}_{name}" for name in SERVICES}
        self._worker_ports: dict[str, int] = {}

    @property
    def description(self) -> str:
        return f"nine processes, {self.postgres.description}, {self.kafka.description}"

    def start(self) -> None:
        self._prepare()
        self.passerelle("migrate")
        self.passerelle("topics")
        self._run("issuer", ["services.cli", "issuer"], {"BIND": _bind(self.issuer)})
        for service in SERVICES:
            self._run(
                f"web-{service}", ["services.cli", "web", service], {"BIND": _bind(self.addresses[service])}
            )
            self._start_worker(service)
        for service in SERVICES:
            self._wait_ready(f"web-{service}", self.addresses[service])
            self._wait_ready(f"worker-{service}", self._worker_address(service))

    def stop(self) -> None:
        super().stop()
        for name in self._databases.values():
            drop_database(self.postgres.url(), name)

    def kill_worker(self, service: str) -> None:
        """SIGKILL: no goodbye to the broker, the database or anybody."""
        self._processes[f"worker-{service}"].end(signal.SIGKILL)

    def start_worker(self, service: str) -> None:
        """Start the worker again and return once it is ready."""
        self._start_worker(service)
        self._wait_ready(f"worker-{service}", self._worker_address(service))

    def _prepare(self) -> None:
        self.addresses = {service: f"http://127.0.0.1:{free_port()}" for service in SERVICES}
        self._worker_ports = {service: free_port() for service in SERVICES}
        self.issuer = f"http://127.0.0.1:{free_port()}/development-issuer"
        public = self.addresses["certification"]
        variables = {
            "PUBLIC_URL": public,
            "PUBLIC_HOST": public.removeprefix("http://"),
            "OIDC_ISSUER": self.issuer,
            "EVENT_LOG_URL": f"kafka://{self.kafka.bootstrap}",
        }
        for service in SERVICES:
            variables[f"{service.upper()}_URL"] = self.addresses[service]
            variables[f"{service.upper()}_DATABASE_URL"] = create_database(
                self.postgres.url(), self._databases[service], owner=f"passerelle_{service}"
            )
        self._settings(variables)

    def _start_worker(self, service: str) -> None:
        port = {"WORKER_PORT": str(self._worker_ports[service])}
        self._run(f"worker-{service}", ["services.cli", "worker", service], port)

    def _worker_address(self, service: str) -> str:
        return f"http://127.0.0.1:{self._worker_ports[service]}"


def _bind(address: str) -> str:
    return address.removeprefix("http://").partition("/")[0]
