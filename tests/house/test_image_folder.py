"""Each service starts, web and worker, in a plain folder that holds only what its image holds."""

import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.local_servers.process import free_port, wait_until

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("admission", "enrolment", "assessment", "certification")


def copied(service: str) -> list[tuple[str, ...]]:
    """The last stage's COPY instructions for `service`: sources and, last, the target."""
    last_stage = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8").rpartition("\nFROM ")[2]
    lines = re.findall(r"^COPY (?!--from)(.+)$", last_stage, re.MULTILINE)
    return [tuple(line.replace("${SERVICE}", service).split()) for line in lines]


@pytest.fixture
def image(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    folder = tmp_path / "image"
    for *sources, target in copied(request.param):
        for source in sources:
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, folder / target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                (folder / target).mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / source, folder / target)
    return folder


class Installation:
    """`python -m services.cli` in the image's folder, as the image's entry point does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.web_port, self.worker_port = free_port(), free_port()
        self._command = [sys.executable, "-m", "services.cli"]
        inherited = {
            name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ
        }
        self._environment = {
            **inherited,
            "PASSERELLE_HOME": str(folder.parent / "home"),
            "BIND": f"127.0.0.1:{self.web_port}",
            "WORKER_PORT": str(self.worker_port),
        }

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self._command, *arguments],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )

    @contextmanager
    def running(self, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        log = self.folder.parent / f"{arguments[0]}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*self._command, *arguments],
                cwd=self.folder,
                env=self._environment,
                stdout=output,
                stderr=output,
            )
        try:
            yield process
        except Exception as error:
            error.add_note(log.read_text(encoding="utf-8")[-4000:])
            raise
        finally:
            process.kill()
            process.wait()


def ready(process: subprocess.Popen[bytes], port: int) -> bool:
    assert process.poll() is None, "ended before it was ready"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@pytest.mark.parametrize(("service", "image"), [(name, name) for name in SERVICES], indirect=["image"])
def test_a_service_starts_with_only_its_own_files(service, image):
    installation = Installation(image)
    for step in (("migrate", service), ("topics",)):
        done = installation.run(*step)
        assert done.returncode == 0, done.stderr
    with installation.running("web", service) as web, installation.running("worker", service) as worker:
        wait_until(lambda: ready(web, installation.web_port), seconds=180, what="web is ready")
        wait_until(lambda: ready(worker, installation.worker_port), seconds=180, what="worker is ready")
        for process in (web, worker):
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=120) == 0


@pytest.mark.parametrize("image", ["admission"], indirect=True)
def test_the_folder_holds_one_service_and_nothing_of_the_repository_is_reached(image):
    held = {entry.name for entry in (image / "services").iterdir()}
    assert held == {"__init__.py", "cli", "admission"}
    assert {entry.name for entry in image.iterdir()} == {"services", "shared"}
    program = "import services.cli, shared.settings as s; print(services.cli.__file__, s.__file__)"
    found = subprocess.run(
        [sys.executable, "-c", program], cwd=image, capture_output=True, text=True, check=True
    )
    assert all(Path(file).is_relative_to(image) for file in found.stdout.split())


@pytest.mark.parametrize("image", ["admission"], indirect=True)
def test_another_service_cannot_be_started_there(image):
    done = Installation(image).run("web", "enrolment")
    assert done.returncode != 0
    assert "enrolment" in done.stderr
    assert "Traceback" not in done.stderr
