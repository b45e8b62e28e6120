"""`.ci/run` may not pass with PostgreSQL or Kafka left out: the guard, and what happens without it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

ASKS_FOR_BOTH = (
    "def test_it(postgres_server, kafka_bootstrap):\n    assert postgres_server and kafka_bootstrap\n"
)
ASKS_FOR_NONE = "def test_it():\n    assert True\n"


@pytest.fixture
def run(tmp_path: Path):
    """Runs a small suite with our plugin on a machine whose PATH, Java and PostgreSQL are hidden."""

    def run(suite: str, **variables: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "test_it.py").write_text(suite, encoding="utf-8")
        hidden = {"PATH": str(tmp_path), "DOCKER_HOST": f"unix://{tmp_path}/none", "JAVA_HOME": str(tmp_path)}
        without_binaries = (
            "import sys, pathlib, pytest\n"
            "import deploy.local_servers.postgres as postgres\n"
            "postgres._DEBIAN = pathlib.Path('/nonexistent')\n"
            "sys.exit(pytest.main(['-q', '-p', 'tests.servers.plugin', '-p', 'no:cacheprovider', sys.argv[1]]))\n"
        )
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PASSERELLE_", "PYTEST"))
        }
        return subprocess.run(
            [sys.executable, "-c", without_binaries, str(tmp_path)],
            cwd=ROOT,
            env={**inherited, **hidden, **variables},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_without_servers_their_tests_are_skipped_with_what_to_install(run):
    done = run(ASKS_FOR_BOTH)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 skipped" in done.stdout
    assert "apt install postgresql" in done.stdout


def test_where_servers_are_required_a_skip_is_a_failure(run):
    done = run(ASKS_FOR_BOTH, PASSERELLE_REQUIRE_SERVERS="1")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "skipped" not in done.stdout.splitlines()[-1]


def test_where_servers_are_required_a_run_that_never_asks_for_them_fails(run):
    done = run(ASKS_FOR_NONE, PASSERELLE_REQUIRE_SERVERS="1")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "no test ran on PostgreSQL or Apache Kafka" in done.stdout


def test_elsewhere_a_run_that_never_asks_for_servers_passes(run):
    done = run(ASKS_FOR_NONE)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_server_that_was_named_but_does_not_answer_is_a_failure_not_a_skip(run):
    done = run(
        ASKS_FOR_BOTH,
        PASSERELLE_TEST_POSTGRES="postgresql+psycopg://nobody@127.0.0.1:1/none",
    )
    assert done.returncode == 1
    assert "does not answer" in done.stdout


def test_ci_requires_the_servers():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert script.index("export PASSERELLE_REQUIRE_SERVERS=1") < script.index("make test")
