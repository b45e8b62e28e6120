"""A wallet for tests and the demonstration: takes an offer, proves its keys, keeps copies, shows parts of them.

It is written from OpenID4VCI 1.0 and RFC 9901 and knows no code of the system; requests go through a function, so that
it talks to a server as well as to an application in the same process.
"""

import base64
import hashlib
import json
import time
import zlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

GRANT: Final = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
_FORM: Final = "application/x-www-form-urlencoded"
_JSON: Final = "application/json"
_OK: Final = 200
_ACCEPTED: Final = 202
_COORDINATE: Final = 32

Send = Callable[[str, str, bytes | None, Mapping[str, str]], tuple[int, bytes]]
"""Method, URL, body and headers; the status and the body of the answer."""


class WalletError(RuntimeError):
    """Somebody did not give what the wallet asked for; `error` is the name of the refusal."""

    def __init__(self, status: int, body: bytes) -> None:
        try:
            self.error = str(json.loads(body).get("error"))
        except (ValueError, AttributeError):
            self.error = ""
        self.status = status
        super().__init__(f"{status} {body[:300]!r}")


@dataclass(frozen=True, slots=True)
class Held:
    """One copy in the wallet: what the issuer signed, its disclosures by the claim's name, and the key it is for."""

    jwt: str
    disclosures: Mapping[str, str]
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def of(cls, text: str, key: ec.EllipticCurvePrivateKey) -> "Held":
        jwt, *disclosures, _ = text.split("~")
        return cls(jwt, {decoded(each)[1]: each for each in disclosures}, key)

    def present(self, claims: Collection[str], *, nonce: str, audience: str, at: float | None = None) -> str:
        """A presentation of `claims` and of nothing else that can be withheld, signed for `audience`."""
        shown = "".join(f"{text}~" for name, text in self.disclosures.items() if name in claims)
        presented = f"{self.jwt}~{shown}"
        binding = {
            "iat": int(at if at is not None else time.time()),
            "aud": audience,
            "nonce": nonce,
            "sd_hash": encoded(hashlib.sha256(presented.encode()).digest()),
        }
        return presented + signed({"alg": "ES256", "typ": "kb+jwt"}, binding, self.key)


@dataclass(slots=True)
class Wallet:
    """Keeps one key for each copy. `clock` gives seconds since 1970."""

    send: Send
    clock: Callable[[], float] = time.time
    held: list[Held] = field(default_factory=list)

    def accept(self, link: str, transaction_code: str | None = None, *, copies: int = 1) -> list[Held]:
        """Follow the link of an offer to the end; the copies that came.

        Raises:
            WalletError: an endpoint refuses.
        """
        offer = self.offer(link)
        issuer = offer["credential_issuer"]
        metadata = self.metadata(issuer, "openid-credential-issuer")
        server = self.metadata(issuer, "oauth-authorization-server")
        access = self.redeem(offer, server, transaction_code)
        keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(copies)]
        got = self.fetch(metadata, access, offer["credential_configuration_ids"][0], keys)
        self.held += got
        return got

    def offer(self, link: str) -> Any:
        """The offer of a link, by value or by reference."""
        given = parse_qs(urlsplit(link).query)
        if "credential_offer" in given:
            return json.loads(given["credential_offer"][0])
        return self._get(given["credential_offer_uri"][0])

    def metadata(self, issuer: str, name: str) -> Any:
        """The metadata of an identifier, which has to name itself in it."""
        parts = urlsplit(issuer)
        document = self._get(f"{parts.scheme}://{parts.netloc}/.well-known/{name}{parts.path}")
        if issuer not in {document.get("credential_issuer"), document.get("issuer")}:
            raise WalletError(_OK, b"the metadata is another issuer's")
        return document

    def redeem(self, offer: Any, server: Any, transaction_code: str | None = None) -> str:
        """The access token for the offer's code."""
        form = {"grant_type": GRANT, "pre-authorized_code": offer["grants"][GRANT]["pre-authorized_code"]}
        if transaction_code is not None:
            form["tx_code"] = transaction_code
        answer = self._post(server["token_endpoint"], urlencode(form).encode(), {"Content-Type": _FORM})
        return str(answer["access_token"])

    def fetch(
        self, metadata: Any, access: str, configuration: str, keys: list[ec.EllipticCurvePrivateKey]
    ) -> list[Held]:
        """A copy for each of `keys`, however long the issuer takes."""
        nonce = self._post(metadata["nonce_endpoint"], b"", {})["c_nonce"]
        proofs = [self.proof(metadata["credential_issuer"], nonce, key) for key in keys]
        request = {"credential_configuration_id": configuration, "proofs": {"jwt": proofs}}
        answer = self._ask(metadata["credential_endpoint"], access, request)
        while "transaction_id" in answer:
            waiting = {"transaction_id": answer["transaction_id"]}
            answer = self._ask(metadata["deferred_credential_endpoint"], access, waiting)
        texts = [each["credential"] for each in answer["credentials"]]
        return [Held.of(text, key) for text, key in zip(texts, keys, strict=True)]

    def proof(self, audience: str, nonce: str, key: ec.EllipticCurvePrivateKey, **changes: Any) -> str:
        """The proof that this wallet holds `key`; `changes` are of its claims."""
        header = {"alg": "ES256", "typ": "openid4vci-proof+jwt", "jwk": jwk_of(key)}
        return signed(header, {"aud": audience, "iat": int(self.clock()), "nonce": nonce, **changes}, key)

    def list_at(self, url: str) -> str:
        """The Token Status List at `url`, not verified."""
        status, content = self.send("GET", url, None, {"Accept": "application/statuslist+jwt"})
        if status != _OK:
            raise WalletError(status, content)
        return content.decode()

    def _ask(self, url: str, access: str, document: Any) -> Any:
        headers = {"Content-Type": _JSON, "Authorization": f"Bearer {access}"}
        return self._post(url, json.dumps(document).encode(), headers)

    def _get(self, url: str) -> Any:
        return self._answer("GET", url, None, {"Accept": _JSON})

    def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Any:
        return self._answer("POST", url, body, headers)

    def _answer(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Any:
        status, content = self.send(method, url, body, headers)
        if status not in {_OK, _ACCEPTED}:
            raise WalletError(status, content)
        return json.loads(content)


def status_in(token: str, index: int) -> int:
    """What a Token Status List says at `index`: 0 valid, 1 invalid, 2 suspended."""
    listed = decoded(token.split(".")[1])["status_list"]
    text: str = listed["lst"]
    bits: int = listed["bits"]
    places = zlib.decompress(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return places[index * bits // 8] >> index * bits % 8 & (1 << bits) - 1


def signed(header: Mapping[str, Any], payload: Mapping[str, Any], key: ec.EllipticCurvePrivateKey) -> str:
    """A JWT by ES256."""
    content = f"{encoded(json.dumps(header).encode())}.{encoded(json.dumps(payload).encode())}"
    r, s = decode_dss_signature(key.sign(content.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{content}.{encoded(r.to_bytes(_COORDINATE) + s.to_bytes(_COORDINATE))}"


def jwk_of(key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    """The public half as a JWK."""
    numbers = key.public_key().public_numbers()
    x, y = (encoded(number.to_bytes(_COORDINATE)) for number in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(part: str) -> Any:
    """The JSON in a part of a token, or in a disclosure."""
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
