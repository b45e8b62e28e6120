"""Our verifier gives the expected verdict on each credential of the folder, which is what its script writes."""

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from services.certification.handlers.foreign import AT_ONCE, examiner, places, verify_any
from services.certification.handlers.issuer_metadata import IssuerDocuments
from services.certification.handlers.presentation_checks import Expected
from services.certification.handlers.presentations import verify_presentation
from services.certification.handlers.verification import Verdict
from services.certification.store.tables import metadata
from shared.db import Database
from shared.settings import Settings, load_settings
from tests.credentials.generate import HERE, files
from tests.support.addresses import Addresses

EXPECTED: dict[str, Any] = json.loads((HERE / "expected.json").read_text(encoding="utf-8"))
DOCUMENTS: dict[str, Any] = json.loads((HERE / "documents.json").read_text(encoding="utf-8"))
AT = datetime.fromisoformat(EXPECTED["at"])


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("credentials")
    return load_settings({"PASSERELLE_HOME": str(folder), "PUBLIC_URL": "https://certificates.example.org"})


@pytest.fixture(scope="module")
def connection(settings: Settings) -> Any:
    database = Database(f"sqlite:///{settings.home / 'certification.sqlite'}")
    settings.home.mkdir(parents=True, exist_ok=True)
    with database.write() as connection:
        metadata.create_all(connection)
    with database.read() as connection:
        yield connection
    database.dispose()


def presented(case: dict[str, str]) -> Any:
    text = (HERE / case["file"]).read_text(encoding="utf-8")
    return json.loads(text) if case["file"].endswith(".json") else text.strip()


def judged(connection: sa.Connection, settings: Settings, case: dict[str, str]) -> Verdict:
    fetcher: Any = Addresses(DOCUMENTS)
    if not case["file"].endswith(".sdjwt"):
        return verify_any(connection, settings, AT, fetcher, presented(case))
    documents = IssuerDocuments(examiner(connection, settings, AT, fetcher).resolver)
    expected = Expected(case["nonce"], case["audience"])
    return verify_presentation(connection, settings, AT, documents, presented(case), expected=expected)


@pytest.mark.parametrize("case", EXPECTED["cases"], ids=lambda case: case["case"])
def test_the_verdict_is_the_expected_one(
    connection: sa.Connection, settings: Settings, case: dict[str, str]
) -> None:
    found = judged(connection, settings, case)
    assert found.verdict == case["verdict"], [check for check in found.checks if check.outcome != "passed"]


@pytest.mark.parametrize("kind", [".json", ".jwt", ".sdjwt"])
def test_so_many_are_looked_at_at_once_and_others_are_told_to_come_again(
    connection: sa.Connection, settings: Settings, kind: str
) -> None:
    """Issuers that answer slowly never take all threads."""
    good = [case for case in EXPECTED["cases"] if case["verdict"] == "valid_with_remark"]
    case = next(case for case in good if case["file"].endswith(kind))
    for _ in range(AT_ONCE):
        assert places.acquire(blocking=False)
    try:
        refused = judged(connection, settings, case)
    finally:
        for _ in range(AT_ONCE):
            places.release()
    assert refused.verdict == "could_not_be_checked"
    assert {check.outcome for check in refused.checks if check.name == "proof"} == {"unchecked"}
    for _ in range(AT_ONCE + 1):
        assert judged(connection, settings, case).verdict == "valid_with_remark", "a place is given back"


def test_the_folder_is_what_the_script_writes() -> None:
    written = {
        str(path.relative_to(HERE)): path.read_text(encoding="utf-8")
        for path in [*HERE.glob("*.json"), *(HERE / "cases").iterdir()]
    }
    assert written == files()


def test_the_folder_has_enough_of_each_kind() -> None:
    verdicts = Counter(case["verdict"] for case in EXPECTED["cases"])
    assert verdicts["not_valid"] >= 30
    assert verdicts["valid_with_remark"] >= 10
    assert verdicts["could_not_be_checked"] >= 5


def test_nothing_in_it_names_this_machine() -> None:
    assert not any(str(Path.home()) in content for content in files().values())
