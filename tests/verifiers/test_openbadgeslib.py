"""openbadgeslib accepts what is published and refuses a tampered, an expired and a withdrawn copy."""

import copy
import json

import pytest
from openbadgeslib.ob3.ldp import OB3LdpVerifier
from openbadgeslib.ob3.verifier import OB3VerificationError

from tests.verifiers.judges import OFFERINGS, Document, Published, did_address


def judge(published: Published, credential: Document, *, check_list: bool = False) -> None:
    """Return when openbadgeslib accepts, with the issuer's key from its DID document and the published list."""
    did = credential["issuer"]["id"]

    def download(url: str) -> bytes:
        assert url == did_address(did) or url == credential["credentialStatus"]["statusListCredential"]
        return published.fetch(url)

    OB3LdpVerifier.for_issuer_did(did).verify(
        json.dumps(credential, ensure_ascii=False),
        download=download,
        check_status=True,
        verify_status_list=check_list,
    )


@pytest.mark.parametrize("published", OFFERINGS, indirect=True)
def test_it_accepts_what_is_published(published: Published) -> None:
    judge(published, published.credential())


@pytest.mark.parametrize("member", ["name", "validFrom", "id"])
def test_it_refuses_a_tampered_copy(published: Published, member: str) -> None:
    tampered = copy.deepcopy(published.credential())
    tampered[member] = {"name": "Brain surgery", "validFrom": "2020-01-01T00:00:00Z", "id": "urn:uuid:0"}[
        member
    ]
    with pytest.raises(OB3VerificationError, match="signature mismatch"):
        judge(published, tampered)


@pytest.mark.parametrize("how", ["suspended", "revoked"])
def test_it_refuses_a_withdrawn_copy(published: Published, how: str) -> None:
    credential = published.credential()
    published.withdraw(how)
    with pytest.raises(OB3VerificationError, match="suspen"):
        judge(published, credential)


def test_it_refuses_an_expired_copy(published: Published) -> None:
    with pytest.raises(OB3VerificationError, match="expired"):
        judge(published, published.expired())
