"""A university that has nothing to do with this system: it issues badges as JWTs, under a key of its own (did:key)."""

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from deploy.demo.people import Person

_ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_P256: Final = b"\x80\x24"
_CONTEXTS: Final = (
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
)
_EQF: Final = {
    "type": ["Alignment"],
    "targetType": "ext:EQF",
    "targetName": "EQF level 7",
    "targetUrl": "http://data.europa.eu/snb/eqf/7",
}


class University:
    """Issues to whomever it names; nobody here has ever heard of it."""

    def __init__(self) -> None:
        self._key: EllipticCurvePrivateKey = generate_private_key(SECP256R1())
        point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
        self._name = "z" + _base58(_P256 + point)

    @property
    def did(self) -> str:
        return f"did:key:{self._name}"

    def issue(self, title: str, credits_: int, holder: Person) -> str:
        """A micro-credential of level 7 of the EQF, as a VC-JWT."""
        document = _credential(self.did, title, credits_, holder)
        return jwt.encode(
            document, self._key, algorithm="ES256", headers={"kid": f"{self.did}#{self._name}", "typ": "JWT"}
        )


def changed(token: str) -> str:
    """The token with one more credit, under the same signature."""
    header, _, signature = token.split(".")
    document = jwt.decode(token, options={"verify_signature": False})
    document["credentialSubject"]["creditsEarned"] += 1
    payload = urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()
    return f"{header}.{payload}.{signature}"


def _credential(did: str, title: str, credits_: int, holder: Person) -> dict[str, Any]:
    identities = {"name": holder.name, "ext:dateOfBirth": holder.date_of_birth.isoformat()}
    return {
        "@context": list(_CONTEXTS),
        "id": "urn:uuid:3f0e2c5e-8f0b-4f0e-9d51-0a6a1f5d7c21",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": title,
        "issuer": {"id": did, "type": ["Profile"], "name": "University of Elsewhere (invented)"},
        "validFrom": (datetime.now(UTC) - timedelta(days=90)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [
                {"type": "IdentityObject", "hashed": False, "identityHash": value, "identityType": kind}
                for kind, value in identities.items()
            ],
            "creditsEarned": credits_,
            "achievement": {
                "id": "https://elsewhere.example/courses/1",
                "type": ["Achievement"],
                "achievementType": "MicroCredential",
                "name": title,
                "description": title,
                "criteria": {"narrative": "A project and an oral examination."},
                "alignment": [_EQF],
            },
        },
    }


def _base58(data: bytes) -> str:
    number, text = int.from_bytes(data), ""
    while number:
        number, digit = divmod(number, len(_ALPHABET))
        text = _ALPHABET[digit] + text
    return text
