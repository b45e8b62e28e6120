"""Published versions are fetched once, checked against their digest and kept for ever (ADR 0004)."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from shared.db import Database
from shared.messaging.documents import WrongDocumentError, digest_of, kept_document, published_document
from shared.messaging.jobs import Job, JobContext
from shared.messaging.unit_of_work import Cause, Transactions
from shared.migrations import MESSAGING, History
from shared.settings import load_settings
from tests.support.documents import digest, offering


class Admission:
    def __init__(self, answer: dict[str, Any]) -> None:
        self.answer = answer
        self.asked = 0

    def get(self, service: str, path: str) -> dict[str, Any]:
        assert (service, path) == ("admission", "/admission/v1/offerings/sustainability/versions/1")
        self.asked += 1
        return self.answer


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    with database.write() as connection:
        History(MESSAGING).upgrade(connection)
    yield database
    database.dispose()


def context(database: Database, admission: Admission, home: Path) -> JobContext:
    job = Job("keep", "x", SimpleNamespace(), 0, {}, 1, Cause("c"))  # type: ignore[arg-type]
    settings = load_settings({"PASSERELLE_HOME": str(home)})
    return JobContext(settings, Transactions("enrolment", database), admission, job)  # type: ignore[arg-type]


def test_a_version_is_asked_for_once(database: Database, tmp_path: Path) -> None:
    admission = Admission(offering())
    job = context(database, admission, tmp_path)
    first = published_document(job, "offerings", "sustainability", 1)
    assert published_document(job, "offerings", "sustainability", 1) == first == offering()
    assert admission.asked == 1
    with database.read() as connection:
        assert kept_document(connection, "offerings", "sustainability", 1) == first
        assert kept_document(connection, "offerings", "sustainability", 2) is None


@pytest.mark.parametrize("wrong", [{"version": 2}, {"id": "other"}, {"title": {"en": "Changed on the way"}}])
def test_what_is_not_the_version_asked_for_is_not_kept(
    database: Database, tmp_path: Path, wrong: dict[str, Any]
) -> None:
    job = context(database, Admission({**offering(), **wrong}), tmp_path)
    with pytest.raises(WrongDocumentError):
        published_document(job, "offerings", "sustainability", 1)
    with database.read() as connection:
        assert kept_document(connection, "offerings", "sustainability", 1) is None


def test_the_digest_is_that_of_the_publisher() -> None:
    assert digest_of(offering()) == digest(offering()) == offering()["digest"]
