"""@digitalbazaar/vc, of another author in another language, agrees on what stands, what was changed and what ended."""

import copy
from pathlib import Path
from typing import Any

import pytest

from tests.verifiers.judges import OFFERINGS, Document, Published
from tests.verifiers.node import run


def judge(verifier: Path, credential: Document, documents: dict[str, Document]) -> dict[str, Any]:
    verdict: dict[str, Any] = run(verifier, "verify.mjs", {"credential": credential, "documents": documents})
    return verdict


@pytest.mark.parametrize("published", OFFERINGS, indirect=True)
def test_it_accepts_what_is_published(verifier: Path, published: Published) -> None:
    verdict = judge(verifier, published.credential(), published.documents())
    assert verdict == {"verified": True, "status": [False], "errors": []}


@pytest.mark.parametrize("member", ["name", "validFrom"])
def test_it_refuses_a_tampered_copy(verifier: Path, published: Published, member: str) -> None:
    tampered = copy.deepcopy(published.credential())
    tampered[member] = {"name": "Brain surgery", "validFrom": "2020-01-01T00:00:00Z"}[member]
    verdict = judge(verifier, tampered, published.documents())
    assert not verdict["verified"]
    assert any("Invalid signature" in error for error in verdict["errors"]), verdict


@pytest.mark.parametrize("how", ["suspended", "revoked"])
def test_it_sees_that_a_copy_is_withdrawn(verifier: Path, published: Published, how: str) -> None:
    credential = published.credential()
    published.withdraw(how)
    assert judge(verifier, credential, published.documents())["status"] == [True]


def test_it_refuses_an_expired_copy(verifier: Path, published: Published) -> None:
    verdict = judge(verifier, published.expired(), published.documents())
    assert not verdict["verified"]
    assert any('after "validUntil"' in error for error in verdict["errors"]), verdict


def test_it_refuses_a_forged_status_list(verifier: Path, published: Published) -> None:
    """A list that lost its bit after it was signed does not lift a suspension."""
    credential, before = published.credential(), published.documents()
    published.suspend()
    address = credential["credentialStatus"]["statusListCredential"]
    forged = {**published.documents()[address]}
    forged["credentialSubject"] = before[address]["credentialSubject"]
    verdict = judge(verifier, credential, {**before, address: forged})
    assert verdict["status"] != [False]
