"""openbadgeslib accepts what is published and refuses a tampered, an expired and a withdrawn copy."""

import copy
import json
import zlib

import pytest
from openbadgeslib.ob3.ldp import OB3LdpVerifier
from openbadgeslib.ob3.verifier import OB3VerificationError, OB3Verifier

from shared.annex1.readers.baked import SIGNATURE
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


PICTURES = {
    "image/png": OB3Verifier.extract_token_from_png,
    "image/svg+xml": OB3Verifier.extract_token_from_svg,
}


@pytest.mark.parametrize("media_type", PICTURES)
def test_it_reads_the_credential_out_of_a_picture_and_accepts_it(
    published: Published, media_type: str
) -> None:
    baked = PICTURES[media_type](published.rendered(media_type))
    assert json.loads(baked) == published.credential()
    judge(published, json.loads(baked))


@pytest.mark.parametrize("media_type", PICTURES)
def test_it_refuses_a_picture_whose_credential_was_changed(published: Published, media_type: str) -> None:
    picture = published.rendered(media_type)
    changed = picture.replace(b"Sustainability", b"Sustainabilitz")
    assert changed != picture
    with pytest.raises(OB3VerificationError, match="signature mismatch"):
        judge(published, json.loads(PICTURES[media_type](mended(changed))))


def mended(picture: bytes) -> bytes:
    """A PNG with its checksums set right: whoever changes a picture can do that too."""
    if not picture.startswith(SIGNATURE):
        return picture
    at, mended = len(SIGNATURE), [SIGNATURE]
    while at < len(picture):
        length = int.from_bytes(picture[at : at + 4], "big")
        body = picture[at + 4 : at + 8 + length]
        mended.append(picture[at : at + 4] + body + zlib.crc32(body).to_bytes(4, "big"))
        at += length + 12
    return b"".join(mended)


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
