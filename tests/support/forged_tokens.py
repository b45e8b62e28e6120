"""Tokens that must never count (S5): each is made from a good one in one respect; the key is the issuer's own where
the fault is elsewhere, so that nothing but that fault can be the reason of the refusal."""

import base64
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from shared.settings import Settings
from shared.web import development


def part(value: Any) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass(frozen=True)
class Forge:
    """Makes tokens with the issuer's own key, or another's, for one installation."""

    settings: Settings
    roles: tuple[str, ...] = ("coordinator",)
    institution: str = "helsinki.fi"

    @property
    def key(self) -> Ed25519PrivateKey:
        return development._private_key(self.settings.home)

    @property
    def header(self) -> dict[str, Any]:
        return {"alg": "EdDSA", "typ": "at+jwt", "kid": development._kid(self.settings.home)}

    @property
    def claims(self) -> dict[str, Any]:
        now = int(time.time())
        return {
            "iss": self.settings.oidc_issuer,
            "aud": self.settings.oidc_audience,
            "sub": "mallory",
            "iat": now,
            "exp": now + 600,
            "roles": list(self.roles),
            "institution": self.institution,
            development.MARK: True,
        }

    def good(self) -> str:
        return self.signed()

    def signed(
        self,
        header: Mapping[str, Any] | None = None,
        claims: Mapping[str, Any] | None = None,
        without: tuple[str, ...] = (),
    ) -> str:
        """A token with the issuer's real signature over these header and claims."""
        heading = {k: v for k, v in {**self.header, **(header or {})}.items() if k not in without}
        body = {k: v for k, v in {**self.claims, **(claims or {})}.items() if k not in without}
        return self.raw(part(heading), part(body))

    def raw(self, heading: str, body: str) -> str:
        signature = self.key.sign(f"{heading}.{body}".encode())
        return f"{heading}.{body}.{part(signature)}"

    def by(self, key: Any, algorithm: str, **header: Any) -> str:
        """A token signed by somebody else's key."""
        return jwt.encode(
            self.claims,
            key,
            algorithm=algorithm,
            headers={"kid": self.header["kid"], "typ": "at+jwt", **header},
        )

    def with_hmac(self, secret: bytes) -> str:
        """The classic confusion: the public key taken for an HMAC secret."""
        import hashlib
        import hmac

        signing = f"{part({**self.header, 'alg': 'HS256'})}.{part(self.claims)}"
        return f"{signing}.{part(hmac.new(secret, signing.encode(), hashlib.sha256).digest())}"

    def public_pem(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def public_raw(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def tampered(token: str, **claims: Any) -> str:
    heading, body, signature = token.split(".")
    changed = {**json.loads(base64.urlsafe_b64decode(body + "==")), **claims}
    return f"{heading}.{part(changed)}.{signature}"


def _flipped(token: str) -> str:
    heading, body, signature = token.split(".")
    return f"{heading}.{body}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"


def _unsigned(forge: Forge, algorithm: str) -> str:
    return f"{part({**forge.header, 'alg': algorithm})}.{part(forge.claims)}."


def _embedded_jwk(forge: Forge) -> str:
    mine = Ed25519PrivateKey.generate()
    public = json.loads(jwt.get_algorithm_by_name("EdDSA").to_jwk(mine.public_key()))
    return forge.by(mine, "EdDSA", jwk=public)


FORGED: Mapping[str, Callable[[Forge], str]] = {
    "no algorithm": lambda f: _unsigned(f, "none"),
    "no algorithm, capital letters": lambda f: _unsigned(f, "NonE"),
    "signature cut off": lambda f: f.good().rpartition(".")[0] + ".",
    "signature missing": lambda f: f.good().rpartition(".")[0],
    "signature changed": lambda f: _flipped(f.good()),
    "roles changed after signing": lambda f: tampered(f.good(), roles=["administrator"]),
    "institution changed after signing": lambda f: tampered(f.good(), institution="kuleuven.be"),
    "subject changed after signing": lambda f: tampered(f.good(), sub="anna"),
    "lifetime changed after signing": lambda f: tampered(f.good(), exp=2**40),
    "public key as HMAC secret, PEM": lambda f: f.with_hmac(f.public_pem()),
    "public key as HMAC secret, raw": lambda f: f.with_hmac(f.public_raw()),
    "empty HMAC secret": lambda f: f.with_hmac(b""),
    "another Ed25519 key under the same kid": lambda f: f.by(Ed25519PrivateKey.generate(), "EdDSA"),
    "an RSA key under the same kid": lambda f: f.by(rsa.generate_private_key(65537, 2048), "RS256"),
    "a P-256 key under the same kid": lambda f: f.by(ec.generate_private_key(ec.SECP256R1()), "ES256"),
    "an algorithm outside the list": lambda f: f.by(ec.generate_private_key(ec.SECP384R1()), "ES384"),
    "its own key in the header": _embedded_jwk,
    "a key address in the header (jku)": lambda f: f.signed({"jku": "https://evil.example/jwks.json"}),
    "a certificate address in the header (x5u)": lambda f: f.signed(
        {"x5u": "https://evil.example/chain.pem"}
    ),
    "a certificate in the header (x5c)": lambda f: f.signed({"x5c": ["MIIB"]}),
    "an unknown critical extension": lambda f: f.signed({"crit": ["exp-2"], "exp-2": 1}),
    "a detached payload": lambda f: f.signed({"crit": ["b64"], "b64": False}),
    "an unknown kid": lambda f: f.signed({"kid": "nobody"}),
    "no kid": lambda f: f.signed(without=("kid",)),
    "a kid that is a path": lambda f: f.signed({"kid": "../../etc/passwd"}),
    "a kid that is a number": lambda f: f.signed({"kid": 1}),
    "no algorithm at all": lambda f: f.signed(without=("alg",)),
    "an identity token's type": lambda f: f.signed({"typ": "id_token"}),
    "a logout token's type": lambda f: f.signed({"typ": "logout+jwt"}),
    "an identity token by claim": lambda f: f.signed(claims={"typ": "ID"}),
    "a refresh token by claim": lambda f: f.signed(claims={"typ": "Refresh"}),
    "expired": lambda f: f.signed(claims={"exp": int(time.time()) - 60}),
    "without expiry": lambda f: f.signed(without=("exp",)),
    "expiry that is no number": lambda f: f.signed(claims={"exp": "never"}),
    "not yet valid": lambda f: f.signed(claims={"nbf": int(time.time()) + 600}),
    "issued in the future": lambda f: f.signed(claims={"iat": int(time.time()) + 600}),
    "another issuer": lambda f: f.signed(claims={"iss": "https://evil.example"}),
    "without issuer": lambda f: f.signed(without=("iss",)),
    "the issuer as a list": lambda f: f.signed(claims={"iss": [f.settings.oidc_issuer]}),
    "another audience": lambda f: f.signed(claims={"aud": "another-system"}),
    "without audience": lambda f: f.signed(without=("aud",)),
    "an empty audience": lambda f: f.signed(claims={"aud": []}),
    "without subject": lambda f: f.signed(without=("sub",)),
    "an empty subject": lambda f: f.signed(claims={"sub": ""}),
    "a subject that is a number": lambda f: f.signed(claims={"sub": 1}),
    "a subject with a line break": lambda f: f.signed(claims={"sub": "anna\nadmin"}),
    "roles as text": lambda f: f.signed(claims={"roles": "administrator"}),
    "institution as a list": lambda f: f.signed(claims={"institution": ["helsinki.fi"]}),
    "institution as a wildcard": lambda f: f.signed(claims={"institution": "%"}),
    "institution empty": lambda f: f.signed(claims={"institution": ""}),
    "five segments": lambda f: f.good() + ".a.b",
    "not base64": lambda f: "!!!." + f.good().partition(".")[2],
    "a header that is a list": lambda f: f.raw(part([1]), part(f.claims)),
    "claims that are a list": lambda f: f.raw(part(f.header), part([1])),
    "a header nested deeply": lambda f: f.raw(part(b"[" * 3_000), part(f.claims)),
    "longer than 8 KiB": lambda f: f.signed(claims={"padding": "x" * 9_000}),
    "an encrypted token": lambda f: "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.a.b.c.d",
    "nothing": lambda f: "",
    "a password": lambda f: "YWRtaW46YWRtaW4=",
}

LIFETIME = timedelta(minutes=10)


def rsa_key() -> tuple[rsa.RSAPrivateKey, dict[str, Any]]:
    """An RSA key and its JWK, as a real provider has one."""
    key = rsa.generate_private_key(65537, 2048)
    document = json.loads(jwt.get_algorithm_by_name("RS256").to_jwk(key.public_key()))
    return key, {**document, "kid": "rsa-1", "use": "sig", "alg": "RS256"}


def pem_of(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
