"""What the certificate of a seal has to be, and to whom it leads (EN 319 412, RFC 5280)."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import verification
from cryptography.x509.oid import NameOID

from services.certification.formats.elm_parties import LegalIdentifier

_SMALLEST_RSA: Final = 2048
_OF_RSA: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
_OF_CURVES: Final = MappingProxyType({"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"})
_ANY: Final = verification.ExtensionPolicy.permit_all()
UNREADABLE: Final = (
    ValueError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""What is raised of somebody's certificate when it is loaded, or later when one of its parts is asked for."""
_AUTHORITIES: Final = _ANY.require_present(x509.BasicConstraints, verification.Criticality.AGNOSTIC, None)


class SealCertificateError(Exception):
    """This certificate is none that seals; the message says why."""


def require_for_seals(certificate: x509.Certificate) -> tuple[str, ...]:
    """The JWS algorithms of the certificate's key, once the certificate says that it is for seals.

    Raises:
        SealCertificateError: key usage, kind of certificate or kind of key are others.
    """
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        authority = any(
            extension.value.ca
            for extension in certificate.extensions
            if isinstance(extension.value, x509.BasicConstraints)
        )
    except (x509.ExtensionNotFound, *UNREADABLE) as error:
        raise SealCertificateError("the certificate does not say what its key is for") from error
    if not (usage.digital_signature and usage.content_commitment):
        raise SealCertificateError("the certificate's key is not for digital signature and non-repudiation")
    if authority:
        raise SealCertificateError("the certificate is an authority's, not a seal's")
    return _algorithms(certificate)


def _algorithms(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        key = certificate.public_key()
    except UNREADABLE as error:
        raise SealCertificateError("the certificate's key cannot be read") from error
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _OF_CURVES:
        return (_OF_CURVES[key.curve.name],)
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= _SMALLEST_RSA:
        return _OF_RSA
    raise SealCertificateError(
        "the certificate's key is neither of a NIST curve nor RSA of at least 2048 bits"
    )


def require_valid(certificate: x509.Certificate, at: datetime) -> None:
    """Return when the certificate was valid at the moment.

    Raises:
        SealCertificateError: it was not yet, or no longer.
    """
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        raise SealCertificateError("the certificate was not valid when the seal was made")


def require_chain(chain: Sequence[x509.Certificate]) -> None:
    """Return when each certificate of the chain was issued by the next.

    Raises:
        SealCertificateError: one was not.
    """
    for certificate, issuer in pairwise(chain):
        try:
            certificate.verify_directly_issued_by(issuer)
        except (TypeError, InvalidSignature, *UNREADABLE) as error:
            raise SealCertificateError("the certificates do not follow from one another") from error


def leads_to(chain: Sequence[x509.Certificate], anchors: Sequence[x509.Certificate], at: datetime) -> bool:
    """Whether the first certificate follows from one of the `anchors`, all of them valid at the moment."""
    if not anchors:
        return False
    policy = verification.PolicyBuilder().store(verification.Store(list(anchors))).time(at)
    policy = policy.extension_policies(ca_policy=_AUTHORITIES, ee_policy=_ANY)
    try:
        policy.build_client_verifier().verify(chain[0], list(chain[1:]))
    except (verification.VerificationError, *UNREADABLE):
        return False
    return True


def legal_identifier(certificate: x509.Certificate) -> LegalIdentifier:
    """Whose seal it is.

    Raises:
        SealCertificateError: the subject has no organisation identifier or no country, or cannot be read.
    """
    try:
        subject = certificate.subject
    except UNREADABLE as error:
        raise SealCertificateError("the certificate's subject cannot be read") from error
    notation, country = (
        next((str(part.value) for part in subject.get_attributes_for_oid(oid)), "")
        for oid in (NameOID.ORGANIZATION_IDENTIFIER, NameOID.COUNTRY_NAME)
    )
    if not notation or not country:
        raise SealCertificateError("the certificate names no organisation identifier with its country")
    return LegalIdentifier(notation, country)
