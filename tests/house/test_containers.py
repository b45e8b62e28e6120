"""docker-compose.yml and deploy/Dockerfile: linted, whole in themselves, and in step with the settings."""

import copy
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from sqlalchemy.engine import make_url

from deploy.local_servers.ladder import PostgresServer
from deploy.local_servers.postgres import find_binaries
from deploy.local_servers.process import ServerMissingError
from shared import settings

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.yml"
DOCKERFILE = ROOT / "deploy" / "Dockerfile"

Document = dict[str, Any]


def tool(name: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).with_name(name), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def compose() -> Document:
    document: Document = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    return document


def undeclared(document: Document) -> list[str]:
    """What services name and the document does not declare; the Compose schema does not look at that."""
    found = []
    for name, service in document["services"].items():
        volumes = [volume.partition(":")[0] for volume in service.get("volumes", ())]
        files = {volume for volume in volumes if volume.startswith((".", "/"))}
        found += [
            f"{name}: depends on {it}"
            for it in service.get("depends_on", ())
            if it not in document["services"]
        ]
        found += [
            f"{name}: network {it}" for it in service.get("networks", ()) if it not in document["networks"]
        ]
        found += [
            f"{name}: volume {it}" for it in volumes if it not in files and it not in document["volumes"]
        ]
        found += [f"{name}: file {it}" for it in files if not (ROOT / it).exists()]
    return found


