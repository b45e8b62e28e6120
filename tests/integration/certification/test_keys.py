"""The life of a signing key: made, activated by two, retired by its successor, marked as compromised."""

import json
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.certification.formats.jws import key_from_jwk, read_jwt
from services.certification.formats.vc_jwt import credential_in
from services.certification.handlers import issuing
from services.certification.store.tables import (
    certificates,
    issuer_keys,
    log_entries,
    renderings,
    status_lists,
)
from tests.integration.certification.workshop import Workshop

HELSINKI = "/issuers/helsinki.fi/keys"


def keys(workshop: Workshop, algorithm: str = "EdDSA") -> dict[str, dict[str, Any]]:
    """The keys of the issuer for `algorithm` by their state."""
    token = workshop.token("administrator")
    listed = workshop.get(f"/certification/v1{HELSINKI}", token).get_json()["items"]
    return {key["state"]: key for key in listed if key["algorithm"] == algorithm}


def post(workshop: Workshop, path: str, body: dict[str, Any] | None, subject: str) -> Any:
    return workshop.post(path, body, "administrator", subject, None)


def pending(workshop: Workshop, algorithm: str = "EdDSA", **more: Any) -> str:
    answer = post(workshop, HELSINKI, {"algorithm": algorithm, **more}, "ada")
    assert answer.status_code == 202, answer.get_json()
    workshop.work()
    key: str = keys(workshop, algorithm)["pending"]["key"]
    return key


def rotate(workshop: Workshop, algorithm: str = "EdDSA") -> tuple[str, str]:
    """The keys before and after a rotation."""
    before = keys(workshop, algorithm).get("active", {}).get("key", "")
    after = pending(workshop, algorithm)
    for subject in ("ada", "bea"):
        assert post(workshop, f"/keys/{after}/activation", None, subject).status_code == 201
    workshop.work()
    return before, after


def issue(workshop: Workshop, number: int = 1) -> dict[str, Any]:
    """The credential of another learner."""
    learner = workshop.learner(number)
    workshop.deliver(*learner.usual())
    workshop.work()
    found = [row for row in workshop.rows(certificates) if row.award_id == learner.award_id]
    made = [row for row in workshop.rows(renderings) if row.certificate_id == found[0].id]
    document: dict[str, Any] = next(json.loads(row.content) for row in made if row.format == "open_badges_3")
    return document


def method(document: dict[str, Any]) -> str:
    return str(document["proof"][0]["verificationMethod"]).partition("#")[2]


def verdict(workshop: Workshop, document: dict[str, Any]) -> str:
    answer = workshop.client.post("/certification/v1/verifications", json={"credential": document})
    return str(answer.get_json()["verdict"])


def test_a_rotation_takes_two_and_old_certificates_keep_verifying(workshop: Workshop) -> None:
    old = issue(workshop)
    before, after = rotate(workshop)
    new = issue(workshop, 2)
    assert (method(old), method(new)) == (before, after)
    assert verdict(workshop, old) == verdict(workshop, new) == "valid"
    (listed,) = workshop.rows(status_lists)
    assert method(json.loads(listed.credential)) == after
    did = workshop.get("/certification/issuers/helsinki.fi/did.json").get_json()
    assert {before, after} <= {each["publicKeyMultibase"] for each in did["verificationMethod"]}


def test_one_person_activates_nothing(workshop: Workshop) -> None:
    issue(workshop)
    before, key = keys(workshop)["active"]["key"], pending(workshop)
    assert post(workshop, f"/keys/{key}/activation", None, "ada").get_json()["state"] == "pending"
    assert post(workshop, f"/keys/{key}/activation", None, "ada").status_code == 409
    assert keys(workshop)["active"]["key"] == before


def test_the_database_refuses_one_person_in_both_places(workshop: Workshop) -> None:
    issue(workshop)
    with pytest.raises(sa.exc.IntegrityError), workshop.database.write() as connection:
        connection.execute(issuer_keys.update().values(proposed_by="ada", activated_by="ada"))


