"""Health: what is vital decides, what only has to catch up is reported (200)."""

import json

import pytest
import urllib3

from shared.web.health import Check, report_on, serve_worker_health


def broken():
    raise ConnectionError("with details nobody should see")


def test_a_vital_trouble_means_not_ready():
    report = report_on([Check("database", lambda: "not migrated", vital=True), Check("log", lambda: None)])
    assert (report.status, report.document()["status"]) == (503, "unavailable")


def test_any_other_trouble_means_degraded():
    report = report_on([Check("database", lambda: None, vital=True), Check("log", lambda: "away")])
    assert report.status == 200
    assert report.document() == {"status": "degraded", "troubles": {"log": "away"}}


def test_all_well():
    assert report_on([Check("database", lambda: None, vital=True)]).document() == {
        "status": "ready",
        "troubles": {},
    }


def test_a_check_that_raises_is_a_trouble_without_details():
    report = report_on([Check("database", broken, vital=True)])
    assert report.document() == {"status": "unavailable", "troubles": {"database": "ConnectionError"}}


class Worker:
    service = "admission"

    def __init__(self):
        self.found = {}
        self.for_a_person = {}

    def troubles(self):
        return self.found

    def stuck(self):
        return self.for_a_person


@pytest.fixture
def worker():
    return Worker()


@pytest.fixture
def address(worker):
    health = serve_worker_health(0, worker, "127.0.0.1")
    yield f"http://127.0.0.1:{health.port}"
    health.close()


def test_a_worker_answers_probes(address, worker):
    with urllib3.PoolManager(retries=False) as pool:
        assert pool.request("GET", f"{address}/healthz").status == 200
        ready = pool.request("GET", f"{address}/readyz")
        assert json.loads(ready.data) == {"status": "ready", "troubles": {}}
        worker.found = {"relay": "LogUnavailableError: broker.internal:9092 with details", "jobs": "ended"}
        degraded = pool.request("GET", f"{address}/readyz")
        assert degraded.status == 200
        assert json.loads(degraded.data)["troubles"] == {"worker.admission": "jobs, relay"}
        assert pool.request("GET", f"{address}/other").status == 404


def test_a_worker_that_waits_for_a_person_is_not_ready(address, worker):
    """The runbook "The log lost records" promises it."""
    worker.found = worker.for_a_person = {"consumer": "OffsetLostError"}
    with urllib3.PoolManager(retries=False) as pool:
        answer = pool.request("GET", f"{address}/readyz")
    assert answer.status == 503
    assert json.loads(answer.data)["status"] == "unavailable"