def test_compose_is_valid_by_its_schema():
    done = tool("check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE)
    assert done.returncode == 0, done.stdout


def test_the_schema_check_notices_an_unknown_key(tmp_path, compose):
    compose["services"]["kafka"]["imagee"] = "apache/kafka"
    broken = tmp_path / "docker-compose.yml"
    broken.write_text(yaml.safe_dump(compose), encoding="utf-8")
    assert tool("check-jsonschema", "--builtin-schema", "vendor.compose-spec", broken).returncode == 1


def test_compose_declares_all_it_names(compose):
    assert undeclared(compose) == []


@pytest.mark.parametrize(
    ("damage", "finding"),
    [
        (lambda document: document["volumes"].pop("kafka"), "kafka: volume kafka"),
        (lambda document: document["networks"].pop("private"), "postgres: network private"),
        (lambda document: document["services"].pop("topics"), "admission-worker: depends on topics"),
        (
            lambda document: document["services"]["postgres"]["volumes"].append("./none.sh:/none.sh"),
            "postgres: file ./none.sh",
        ),
    ],
)
def test_a_missing_declaration_is_found(compose, damage: Callable[[Document], object], finding):
    damaged = copy.deepcopy(compose)
    damage(damaged)
    assert finding in undeclared(damaged)


def test_every_service_has_its_migration_its_web_and_its_worker(compose):
    for name in settings.SERVICES:
        assert compose["services"][f"{name}-migrate"]["command"] == ["migrate", name]
        assert compose["services"][f"{name}-web"]["command"] == ["web", name]
        assert compose["services"][f"{name}-worker"]["command"] == ["worker", name]
        assert compose["services"][f"{name}-web"]["build"]["args"] == {"SERVICE": name}


def test_the_profiles_bring_what_their_names_say(compose):
    def with_profile(profile: str) -> set[str]:
        return {name for name, service in compose["services"].items() if profile in service["profiles"]}

    assert with_profile("infrastructure") == {"postgres", "kafka"}
    assert with_profile("development") == {"issuer"}
    assert with_profile("everything") == with_profile("infrastructure") | with_profile("services")


def ours(compose: Document) -> Iterator[tuple[str, Document]]:
    for name, service in compose["services"].items():
        if "build" in service:
            yield name, service


def test_our_containers_set_only_variables_that_the_settings_read(compose):
    class Recorder(dict[str, str]):
        read: set[str] = set()  # noqa: RUF012 - shared on purpose: the settings copy the mapping's class

        def get(self, key: str, default: Any = None) -> Any:
            self.read.add(key)
            return super().get(key, default)

        def __contains__(self, key: object) -> bool:
            self.read.add(str(key))
            return super().__contains__(key)

    settings._read(settings._Environment(Recorder()))
    for name, service in ours(compose):
        assert set(service["environment"]) <= Recorder.read, name
    image = re.findall(r"^(?:ENV |    )([A-Z_]+)=", DOCKERFILE.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(image) - {"PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"} <= Recorder.read


def test_certification_gets_what_operators_set_for_issuers_and_seals(compose):
    for part in ("web", "worker"):
        given = compose["services"][f"certification-{part}"]["environment"]
        optional = {name for name, value in given.items() if value is None}
        assert optional == {
            "PUBLIC_HOST",
            "SEALING_PASSWORD",
            "SEALING_TRUST",
            "TIME_STAMP_URL",
            "TIME_STAMP_TRUST",
        }


def test_the_issuer_and_every_secret_are_required(compose):
    for _, service in ours(compose):
        assert service["environment"]["OIDC_ISSUER"].startswith("${OIDC_ISSUER:?")
    text = COMPOSE.read_text(encoding="utf-8")
    for variable in re.findall(r"\$\{([A-Z_]*(?:PASSWORD|SECRET))\b", text):
        assert not re.search(rf"\$\{{{variable}(?!:\?)", text), variable


def test_only_the_development_profile_opens_the_development_issuer(compose):
    opened = {
        name
        for name, service in ours(compose)
        if "DEVELOPMENT_ISSUER_ON_PRIVATE_NETWORK" in service["environment"]
    }
    assert opened == {"issuer"}
    assert "ports" not in compose["services"]["issuer"]


def test_ports_are_published_on_this_machine_only(compose):
    published = [port for service in compose["services"].values() for port in service.get("ports", ())]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_new_env_gives_every_required_variable(compose):
    printed = subprocess.run(
        [ROOT / "deploy" / "new-env.sh"], capture_output=True, text=True, check=True
    ).stdout
    given = {line.partition("=")[0] for line in printed.splitlines()}
    required = set(re.findall(r"\$\{([A-Z_]+):\?", COMPOSE.read_text(encoding="utf-8")))
    assert required <= given
    again = subprocess.run(
        [ROOT / "deploy" / "new-env.sh"], capture_output=True, text=True, check=True
    ).stdout
    secret = re.compile(r"^SERVICE_CLIENT_SECRET=[0-9a-f]{48}$", re.MULTILINE)
    assert secret.findall(printed) != secret.findall(again) != []


def test_the_dockerfile_passes_hadolint():
    done = tool("hadolint", DOCKERFILE)
    assert done.returncode == 0, done.stdout + done.stderr


def test_hadolint_would_notice_an_unpinned_base(tmp_path):
    bad = tmp_path / "Dockerfile"
    bad.write_text("FROM python:latest\nRUN cd /tmp && pip install flask\n", encoding="utf-8")
    assert tool("hadolint", bad).returncode == 1


def test_the_image_is_locked_without_root_and_checked():
    text = DOCKERFILE.read_text(encoding="utf-8")
    assert len(re.findall(r"^FROM ", text, re.MULTILINE)) == 2
    installs = re.findall(r"pip install(?:[^&]|&(?!&))*", text)
    assert installs
    assert all("--require-hashes" in command and "--only-binary :all:" in command for command in installs)
    assert re.search(r"^USER (?!0|root)\S+$", text, re.MULTILINE)
    assert re.search(r"^HEALTHCHECK ", text, re.MULTILINE)


@pytest.fixture
def local_binaries() -> Path:
    try:
        return find_binaries()
    except ServerMissingError as reason:
        pytest.skip(str(reason))


def test_the_init_script_gives_each_role_its_own_database_only(
    own_postgres: PostgresServer, local_binaries: Path
):
    url = make_url(own_postgres.url())
    host, port = str(url.query.get("host") or url.host), str(url.port or 5432)
    passwords = {f"{name.upper()}_DATABASE_PASSWORD": "it's secret" for name in settings.SERVICES}
    subprocess.run(
        ["bash", ROOT / "deploy" / "postgres" / "init.sh"],
        env={
            **os.environ,
            "PATH": f"{local_binaries}:{os.environ['PATH']}",
            "PGHOST": host,
            "PGPORT": port,
            "PGPASSWORD": url.password or "",
            "POSTGRES_USER": url.username or "",
            **passwords,
        },
        check=True,
    )

    def connect(role: str, database: str) -> psycopg.Connection:
        return psycopg.connect(host=host, port=port, user=role, password="it's secret", dbname=database)

    with connect("admission", "admission") as own:
        own.execute("CREATE TABLE works (x integer)")
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        connect("admission", "certification")
