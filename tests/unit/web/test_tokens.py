"""Access tokens (RFC 8725, RFC 9068): what counts, and a table of what never does (S5, ASVS 9.1, 9.2)."""

import time
from dataclasses import replace

import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec

from shared.web import tokens
from shared.web.callers import Role
from shared.web.keys import FixedKeys
from shared.web.tokens import LEEWAY_SECONDS, UnauthenticatedError, Verifier, verifier_for
from tests.support.forged_tokens import FORGED, Forge, rsa_key


@pytest.fixture
def forge(settings):
    return Forge(settings)


def test_the_table_is_long_enough():
    assert len(FORGED) >= 25


@pytest.mark.parametrize("make", FORGED.values(), ids=FORGED.keys())
def test_a_forged_token_is_refused(settings, forge, make):
    verifier = verifier_for(settings)
    assert verifier.caller(f"Bearer {forge.good()}").subject == "mallory", (
        "negative control: the original counts"
    )
    with pytest.raises(UnauthenticatedError):
        verifier.caller(f"Bearer {make(forge)}")


def test_negative_control_a_verifier_without_the_checks_takes_them(settings, forge):
    """Signed by the issuer and wrong in what it says: only our own checks stand against these."""
    signed_by_issuer = [
        "a key address in the header (jku)",
        "an identity token's type",
        "a refresh token by claim",
    ]
    for name in [
        *signed_by_issuer,
        "roles as text",
        "institution as a wildcard",
        "a subject with a line break",
    ]:
        jwt.decode(FORGED[name](forge), forge.key.public_key(), ["EdDSA"], audience="passerelle")


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic YTpi", "Token x", "bearer\tx", "Bearer a b"]
)
def test_anything_but_a_bearer_token_is_refused(settings, header):
    with pytest.raises(UnauthenticatedError):
        verifier_for(settings).caller(header)


def test_a_good_token_makes_a_caller(settings, forge):
    caller = verifier_for(settings).caller(f"bearer {forge.good()}")
    assert (caller.issuer, caller.institution) == (settings.oidc_issuer, "helsinki.fi")
    assert caller.roles == {Role.COORDINATOR}


def test_types_of_real_providers_count(settings, forge):
    verifier = verifier_for(settings)
    for header in ({"typ": "JWT"}, {"typ": "application/at+jwt"}, {"typ": "AT+JWT"}):
        verifier.caller(f"Bearer {forge.signed(header)}")
    verifier.caller(f"Bearer {forge.signed(without=('typ',))}")
    verifier.caller(f"Bearer {forge.signed(claims={'typ': 'Bearer', 'aud': ['account', 'passerelle']})}")


def test_roles_of_an_institution_do_not_count_without_one(settings, forge):
    token = forge.signed(claims={"roles": ["coordinator", "learner"]}, without=("institution",))
    assert verifier_for(settings).caller(f"Bearer {token}").roles == {Role.LEARNER}


def test_unknown_roles_are_ignored(settings, forge):
    token = forge.signed(claims={"roles": ["offline_access", 7, "partner", "root"]})
    assert verifier_for(settings).caller(f"Bearer {token}").roles == {Role.PARTNER}


def test_a_development_token_is_refused_in_production(settings, forge):
    """Even where production were misconfigured so that it trusted the development issuer's very key."""
    keys = FixedKeys(lambda: [jwt_of(forge)])
    lenient = Verifier(settings.oidc_issuer, settings.oidc_audience, keys, production=False)
    assert lenient.caller(f"Bearer {forge.good()}").subject == "mallory", "negative control"
    with pytest.raises(UnauthenticatedError, match="development"):
        Verifier(settings.oidc_issuer, settings.oidc_audience, keys, production=True).caller(
            f"Bearer {forge.good()}"
        )


def test_production_never_takes_its_keys_from_this_machine(settings, forge):
    production = replace(settings, environment="production")
    assert not isinstance(verifier_for(production)._keys, FixedKeys)
    assert isinstance(verifier_for(settings)._keys, FixedKeys)


def jwt_of(forge):
    from shared.web import development

    return development.public_key(forge.settings)


def claims(**more):
    now = int(time.time())
    return {
        "iss": "https://id.example",
        "aud": "passerelle",
        "sub": "anna",
        "exp": now + 60,
        "iat": now,
        **more,
    }


def test_rsa_and_p256_keys_of_a_provider_work():
    key, document = rsa_key()
    curve = ec.generate_private_key(ec.SECP256R1())
    curve_document = {
        **jwt.get_algorithm_by_name("ES256").to_jwk(curve.public_key(), as_dict=True),
        "kid": "ec-1",
    }
    verifier = Verifier("https://id.example", "passerelle", FixedKeys(lambda: [document, curve_document]))
    for signer, algorithm, kid in ((key, "RS256", "rsa-1"), (curve, "ES256", "ec-1")):
        token = jwt.encode(claims(), signer, algorithm=algorithm, headers={"kid": kid, "typ": "at+jwt"})
        assert verifier.caller(f"Bearer {token}").subject == "anna"


def test_a_key_for_encryption_or_a_symmetric_one_verifies_nothing():
    _, document = rsa_key()
    octets = {"kty": "oct", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0", "kid": "hs-1", "alg": "HS256"}
    keys = FixedKeys(lambda: [{**document, "use": "enc"}, octets, "junk", {"kid": "broken", "kty": "EC"}])
    assert keys.find("rsa-1") is None
    assert keys.find("hs-1") is None
    assert keys.find("broken") is None


def test_the_leeway_is_seconds(settings, forge):
    verifier = verifier_for(settings)
    with time_machine.travel(int(time.time()), tick=False):
        verifier.caller(f"Bearer {forge.signed(claims={'exp': int(time.time()) - LEEWAY_SECONDS + 1})}")
        with pytest.raises(UnauthenticatedError, match="expired"):
            verifier.caller(f"Bearer {forge.signed(claims={'exp': int(time.time()) - LEEWAY_SECONDS})}")


def test_a_token_is_checked_anew_after_a_minute(monkeypatch):
    """Until then a withdrawn key counts; with no time to be known in, it counts no longer (negative control)."""
    key, document = rsa_key()
    token = jwt.encode(claims(), key, algorithm="RS256", headers={"kid": "rsa-1", "typ": "at+jwt"})
    for seconds, still in ((60, True), (0, False)):
        monkeypatch.setattr(tokens, "_KNOWN_SECONDS", seconds)
        held = [document]
        verifier = Verifier("https://id.example", "passerelle", FixedKeys(lambda held=held: held))
        assert verifier.caller(f"Bearer {token}").subject == "anna"
        verifier._keys = FixedKeys(list)
        if still:
            assert verifier.caller(f"bearer {token}").subject == "anna"
        else:
            with pytest.raises(UnauthenticatedError):
                verifier.caller(f"Bearer {token}")


def test_a_known_token_counts_no_longer_than_it_says(settings, forge, monkeypatch):
    caller = verifier_for(settings).caller(f"Bearer {forge.good()}")
    known = tokens._Known()
    known.note(b"over", caller, time.time() - 1)
    known.note(b"good", caller, time.time() + 100)
    assert known.find(b"over") is None
    assert known.find(b"good") is caller
    monkeypatch.setattr(tokens, "_MOST_KNOWN", 2)
    known.note(b"third", caller, time.time() + 100)
    assert known.find(b"third") is caller
    assert len(known._callers) <= 2
