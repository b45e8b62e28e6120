"""Addresses and documents that wallets start from (OpenID4VCI 1.0, sections 4 and 12)."""

from urllib.parse import parse_qs, urlsplit

import pytest

from services.certification.domain.wallet import BATCH
from services.certification.formats.sd_jwt_claims import ALWAYS_OPEN
from services.certification.formats.wallet_metadata import (
    CLAIM_NAMES,
    CONFIGURATION,
    GRANT,
    credential_offer,
    institution_at,
    issuer_address,
    issuer_metadata,
    offer_link,
    server_metadata,
    well_known,
)

PUBLIC = "https://certificates.example.org"
ADDRESS = issuer_address(PUBLIC, "helsinki.fi")


@pytest.mark.parametrize(
    ("identifier", "address"),
    [
        ("https://a.example", "https://a.example/.well-known/x"),
        ("https://a.example/", "https://a.example/.well-known/x"),
        ("https://a.example/tenant", "https://a.example/.well-known/x/tenant"),
        ("https://a.example:8443/t/1", "https://a.example:8443/.well-known/x/t/1"),
    ],
)
def test_the_name_of_a_document_goes_between_host_and_path(identifier: str, address: str) -> None:
    assert well_known(identifier, "x") == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        PUBLIC,
        issuer_address(PUBLIC, ""),
        f"{ADDRESS}/token",
        ADDRESS.replace("https", "http"),
        "https://certificates.example.org.evil.example/certification/issuers/helsinki.fi",
    ],
)
def test_only_an_identifier_of_ours_is_an_institution_of_ours(address: str) -> None:
    assert institution_at(ADDRESS, PUBLIC) == "helsinki.fi"
    assert institution_at(address, PUBLIC) is None


def test_the_metadata_has_what_the_specification_requires() -> None:
    metadata = issuer_metadata(ADDRESS, {"fi": "Helsingin yliopisto", "en": "University of Helsinki"})
    assert metadata["credential_issuer"] == ADDRESS
    assert [each["locale"] for each in metadata["display"]] == ["en", "fi"]
    assert metadata["batch_credential_issuance"]["batch_size"] == BATCH >= 2
    configuration = metadata["credential_configurations_supported"][CONFIGURATION]
    assert configuration["cryptographic_binding_methods_supported"] == ["jwk"]
    assert configuration["proof_types_supported"]["jwt"]["proof_signing_alg_values_supported"]
    named = {claim["path"][0] for claim in configuration["credential_metadata"]["claims"]}
    assert named == CLAIM_NAMES.keys() >= ALWAYS_OPEN - {"vct", "jti"}
    server = server_metadata(ADDRESS)
    assert (server["issuer"], server["grant_types_supported"]) == (ADDRESS, [GRANT])
    assert server["pre-authorized_grant_anonymous_access_supported"] is True


def test_an_offer_says_whether_a_code_is_asked_for() -> None:
    with_code = credential_offer(ADDRESS, "secret", transaction_code=True)["grants"][GRANT]
    assert with_code["tx_code"]["length"] == 6
    assert "tx_code" not in credential_offer(ADDRESS, "secret", transaction_code=False)["grants"][GRANT]


def test_a_link_opens_a_wallet_and_keeps_what_it_carries() -> None:
    link = offer_link(credential_offer_uri=f"{PUBLIC}/x?a=b&c=d")
    assert link.startswith("openid-credential-offer://?")
    assert parse_qs(urlsplit(link).query) == {"credential_offer_uri": [f"{PUBLIC}/x?a=b&c=d"]}
