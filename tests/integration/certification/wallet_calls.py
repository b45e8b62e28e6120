"""What a wallet asks of an issuer by OpenID4VCI 1.0, call by call."""

import json
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives.asymmetric import ec

from deploy.demo.wallet import GRANT
from tests.integration.certification.wallets import WalletCase
from tests.integration.certification.workshop import PUBLIC_URL

ISSUER = f"{PUBLIC_URL}/certification/issuers/helsinki.fi"
CONFIGURATION = "learning_credential"


def access(case: WalletCase) -> str:
    """An access token for an offer of the certificate."""
    offer = case.wallet.offer(case.offer()["link"])
    return case.wallet.redeem(offer, case.wallet.metadata(ISSUER, "oauth-authorization-server"))


def nonce(case: WalletCase) -> str:
    status, body = case.send("POST", f"{ISSUER}/nonce", b"", {})
    assert status == 200
    found: str = json.loads(body)["c_nonce"]
    return found


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def ask(case: WalletCase, token: str, body: Any, path: str = "credential") -> tuple[int, dict[str, Any]]:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    status, content = case.send("POST", f"{ISSUER}/{path}", json.dumps(body).encode(), headers)
    return status, json.loads(content)


def wanted(*proofs: Any, **changes: Any) -> dict[str, Any]:
    return {"credential_configuration_id": CONFIGURATION, "proofs": {"jwt": list(proofs)}, **changes}


def redeemed(case: WalletCase, **form: str) -> tuple[int, dict[str, Any]]:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    status, body = case.send("POST", f"{ISSUER}/token", urlencode(form).encode(), headers)
    return status, json.loads(body)


def code_of(offer: dict[str, Any]) -> str:
    found: str = offer["credential_offer"]["grants"][GRANT]["pre-authorized_code"]
    return found
