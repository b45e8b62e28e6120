"""What wallets may send: whatever comes, the answer is a refusal in the words of OAuth 2.0, and no fault of ours."""

import json

import pytest

from services.certification.handlers.wallet_secrets import WalletSecrets
from tests.support.applications import OPENID4VCI, open_application
from tests.support.hostile import CONTENT_TYPES, DOCUMENTS, HEADERS, NO_OBJECTS, QUERIES, VALUES

ENDPOINTS = [path.replace("{institution}", "helsinki.fi") for path in OPENID4VCI]
GRANT = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def wallets(settings):
    return open_application("certification", settings)


def sound(answer, what):
    assert answer.status < 500, f"{what}: {answer.status} {answer.body[:300]!r}"
    assert answer.seconds < 2, f"{what}: {answer.seconds:.1f} s"
    assert b"Traceback" not in answer.body, what
    if answer.status >= 400 and not answer.is_problem:
        document = json.loads(answer.body)
        assert set(document) == {"error", "error_description"}, what
        assert document["error"].replace("_", "").isalpha(), what
        assert document["error_description"].isascii(), what


def send(wallets, path, body, content_type, **options):
    headers = {"Authorization": "Bearer guessed", **options.pop("headers", {})}
    return wallets.send("POST", path, body=body, content_type=content_type, headers=headers, **options)


@pytest.mark.parametrize("path", ENDPOINTS)
def test_no_hostile_document_breaks_an_endpoint(wallets, path):
    for name, body in {**DOCUMENTS, **NO_OBJECTS}.items():
        for content_type in ("application/json", FORM):
            sound(send(wallets, path, body, content_type), f"{path}: {name}")


@pytest.mark.parametrize("path", ENDPOINTS)
def test_no_hostile_header_or_parameter_breaks_an_endpoint(wallets, path):
    for headers in HEADERS:
        sound(send(wallets, path, b"{}", "application/json", headers=headers), f"{path}: {headers}")
    for query in QUERIES:
        sound(send(wallets, path, b"", FORM, query=query), f"{path}?{query[:40]!r}")
    for content_type in CONTENT_TYPES:
        sound(send(wallets, path, b"a=b", content_type), f"{path}: {content_type!r}")


def test_no_hostile_value_breaks_the_token_endpoint(wallets):
    for member in ("grant_type", "pre-authorized_code", "tx_code", "client_id"):
        for value in VALUES:
            form = {"grant_type": GRANT, "pre-authorized_code": "x", member: value.strip('"')}
            body = "&".join(f"{name}={text}" for name, text in form.items()).encode("utf-8", "replace")
            answer = send(wallets, ENDPOINTS[0], body, FORM)
            sound(answer, f"{member}={value[:40]}")
            assert answer.status in {400, 413}, value[:40]


def test_no_hostile_proof_breaks_the_credential_endpoint(wallets, monkeypatch):
    """With a token that counts, so that what is sent is read to the end."""
    monkeypatch.setattr("services.certification.api.openid4vci.may_ask", lambda *_: True)
    offer = type("Offer", (), {"id": "x", "certificate_id": "x", "issuer": "helsinki.fi", "client_id": None})
    monkeypatch.setattr("services.certification.api.openid4vci.wallet.offer_by", lambda *_, **__: offer)
    good = {"credential_configuration_id": "learning_credential", "proofs": {"jwt": ["@"]}}
    token = "eyJhbGciOiJFUzI1NiJ9.e30.AAAA"
    for template in (
        json.dumps(good),
        json.dumps({**good, "proofs": "@"}),
        json.dumps({**good, "proofs": {"jwt": "@"}}),
        json.dumps({**good, "credential_configuration_id": "@"}),
    ):
        for value in (*VALUES, f'"{token}"', '"~"', '"a.b.c"', '"..."'):
            body = template.replace('"@"', value).encode("utf-8", "replace")
            answer = send(wallets, ENDPOINTS[2], body, "application/json")
            sound(answer, value[:40])
            assert answer.status == 400, f"{value[:40]}: {answer.status} {answer.body[:200]!r}"


def test_negative_control_a_fault_is_noticed(wallets, monkeypatch):
    def broken(*_args):
        raise OverflowError

    monkeypatch.setattr(WalletSecrets, "nonce", broken)
    with pytest.raises(AssertionError, match="500"):
        sound(send(wallets, ENDPOINTS[1], b"", FORM), "broken")
