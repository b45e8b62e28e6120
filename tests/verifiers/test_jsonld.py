"""Our canonical form is that of jsonld.js: on every credential of the folder, and on generated ones (section 6)."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from services.certification.formats.canonical import NotCanonicalError, canonical_form
from services.certification.formats.general import general_form
from services.certification.formats.shelf import _PINNED, shelved_context
from tests.support.generated import documents
from tests.unit.certification.test_canonical import CASES, DOCUMENTS

Canonize = Callable[[dict[str, Any]], Any]


@pytest.fixture(scope="module")
def by_jsonld(verifier: Path) -> Iterator[Canonize]:
    """jsonld.js as one process that answers document by document."""
    command = ["node", "canonize.mjs"]
    with subprocess.Popen(command, cwd=verifier, stdin=-1, stdout=-1, text=True, encoding="utf-8") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        source, answers = process.stdin, process.stdout

        def send(line: Any) -> None:
            source.write(f"{json.dumps(line)}\n")
            source.flush()

        def canonize(document: dict[str, Any]) -> Any:
            send(document)
            return json.loads(answers.readline())

        send({"contexts": {url: shelved_context(url) for url in _PINNED}})
        yield canonize
        source.close()
        assert process.wait(120) == 0


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_we_sign_has_the_form_of_jsonld(by_jsonld: Canonize, name: str) -> None:
    assert canonical_form(DOCUMENTS[name]) == by_jsonld(DOCUMENTS[name])


def test_every_credential_of_the_folder_has_the_form_of_jsonld(by_jsonld: Canonize) -> None:
    """What we refuse for a loss jsonld.js refuses too (in its safe mode), except null, which it drops silently."""
    compared = 0
    for file in CASES:
        document = {name: value for name, value in json.loads(file.read_bytes()).items() if name != "proof"}
        try:
            form = general_form(document)
        except NotCanonicalError:
            assert file.stem == "added-null" or "error" in by_jsonld(document), file.stem
            continue
        assert form == by_jsonld(document), file.stem
        compared += 1
    assert compared >= 40


def in_one_order(document: dict[str, Any]) -> bool:
    """JavaScript sorts by UTF-16, RDFC-1.0 by code points: only beyond the basic plane do they differ."""
    return max(map(ord, json.dumps(document, ensure_ascii=False))) <= 0xFFFF


@given(documents().filter(in_one_order))
@settings(
    max_examples=300,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_a_generated_document_has_the_form_of_jsonld_or_is_refused(
    by_jsonld: Canonize, document: dict[str, Any]
) -> None:
    try:
        form = canonical_form(document)
    except NotCanonicalError:
        return
    if form:  # of a document that says nothing jsonld.js makes an error
        assert form == by_jsonld(document)