def test_the_history_of_keys_is_published_with_dates(workshop: Workshop) -> None:
    issue(workshop)
    workshop.clock.advance(timedelta(days=1))
    before, after = rotate(workshop)
    found = workshop.get("/certification/issuers/helsinki.fi/jwks.json").get_json()["keys"]
    dated = {key["kid"].partition("#")[2]: key for key in found}
    assert dated[before]["exp"] == dated[after]["nbf"] == int(workshop.clock.now().timestamp())
    assert dated[before]["nbf"] < dated[before]["exp"]
    assert "exp" not in dated[after]
    kinds = [(row.kind, row.subject) for row in workshop.rows(log_entries) if row.subject in {before, after}]
    assert sorted(kinds) == sorted(
        [("key_activated", before), ("key_retired", before), ("key_activated", after)]
    )


def test_the_active_key_is_retired_by_its_successor_only(workshop: Workshop) -> None:
    issue(workshop)
    active, waiting = keys(workshop)["active"]["key"], pending(workshop)
    body = {"reason": "not needed"}
    assert post(workshop, f"/keys/{active}/retirement", body, "ada").status_code == 409
    assert post(workshop, f"/keys/{waiting}/retirement", body, "ada").status_code == 201
    assert post(workshop, HELSINKI, {"algorithm": "EdDSA"}, "ada").status_code == 202


def test_what_was_signed_before_a_compromise_is_valid_with_a_remark_and_after_it_not(
    workshop: Workshop,
) -> None:
    early = issue(workshop)
    workshop.clock.advance(timedelta(days=2))
    late = issue(workshop, 2)
    key = keys(workshop)["active"]["key"]
    since = (workshop.clock.now() - timedelta(days=1)).isoformat()
    body = {"since": since, "reason": "the backup was stolen"}
    assert post(workshop, f"/keys/{key}/compromise", body, "ada").status_code == 201
    assert verdict(workshop, early) == "valid_with_remark"
    assert verdict(workshop, late) == "not_valid"
    did = workshop.get("/certification/issuers/helsinki.fi/did.json").get_json()
    assert key not in json.dumps(did)


def test_a_forgery_with_a_stolen_key_is_refused_whatever_date_it_bears(workshop: Workshop) -> None:
    """The thief copies the id and the dates of a certificate from before; the register knows what it said."""
    from services.certification.formats.proof import add_proof

    document = issue(workshop)
    signer = workshop.signers.active("helsinki.fi")
    workshop.clock.advance(timedelta(days=2))
    since = (workshop.clock.now() - timedelta(days=1)).isoformat()
    post(workshop, f"/keys/{signer.key}/compromise", {"since": since, "reason": "stolen"}, "ada")
    (proof,) = document.pop("proof")
    document["credentialSubject"]["identifier"][0]["identityHash"] = "Mallory Thief"
    forged = add_proof(
        document,
        created=proof["created"],
        verification_method=proof["verificationMethod"],
        sign=signer.sign,
    )
    assert verdict(workshop, forged) == "not_valid"


def test_without_an_active_key_certificates_wait_for_two_people(workshop: Workshop) -> None:
    issue(workshop)
    key = keys(workshop)["active"]["key"]
    body = {"since": workshop.clock.now().isoformat(), "reason": "lost"}
    post(workshop, f"/keys/{key}/compromise", body, "ada")
    learner = workshop.learner(2)
    workshop.deliver(*learner.usual())
    workshop.work(rounds=3)
    assert sorted(workshop.states()) == ["issued", "ready"]
    assert any("NoActiveKeyError" in trouble for trouble in workshop.troubles())
    after = pending(workshop)
    for subject in ("ada", "bea"):
        post(workshop, f"/keys/{after}/activation", None, subject)
    workshop.work()
    assert workshop.states() == ["issued", "issued"]


def test_a_moment_outside_the_life_of_the_key_is_refused(workshop: Workshop) -> None:
    issue(workshop)
    key = keys(workshop)["active"]["key"]
    for moment in (workshop.clock.now() + timedelta(hours=1), workshop.clock.now() - timedelta(days=400)):
        body = {"since": moment.isoformat(), "reason": "lost"}
        assert post(workshop, f"/keys/{key}/compromise", body, "ada").status_code == 422


