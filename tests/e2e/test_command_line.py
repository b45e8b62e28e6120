"""The command `passerelle` as an operator types it, against a running embedded system."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local_servers.process import wait_until
from shared.clock import SystemClock
from shared.db import Database
from shared.messaging import parking
from shared.messaging.log.base import Record
from tests.support.running import PATIENCE, Running, running_system

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_system(tmp_path_factory.mktemp("home") / "home") as running:
        yield running


def passerelle(home: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "services.cli", *arguments],
        cwd=ROOT,
        env={**os.environ, "PASSERELLE_HOME": str(home), **variables},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def test_status_tells_of_every_service(system: Running) -> None:
    def tells_of_all_leases() -> bool:
        done = passerelle(system.settings.home, "status", "--json")
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert set(found) == {"admission", "enrolment", "assessment", "certification"}
        assert [service["parked"] for service in found.values()] == [0] * 4
        leases = [{lease["name"] for lease in service["leases"]} for service in found.values()]
        return leases == [{"relay", "jobs"}] * 4

    # A worker that had no turn for three seconds holds none for a moment.
    wait_until(tells_of_all_leases, seconds=PATIENCE, what="the status tells of all leases")


def test_one_database_that_is_away_does_not_hide_the_others(system: Running) -> None:
    away = {"ENROLMENT_DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:1/none"}

    def tells_of_the_others() -> bool:
        done = passerelle(system.settings.home, "status", **away)
        assert done.returncode == 0
        assert "cannot be read" in done.stdout
        return done.stdout.count("relay") == 3

    wait_until(tells_of_the_others, seconds=PATIENCE, what="the status tells of the three others")


def test_status_of_a_home_without_a_system_says_what_to_do(tmp_path: Path) -> None:
    done = passerelle(tmp_path / "home", "status")
    assert done.returncode == 0
    assert done.stdout.count("cannot be read: a database is not migrated: passerelle migrate") == 4
    assert not (tmp_path / "home").exists(), "nothing is left behind that a backup would take for a system"


def test_a_home_that_is_made_is_its_owners(tmp_path: Path) -> None:
    """Its databases hold personal data."""
    assert passerelle(tmp_path / "home", "migrate", "admission").returncode == 0
    assert (tmp_path / "home").stat().st_mode & 0o077 == 0


def test_a_parked_event_is_listed_and_given_up_only_for_a_reason(system: Running) -> None:
    home = system.settings.home
    database: Database = system.databases["enrolment"]
    record = Record("passerelle.admission.v1", 0, 10_000, "key-1", (), b"not an event")
    with database.write() as connection:
        parking.park(connection, record, SystemClock().now(), reason="unreadable: made by a test")
    listed = passerelle(home, "parked", "list", "enrolment")
    assert "key-1" in listed.stdout
    assert "made by a test" in listed.stdout
    number = listed.stdout.split()[0]
    assert passerelle(home, "parked", "discard", "enrolment", number).returncode == 2
    assert passerelle(home, "parked", "discard", "enrolment", number, "--reason", "a test").returncode == 0
    assert "0 parked" in passerelle(home, "parked", "list", "enrolment").stdout
    unknown = passerelle(home, "parked", "retry", "enrolment", number)
    assert unknown.returncode == 1
    assert f"no event {number} is parked" in unknown.stderr
    assert "Traceback" not in unknown.stderr

    def lifted() -> bool:
        with database.write() as connection:
            return not parking.is_blocked(connection, record.topic, "key-1")

    wait_until(lifted, seconds=PATIENCE, what="the block of the key falls once its queue is empty")


def test_a_token_of_the_command_opens_the_doors_of_its_role(system: Running) -> None:
    variables = {"BIND": system.settings.bind}
    made = passerelle(
        system.settings.home, "token", "--role", "coordinator", "--institution", "helsinki.fi", **variables
    )
    token = made.stdout.strip()
    assert system.call("GET", "/admission/v1/events", token)[0] == 200
    assert system.call("GET", "/admission/v1/events")[0] == 401


def test_a_backup_taken_while_it_runs_is_restored_into_an_empty_home(system: Running, tmp_path: Path) -> None:
    archive = tmp_path / "backup.tar.gz"
    learner = system.token("learner", subject="kept")
    record = {
        "given_name": "Živilė",
        "family_name": "Žemaitytė",
        "date_of_birth": "1986-11-02",
        "email": "zivile@example.org",
        "country_of_residence": "LT",
    }
    made = system.ok("POST", "/admission/v1/learners", learner, record)
    wait_until(system.is_settled, seconds=PATIENCE, what="the system comes to rest")
    assert passerelle(system.settings.home, "backup", str(archive)).returncode == 0
    assert archive.stat().st_mode & 0o077 == 0
    again = passerelle(system.settings.home, "backup", str(archive))
    assert again.returncode == 1
    assert "exists" in again.stderr

    restored = tmp_path / "restored"
    assert passerelle(restored, "restore", str(archive)).returncode == 0
    occupied = passerelle(restored, "restore", str(archive))
    assert occupied.returncode == 1
    assert "not empty" in occupied.stderr
    with running_system(restored) as copy:
        found = copy.ok("GET", f"/admission/v1/learners/{made['id']}", copy.token("service"))
        assert found["family_name"] == "Žemaitytė"
        wait_until(copy.is_settled, seconds=PATIENCE, what="the restored system comes to rest")


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken.tar.gz"
    broken.write_bytes(b"not an archive")
    done = passerelle(tmp_path / "home", "restore", str(broken))
    assert done.returncode == 1
    assert "not a backup" in done.stderr


def test_malformed_settings_are_one_line(tmp_path: Path) -> None:
    done = passerelle(tmp_path, "status", WEB_THREADS="many")
    assert done.returncode == 1
    assert "WEB_THREADS" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("command", "variables", "said"),
    [
        ("parked list admission", {}, "passerelle migrate"),
        ("audit decisions", {}, "passerelle migrate"),
        (
            "migrate admission",
            {"ADMISSION_DATABASE_URL": "postgresql+psycopg://x@127.0.0.1:1/x"},
            "cannot be used",
        ),
        ("migrate admission", {"ADMISSION_DATABASE_URL": "nonsense"}, "URL"),
        ("status", {"SERVICE_CLIENT_SECRET_FILE": "/nowhere/secret"}, "/nowhere/secret"),
        ("migrate admission", {"PASSERELLE_HOME": "/dev/null/home"}, "/dev/null"),
        ("audit certificates", {}, "passerelle migrate"),
        ("keys list", {}, "passerelle migrate"),
        ("worker certification", {"PKCS11_MODULE": "/nowhere/module.so"}, "PKCS11_TOKEN"),
        (
            "worker certification",
            {"PASSERELLE_ENV": "production", "OIDC_ISSUER": "https://x", "SERVICE_CLIENT_SECRET": "x" * 32},
            "openssl rand -hex 32",
        ),
        (
            "worker certification",
            {"PKCS11_MODULE": "/nowhere/module.so", "PKCS11_TOKEN": "x", "PKCS11_PIN": "1"},
            "module.so",
        ),
    ],
)
def test_what_an_operator_can_mend_is_one_line(
    tmp_path: Path, command: str, variables: dict[str, str], said: str
) -> None:
    done = passerelle(tmp_path, *command.split(), **variables)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
