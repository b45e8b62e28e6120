"""ADM-32: whatever a learner presents is refused by its place, or can be named in a statement as it reads."""

import copy
import json
import random
from dataclasses import replace
from typing import Any

import pytest

from services.certification.formats.statements import signed_statement
from services.certification.handlers.presented import presented_again, read_presented
from services.certification.handlers.presented_examination import holder_of
from shared.annex1 import Learner
from shared.annex1.readers import open_badges
from shared.domain import InvalidError
from tests.credentials.generate import signed, unsigned
from tests.support.hostile import VALUES
from tests.unit.certification.test_statements import PARTLY, SEAL

BY = "did:key:z6MkehRgf7yJbgaGfYsdoAsKdBPE3dj2CYhowQdcjqSJgvVd"
HOLDER = Learner("Ελένη", "Παπαδοπούλου", "1990-02-28")


def good() -> dict[str, Any]:
    document = copy.deepcopy(unsigned(BY))
    document["credentialSubject"] |= {
        "creditsEarned": 4,
        "identifier": [
            {"type": "IdentityObject", "hashed": False, "identityHash": "Jo", "identityType": "name"},
            {
                "type": "IdentityObject",
                "hashed": False,
                "identityHash": "1990-02-28",
                "identityType": "ext:dateOfBirth",
            },
        ],
    }
    return signed(document)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    return [place for key, member in members for place in ((*path, key), *places(member, (*path, key)))]


def test_nothing_that_is_presented_surprises_us() -> None:
    """Every place of a good one with every hostile value: what can be read can be signed."""
    base, draw, read = good(), random.Random(20261122), 0
    for place in places(base):
        for value in draw.sample(VALUES, min(12, len(VALUES))):
            document = copy.deepcopy(base)
            *parents, key = place
            container: Any = document
            for parent in parents:
                container = container[parent]
            container[key] = value
            try:
                presented = read_presented(document)
            except InvalidError:
                continue
            read += 1
            basis = presented.basis
            assert basis.credits is None or 0 < float(basis.credits) <= 1000
            assert basis.eqf is None or basis.eqf in range(1, 9)
            holder_of(presented.reading, HOLDER)
            signed_statement(replace(PARTLY, basis=basis), SEAL)
    assert read > 100


@pytest.mark.parametrize("garbage", ["", "a.b.c", "{}", "[]", "data:image/png;base64,", {}, {"type": []}])
def test_what_is_no_certificate_is_refused_by_its_place(garbage: Any) -> None:
    with pytest.raises(InvalidError) as refused:
        read_presented(garbage)
    assert refused.value.pointers[0].pointer == "/credential"


def test_what_belongs_in_a_wallet_is_not_filed() -> None:
    claims = {"vct": "urn:eu.europa.ec.eudi:learning:credential:1", "achievement_title": "Seas"}
    with pytest.raises(InvalidError) as refused:
        read_presented(claims)
    assert "Open Badges 3.0" in refused.value.pointers[0].detail


def test_its_digest_is_that_of_what_is_kept_whatever_the_order_of_its_members() -> None:
    document = good()
    turned = dict(reversed(document.items()))
    presented = read_presented(document)
    assert read_presented(turned).digest == presented.digest
    assert presented_again(presented.media_type, presented.content).basis == presented.basis
    assert json.loads(presented.content) == document


def test_one_without_an_identifier_is_named_by_its_digest() -> None:
    document = {name: value for name, value in good().items() if name != "id"}
    presented = read_presented(document)
    assert presented.basis.credential_id == "urn:sha256:" + presented.digest.removeprefix("sha256:")


def reading(*names: str, born: str | None = None) -> Any:
    identities = [("name", name) for name in names] + ([("ext:dateOfBirth", born)] if born else [])
    subject = {
        "identifier": [
            {"type": "IdentityObject", "hashed": False, "identityHash": value, "identityType": kind}
            for kind, value in identities
        ]
    }
    return open_badges.read({"type": ["OpenBadgeCredential"], "credentialSubject": subject})


COMPARED = [
    (reading("Ελένη Παπαδοπούλου"), "same"),
    (reading("ΠΑΠΑΔΟΠΟΥΛΟΥ, Ελενη", born="1990-02-28"), "same"),
    (reading("Ελένη Παπαδοπούλου", born="1991-02-28"), "different"),
    (reading("Maria Garcia"), "different"),
    (reading(), "unknown"),
]


@pytest.mark.parametrize(("stated", "found"), COMPARED)
def test_holders_are_compared_as_people_read_names(stated: Any, found: str) -> None:
    assert holder_of(stated, HOLDER) == found
    assert holder_of(stated, Learner()) == "unknown"
