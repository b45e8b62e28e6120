"""openbadgeslib accepts the VC-JWT that is published, refuses tampered, expired and withdrawn ones (issue 4, 7.1)."""

import json

import pytest
from openbadgeslib.ob3.verifier import OB3VerificationError, OB3Verifier

from services.certification.formats.jws import read_jwt
from services.certification.formats.vc_jwt import sign_jwt
from services.certification.store.tables import certificates
from tests.integration.certification.test_keys import rotate, token_of
from tests.unit.certification.samples import ISSUER
from tests.verifiers.judges import OFFERINGS, Published, did_address


def fetched(published: Published) -> str:
    (row,) = published.workshop.rows(certificates)
    token = published.workshop.token("registrar", "helsinki.fi")
    answer = published.workshop.get(f"/certification/v1/certificates/{row.id}", token, "application/vc+jwt")
    assert (answer.status_code, answer.mimetype) == (200, "application/vc+jwt")
    text: str = answer.data.decode()
    return text


def judge(published: Published, token: str) -> None:
    OB3Verifier.for_issuer_did(ISSUER, download=published.fetch).verify(
        token, check_status=True, verify_status_list=False, download=published.fetch
    )


@pytest.mark.parametrize("published", OFFERINGS, indirect=True)
def test_it_accepts_what_is_published(published: Published) -> None:
    judge(published, fetched(published))


def test_it_refuses_a_tampered_copy(published: Published) -> None:
    head, payload, signature = fetched(published).split(".")
    swapped = payload[:40] + ("A" if payload[40] != "A" else "B") + payload[41:]
    with pytest.raises(OB3VerificationError):
        judge(published, f"{head}.{swapped}.{signature}")


@pytest.mark.parametrize("how", ["suspended", "revoked"])
def test_it_refuses_a_withdrawn_copy(published: Published, how: str) -> None:
    token = fetched(published)
    published.withdraw(how)
    with pytest.raises(OB3VerificationError, match="suspen"):
        judge(published, token)


def test_it_refuses_an_expired_copy(published: Published) -> None:
    credential = {name: value for name, value in published.expired().items() if name != "proof"}
    signer = published.workshop.signers.active("helsinki.fi", "ES256")
    token = sign_jwt(credential, kid=f"{credential['issuer']['id']}#{signer.key}", sign=signer.sign)
    with pytest.raises(OB3VerificationError, match="expired"):
        judge(published, token)


def test_it_accepts_a_token_signed_by_rs256_and_refuses_it_tampered(published: Published) -> None:
    rotate(published.workshop, "RS256")
    token = token_of(published.workshop, 2)[1]
    assert read_jwt(token)[0]["alg"] == "RS256"
    judge(published, token)
    head, payload, signature = token.split(".")
    with pytest.raises(OB3VerificationError):
        judge(
            published, f"{head}.{payload[:40]}{'A' if payload[40] != 'A' else 'B'}{payload[41:]}.{signature}"
        )


def test_the_keys_are_published_as_jwks_too(published: Published) -> None:
    header, payload = read_jwt(fetched(published))
    address = did_address(payload["iss"]).replace("did.json", "jwks.json")
    keys = json.loads(published.fetch(address))["keys"]
    assert {(key["kid"] == header["kid"], key["alg"]) for key in keys} == {(True, "ES256"), (False, "EdDSA")}
    assert not any("d" in key for key in keys)
