"""The development issuer serves this machine, proves nothing, and never exists in production (security 4)."""

import base64
import stat
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.keyfiles import ExposedSecretError, persistent, service_secret
from shared.web.callers import Role
from shared.web.development import (
    PERSON_GRANT,
    DevelopmentIssuerRefusedError,
    check_allowed,
    create_development_issuer,
    is_own,
    mint_token,
)
from shared.web.tokens import UnauthenticatedError, verifier_for

TOKEN = "/development-issuer/token"


@pytest.fixture
def client(settings):
    return create_development_issuer(settings).test_client()


def ask(client, form, host="127.0.0.1:8000", **headers):
    return client.post(TOKEN, data=form, base_url=f"http://{host}", headers=headers)


@pytest.mark.parametrize("bind", ["127.0.0.1:80", "127.8.8.8:1", "[::1]:80", "localhost:8000"])
def test_it_listens_on_loopback(settings, bind):
    check_allowed(settings, bind)


@pytest.mark.parametrize(
    "bind", ["0.0.0.0:80", ":8000", "[::]:80", "10.0.0.1:80", "192.168.1.5:80", "8.8.8.8:80"]
)
def test_it_refuses_to_listen_beyond_loopback(settings, bind):
    with pytest.raises(DevelopmentIssuerRefusedError, match="beyond this machine"):
        create_development_issuer(settings, bind=bind)


def test_a_private_network_takes_an_opt_in_and_a_public_address_is_refused_all_the_same(settings):
    opted = replace(settings, development_issuer_on_private_network=True)
    check_allowed(opted, "10.0.0.1:80")
    check_allowed(opted, "0.0.0.0:80")
    with pytest.raises(DevelopmentIssuerRefusedError, match="public"):
        check_allowed(opted, "8.8.8.8:80")


def test_production_has_neither_issuer_nor_tokens(settings):
    production = replace(settings, environment="production", development_issuer_on_private_network=True)
    with pytest.raises(DevelopmentIssuerRefusedError):
        create_development_issuer(production)
    with pytest.raises(DevelopmentIssuerRefusedError):
        mint_token(production, "administrator")
    assert not is_own(production)


def test_a_minted_token_counts_in_development(settings):
    token = mint_token(settings, ["registrar", "partner"], institution="uu.nl", subject="p-1")
    caller = verifier_for(settings).caller(f"Bearer {token}")
    assert (caller.subject, caller.institution) == ("p-1", "uu.nl")
    assert caller.roles == {Role.REGISTRAR, Role.PARTNER}


def test_a_minted_token_ends(settings):
    token = mint_token(settings, "learner", lifetime=timedelta(seconds=-30))
    with pytest.raises(UnauthenticatedError, match="expired"):
        verifier_for(settings).caller(f"Bearer {token}")


@pytest.mark.parametrize(
    ("roles", "institution"), [("root", None), ([], None), ("partner", None), ("partner", "Not A Code")]
)
def test_a_token_that_would_confer_nothing_is_not_minted(settings, roles, institution):
    with pytest.raises(ValueError, match=r"role|institution"):
        mint_token(settings, roles, institution=institution)


def test_services_get_tokens_for_their_secret_only(client, settings):
    def basic(secret):
        return "Basic " + base64.b64encode(f"{settings.service_client_id}:{secret}".encode()).decode()

    granted = ask(client, {"grant_type": "client_credentials"}, Authorization=basic(service_secret(settings)))
    assert granted.status_code == 200
    caller = verifier_for(settings).caller(f"Bearer {granted.json['access_token']}")
    assert caller.roles == {Role.SERVICE}
    for secret in ("", "wrong", service_secret(settings)[:-1]):
        refused = ask(client, {"grant_type": "client_credentials"}, Authorization=basic(secret))
        assert (refused.status_code, refused.json["error"]) == (401, "invalid_client")
    form = {
        "grant_type": "client_credentials",
        "client_id": "else",
        "client_secret": service_secret(settings),
    }
    assert ask(client, form).status_code == 401
    assert ask(client, {**form, "client_id": settings.service_client_id}).status_code == 200


def test_people_get_tokens_by_naming_a_role(client, settings):
    form = {
        "grant_type": PERSON_GRANT,
        "role": ["coordinator"],
        "institution": "helsinki.fi",
        "subject": "anna",
    }
    granted = ask(client, form)
    assert verifier_for(settings).caller(f"Bearer {granted.json['access_token']}").subject == "anna"
    assert ask(client, {"grant_type": PERSON_GRANT}).status_code == 400
    assert ask(client, {"grant_type": PERSON_GRANT, "role": "root"}).status_code == 400
    assert ask(client, {"grant_type": "password"}).status_code == 400


def test_discovery_leads_to_the_key_and_the_token_endpoint(client, settings):
    base = "http://127.0.0.1:8000"
    document = client.get("/development-issuer/.well-known/openid-configuration", base_url=base).json
    assert document["issuer"] == settings.oidc_issuer
    keys = client.get(document["jwks_uri"].removeprefix(base), base_url=base).json["keys"]
    assert {key["alg"] for key in keys} == {"EdDSA"}
    assert all("d" not in key for key in keys), "the private part never leaves"
    assert document["token_endpoint"] == f"{base}{TOKEN}"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:9999", "127.0.0.1.evil.example:8000"])
def test_a_page_that_rebinds_its_name_to_this_machine_gets_no_token(client, host):
    assert ask(client, {"grant_type": PERSON_GRANT, "role": "administrator"}, host=host).status_code == 403


def test_keys_and_secrets_are_readable_by_their_owner_only(settings):
    mint_token(settings, "learner")
    service_secret(settings)
    for name in ("development-issuer.key", "service-client.secret"):
        assert stat.S_IMODE((settings.home / name).stat().st_mode) == 0o600
    (settings.home / "service-client.secret").chmod(0o644)
    with pytest.raises(ExposedSecretError):
        service_secret(settings)


def test_of_several_that_make_a_secret_at_once_one_wins(tmp_path):
    def slow():
        persistent(tmp_path / "secret", lambda: b"theirs")
        return b"mine"

    assert persistent(tmp_path / "secret", slow) == b"theirs"
    assert persistent(tmp_path / "secret", lambda: b"late") == b"theirs"
    assert [file.name for file in tmp_path.iterdir()] == ["secret"]


def test_the_secret_of_the_settings_wins(settings):
    assert service_secret(replace(settings, service_client_secret="given")) == "given"
