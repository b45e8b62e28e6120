"""A larger certificate, which names others by id and digest, is a certificate to every verifier from outside."""

import copy
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from openbadgeslib.ob3.verifier import OB3VerificationError

from tests.integration.certification.stacking import BODY, Stacking
from tests.integration.certification.workshop import Workshop
from tests.verifiers.judges import Published
from tests.verifiers.test_digitalbazaar import judge as by_digitalbazaar
from tests.verifiers.test_openbadgeslib import judge as by_openbadgeslib
from tests.verifiers.test_verifier_core import GOOD
from tests.verifiers.test_verifier_core import judge as by_verifier_core


class Larger(Published):
    """What is published of the larger certificate of `stacking`."""

    def __init__(self, stacking: Stacking) -> None:
        super().__init__(stacking.workshop, stacking.first)
        self.certificate_id = stacking.granted()["certificate_id"]

    def rendered(self, media_type: str) -> bytes:
        token = self.workshop.token("registrar", BODY)
        path = f"/certification/v1/certificates/{self.certificate_id}"
        answer = self.workshop.get(path, token, media_type)
        assert (answer.status_code, answer.content_type) == (200, media_type)
        content: bytes = answer.data
        return content


@pytest.fixture
def larger(tmp_path: Path) -> Iterator[Larger]:
    workshop = Workshop(f"sqlite:///{tmp_path / 'certification.sqlite'}", tmp_path)
    workshop.clock.moment = datetime.now(UTC) - timedelta(hours=1)
    yield Larger(Stacking(workshop))
    workshop.database.dispose()


def test_openbadgeslib_accepts_it_and_refuses_another_digest(larger: Larger) -> None:
    credential = larger.credential()
    by_openbadgeslib(larger, credential)
    changed = copy.deepcopy(credential)
    changed["relatedResource"][0]["digestSRI"] = changed["relatedResource"][1]["digestSRI"]
    with pytest.raises(OB3VerificationError, match="signature mismatch"):
        by_openbadgeslib(larger, changed)


def test_digitalbazaar_accepts_it_and_refuses_another_digest(verifier: Path, larger: Larger) -> None:
    credential = larger.credential()
    verdict = by_digitalbazaar(verifier, credential, larger.documents())
    assert verdict == {"verified": True, "status": [False], "errors": []}
    changed = copy.deepcopy(credential)
    changed["relatedResource"][0]["digestSRI"] = changed["relatedResource"][1]["digestSRI"]
    assert not by_digitalbazaar(verifier, changed, larger.documents())["verified"]


def test_verifier_core_accepts_it(verifier: Path, larger: Larger) -> None:
    found = by_verifier_core(verifier, larger, larger.credential())
    assert (found["errors"], found["steps"]) == ([], GOOD)


def test_the_vc_api_of_ours_accepts_it_and_warns_of_what_has_no_address(larger: Larger) -> None:
    credential = larger.credential()
    listed = credential["credentialStatus"]["statusListCredential"]
    larger.workshop.web.documents = {listed: larger.fetch(listed).decode()}
    body = {"verifiableCredential": credential}
    answer = larger.workshop.client.post("/credentials/verify", json=body)
    found = answer.get_json()
    assert (answer.status_code, found["verified"]) == (200, True), found
    assert [warning["title"] for warning in found["warnings"]] == ["related"]
