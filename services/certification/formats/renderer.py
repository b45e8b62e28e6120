"""One small shape for every format of a certificate: check before signing, then render from the snapshot.

A format is added by writing its renderer and naming it in `RENDERERS`; nothing else knows which there are.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.certification.domain.snapshot import Snapshot, text_in
from services.certification.formats.canonical import NotCanonicalError, canonical_form
from services.certification.formats.elm_sealed import (
    FORMAT,
    EuropeanCredentialError,
    Sealing,
    require_showable,
    sealed_credential,
)
from services.certification.formats.jades import MEDIA_TYPE as SEALED_TYPE
from services.certification.formats.jws import JwtFaultError, JwtKey, verify_jwt
from services.certification.formats.openbadges import credential
from services.certification.formats.pdf import (
    Attachment,
    UnprintableError,
    certificate_pdf,
    require_printable,
)
from services.certification.formats.proof import ProofError, add_proof, verify_proof
from services.certification.formats.vc_jwt import MEDIA_TYPE as JWT_TYPE
from services.certification.formats.vc_jwt import sign_jwt
from shared.annex1.report import check_credential

OPEN_BADGES: Final = "open_badges_3"
OPEN_BADGES_JWT: Final = "open_badges_3_jwt"
EUROPEAN: Final = FORMAT
PDF: Final = "pdf"
CREDENTIAL_TYPE: Final = "application/vc+ld+json"


class RenderingError(Exception):
    """This snapshot cannot be shown in this format; the message says why, in words for the awarding body."""


@dataclass(frozen=True, slots=True)
class Seal:
    """What a renderer may sign with: the key's verification method, the signature, and the key to check it by."""

    verification_method: str
    sign: Callable[[bytes], bytes]
    public_key: Ed25519PublicKey
    jose: "JoseSeal | None" = None
    sealing: Sealing | None = None


@dataclass(frozen=True, slots=True)
class JoseSeal:
    """The same for what is signed as JOSE, by ES256 or RS256."""

    verification_method: str
    sign: Callable[[bytes], bytes]
    public_key: JwtKey
    algorithm: str = "ES256"


@dataclass(frozen=True, slots=True)
class Rendering:
    format: str
    media_type: str
    content: bytes


class Renderer(Protocol):
    def check(self, snapshot: Snapshot) -> None:
        """Return when `render` will show all of `snapshot`; called before any key signs.

        Raises:
            RenderingError: it would not.
        """

    def render(self, snapshot: Snapshot, seal: Seal, made: Mapping[str, Rendering]) -> Rendering:
        """The certificate in this format, verified. `made` are the formats rendered before this one."""


def signed(document: Mapping[str, Any], created: str, seal: Seal) -> bytes:
    """`document` with its proof as JSON, verified by the public key. The same input gives the same bytes.

    Raises:
        RenderingError: it cannot be signed as a whole, or the signature does not verify.
    """
    method = seal.verification_method
    try:
        secured = add_proof(document, created=created, verification_method=method, sign=seal.sign)
        content = json.dumps(secured, ensure_ascii=False, separators=(",", ":")).encode()
        verify_proof(json.loads(content), lambda named: seal.public_key if named == method else None)
    except NotCanonicalError as error:
        raise RenderingError(f"the credential cannot be signed as a whole: {error}") from error
    except ProofError as error:
        raise RenderingError(f"the signature does not verify: {error}") from error
    return content


class _OpenBadges:
    def check(self, snapshot: Snapshot) -> None:
        document = credential(snapshot)
        bodies = [text_in(body.name, snapshot.language) for body in snapshot.elements.awarding_bodies]
        report = check_credential(document, bodies)
        if not report.complete:
            names = ", ".join(dict.fromkeys(finding.name for finding in report.findings))
            raise RenderingError(f"the credential would not show: {names}")
        try:
            canonical_form(document)
        except NotCanonicalError as error:
            raise RenderingError(f"the credential cannot be signed as a whole: {error}") from error

    def render(self, snapshot: Snapshot, seal: Seal, made: Mapping[str, Rendering]) -> Rendering:  # noqa: ARG002
        content = signed(credential(snapshot), snapshot.issued_at, seal)
        return Rendering(OPEN_BADGES, CREDENTIAL_TYPE, content)


class _OpenBadgesJwt:
    def check(self, snapshot: Snapshot) -> None:
        _OpenBadges().check(snapshot)

    def render(self, snapshot: Snapshot, seal: Seal, made: Mapping[str, Rendering]) -> Rendering:  # noqa: ARG002
        if seal.jose is None:
            raise RenderingError("there is no key that signs JWTs")
        method, algorithm = seal.jose.verification_method, seal.jose.algorithm
        token = sign_jwt(credential(snapshot), kid=method, sign=seal.jose.sign, algorithm=algorithm)
        try:
            verify_jwt(token, seal.jose.public_key)
        except JwtFaultError as error:
            raise RenderingError(f"the signature does not verify: {error}") from error
        return Rendering(OPEN_BADGES_JWT, JWT_TYPE, token.encode())


class _European:
    def check(self, snapshot: Snapshot) -> None:
        try:
            require_showable(snapshot)
        except EuropeanCredentialError as error:
            raise RenderingError(str(error)) from error

    def render(self, snapshot: Snapshot, seal: Seal, made: Mapping[str, Rendering]) -> Rendering:  # noqa: ARG002
        if seal.sealing is None:
            raise RenderingError("there is nothing that seals")
        try:
            content = sealed_credential(snapshot, seal.sealing)
        except EuropeanCredentialError as error:
            raise RenderingError(str(error)) from error
        return Rendering(EUROPEAN, SEALED_TYPE, content)


class _Pdf:
    def check(self, snapshot: Snapshot) -> None:
        try:
            require_printable(snapshot)
        except UnprintableError as error:
            raise RenderingError(str(error)) from error

    def render(self, snapshot: Snapshot, seal: Seal, made: Mapping[str, Rendering]) -> Rendering:  # noqa: ARG002
        try:
            content = certificate_pdf(snapshot, attachments(made))
        except UnprintableError as error:
            raise RenderingError(str(error)) from error
        return Rendering(PDF, "application/pdf", content)


_ATTACHED: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        OPEN_BADGES: ("credential.json", "Open Badges 3.0 credential with its proof"),
        OPEN_BADGES_JWT: ("credential.jwt", "Open Badges 3.0 credential as a signed JWT"),
        EUROPEAN: ("european-digital-credential.json", "European Digital Credential, sealed"),
    }
)


def attachments(made: Mapping[str, Rendering]) -> list[Attachment]:
    """Every signed form that there is, as a file for the PDF."""
    return [
        Attachment(name, made[kind].media_type, description, made[kind].content.decode())
        for kind, (name, description) in _ATTACHED.items()
        if kind in made
    ]


RENDERERS: Final[Mapping[str, Renderer]] = MappingProxyType(
    {OPEN_BADGES: _OpenBadges(), OPEN_BADGES_JWT: _OpenBadgesJwt(), EUROPEAN: _European(), PDF: _Pdf()}
)
"""In the order in which they are made: the PDF carries the credentials."""
