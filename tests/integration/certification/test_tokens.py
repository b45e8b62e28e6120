"""A certificate as VC-JWT: fetched by content negotiation, verified by the register like the object (CRT-30)."""

import json
from datetime import timedelta
from typing import Any

import pytest

from services.certification.formats.jws import read_jwt
from services.certification.formats.vc_jwt import credential_in, sign_jwt
from services.certification.store.tables import certificates, issuer_keys
from tests.integration.certification.workshop import Workshop


def fetched(workshop: Workshop, media_type: str = "application/vc+jwt") -> str:
    (row,) = workshop.rows(certificates)
    token = workshop.token("registrar", "helsinki.fi")
    answer = workshop.get(f"/certification/v1/certificates/{row.id}", token, media_type)
    assert (answer.status_code, answer.mimetype) == (200, media_type)
    text: str = answer.data.decode()
    return text


def verdict(workshop: Workshop, token: str) -> dict[str, Any]:
    answer = workshop.client.post("/certification/v1/verifications", json={"credential": token})
    assert answer.status_code == 200
    found: dict[str, Any] = json.loads(answer.data)
    return found


@pytest.fixture
def token(workshop: Workshop) -> str:
    workshop.deliver(*workshop.learner().usual())
    workshop.work()
    return fetched(workshop)


def test_a_token_of_ours_is_valid_and_shown_without_anything_being_fetched(
    workshop: Workshop, token: str
) -> None:
    found = verdict(workshop, token)
    assert (found["verdict"], workshop.web.asked) == ("valid", [])
    assert found["shown"]["title"]
    assert fetched(workshop, "application/jwt") == token


def test_a_tampered_or_foreign_token_is_not_valid(workshop: Workshop, token: str) -> None:
    head, payload, signature = token.split(".")
    for changed in (
        f"{head}.{payload}.{signature[:-4]}AAAA",
        f"{head}.{payload[:-8]}.{signature}",
        f"{token}.",
        "x",
    ):
        found = verdict(workshop, changed)
        assert (found["verdict"], found["shown"]) == ("not_valid", None)


def test_a_suspended_certificate_is_not_valid_as_token_either(workshop: Workshop, token: str) -> None:
    workshop.deliver(workshop.learner().completion("overturned"))
    workshop.work()
    assert verdict(workshop, token)["verdict"] == "not_valid"


@pytest.mark.parametrize(("state", "expected"), [("retired", "valid"), ("pending", "not_valid")])
def test_the_state_of_the_key_counts(workshop: Workshop, token: str, state: str, expected: str) -> None:
    with workshop.database.write() as connection:
        connection.execute(issuer_keys.update().where(issuer_keys.c.algorithm == "ES256").values(state=state))
    assert verdict(workshop, token)["verdict"] == expected


def compromise(workshop: Workshop, algorithm: str, since: timedelta) -> None:
    values = {"state": "compromised", "compromised_from": workshop.clock.now() + since}
    with workshop.database.write() as connection:
        connection.execute(issuer_keys.update().where(issuer_keys.c.algorithm == algorithm).values(**values))


@pytest.mark.parametrize(
    ("since", "expected"), [(timedelta(0), "valid_with_remark"), (timedelta(days=-1), "not_valid")]
)
def test_a_compromise_counts_from_its_moment_on(
    workshop: Workshop, token: str, since: timedelta, expected: str
) -> None:
    compromise(workshop, "ES256", since)
    found = verdict(workshop, token)
    assert (found["verdict"], found["shown"] is not None) == (expected, expected == "valid_with_remark")


def test_a_token_forged_with_a_stolen_key_is_refused_whatever_date_it_bears(
    workshop: Workshop, token: str
) -> None:
    header, payload = read_jwt(token)
    signer = workshop.signers.active("helsinki.fi", "ES256")
    compromise(workshop, "ES256", timedelta(0))
    credential = credential_in(payload)
    again = sign_jwt(credential, kid=header["kid"], sign=signer.sign)
    credential["name"] = "Brain surgery"
    forged = sign_jwt(credential, kid=header["kid"], sign=signer.sign)
    assert [verdict(workshop, each)["verdict"] for each in (again, forged)] == [
        "valid_with_remark",
        "not_valid",
    ]