def token_of(workshop: Workshop, number: int) -> tuple[dict[str, Any], str]:
    """Header and text of the JWT of another learner's certificate."""
    issue(workshop, number)
    award = workshop.learner(number).award_id
    (row,) = [row for row in workshop.rows(certificates) if row.award_id == award]
    (made,) = [
        each.content
        for each in workshop.rows(renderings)
        if (each.certificate_id, each.format) == (row.id, "open_badges_3_jwt")
    ]
    return read_jwt(made.decode())[0], made.decode()


@pytest.mark.parametrize("bits", [2048, 3072])
def test_an_rsa_key_signs_tokens_while_it_is_active(workshop: Workshop, bits: int) -> None:
    """RS256 by key type: two people choose it, and whoever retires it goes back to ES256 (issue 4, section 2)."""
    first, _ = token_of(workshop, 1)
    key = pending(workshop, "RS256", bits=bits)
    for subject in ("ada", "bea"):
        assert post(workshop, f"/keys/{key}/activation", None, subject).status_code == 201
    second, token = token_of(workshop, 2)
    assert (first["alg"], second["alg"], second["kid"].partition("#")[2]) == ("ES256", "RS256", key)
    assert verdict(workshop, token) == "valid"
    published = workshop.get("/certification/issuers/helsinki.fi/jwks.json").get_json()["keys"]
    (jwk,) = [each for each in published if each["alg"] == "RS256"]
    assert (jwk["kid"], jwk["kty"], key_from_jwk(jwk).key_size) == (second["kid"], "RSA", bits)
    assert post(workshop, f"/keys/{key}/retirement", {"reason": "back"}, "ada").status_code == 201
    third, _ = token_of(workshop, 3)
    assert (third["alg"], verdict(workshop, token)) == ("ES256", "valid")


def test_a_length_is_for_rsa_keys_and_one_of_two(workshop: Workshop) -> None:
    for body in ({"algorithm": "ES256", "bits": 2048}, {"algorithm": "RS256", "bits": 1024}):
        assert post(workshop, HELSINKI, body, "ada").status_code == 422


def replaced_meanwhile(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, algorithm: str
) -> tuple[str, str, str]:
    """A key, its successor of between signature and storage, and the one with which the certificate is signed."""
    issue(workshop)
    if algorithm == "RS256":
        rotate(workshop, "RS256")
    before, after = keys(workshop, algorithm)["active"]["key"], pending(workshop, algorithm)
    original, at_once = issuing.render, ["ada", "bea"]

    def overtaken(*args: Any) -> Any:
        made = original(*args)
        while at_once:
            post(workshop, f"/keys/{after}/activation", None, at_once.pop(0))
        return made

    monkeypatch.setattr(issuing, "render", overtaken)
    header, token = token_of(workshop, 2)
    assert at_once == []
    assert verdict(workshop, token) == "valid"
    documents = [
        json.loads(row.content) for row in workshop.rows(renderings) if row.format == "open_badges_3"
    ]
    (latest,) = [each for each in documents if each["id"] == credential_in(read_jwt(token)[1])["id"]]
    return before, after, method(latest) if algorithm == "EdDSA" else header["kid"].partition("#")[2]


@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256", "RS256"])
def test_a_key_replaced_between_signature_and_storage_leaves_no_signature_of_it(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, algorithm: str
) -> None:
    """Section 7.3: the certificate is signed again with the keys that are active, whichever of them was replaced."""
    before, after, used = replaced_meanwhile(workshop, monkeypatch, algorithm)
    assert before != used == after


@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256", "RS256"])
def test_without_the_check_the_replaced_key_would_have_signed(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, algorithm: str
) -> None:
    """The negative control of the test above."""
    monkeypatch.setattr(issuing, "_require_active", lambda *_: None)
    before, after, used = replaced_meanwhile(workshop, monkeypatch, algorithm)
    assert after != used == before
