"""Keys in a hardware security module, by PKCS#11: made there, never outside it. Needs the extra `pkcs11`.

PyKCS11 (python-pkcs11 ends the process when threads sign). A session belongs to one thread at a time; a process logs
in once, for all its sessions.
"""

import hashlib
import secrets
import threading
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

from services.certification.formats.jws import JwtKey
from services.certification.keys.safes import NewKey, Sign
from services.certification.store.issuer_keys import EDDSA, ES256, RS256, Kept
from shared.settings import Settings

_ID_LENGTH: Final = 16
_EXPONENT: Final = b"\x01\x00\x01"
_OCTET_STRING: Final = 2
"""Bytes of DER before a point: a tag and a short length."""
_CURVES: Final = MappingProxyType(
    {EDDSA: b"\x13\x0cedwards25519", ES256: bytes.fromhex("06082a8648ce3d030107")}
)


class ModuleError(ValueError):
    """The module cannot be used as it is set; the message says what an operator has to mend."""


class ModuleSafe:
    """The keys of one token. Each is found by a random identifier (CKA_ID), which the database keeps."""

    def __init__(self, module: Path, token: str, pin: str) -> None:
        """Open the module and log in.

        Raises:
            ModuleError: PyKCS11 is not installed, the module cannot be loaded, or token or PIN are others.
        """
        try:
            import PyKCS11
        except ImportError as error:
            raise ModuleError("PKCS11_MODULE needs PyKCS11: install passerelle[pkcs11]") from error
        self._api: Any = PyKCS11
        self._here = threading.local()
        try:
            self._library = PyKCS11.PyKCS11Lib()
            self._library.load(str(module))
            self._slot = self._slot_of(token)
            self._first = self._open()  # the login lasts as long as a session is open
            self._log_in(pin)
        except PyKCS11.PyKCS11Error as error:
            raise ModuleError(f"the module {module.name} or its token cannot be used: {error}") from error

    def make(self, institution: str, algorithm: str, bits: int) -> NewKey:
        """A new key pair in the token.

        Raises:
            ModuleError: the token makes no such keys.
        """
        api, identifier = self._api, secrets.token_bytes(_ID_LENGTH)
        common = [(api.CKA_TOKEN, api.CK_TRUE), (api.CKA_ID, identifier), (api.CKA_LABEL, institution)]
        public = [*common, (api.CKA_VERIFY, api.CK_TRUE), *self._kind(algorithm, bits)]
        private = [
            *common,
            (api.CKA_SIGN, api.CK_TRUE),
            (api.CKA_PRIVATE, api.CK_TRUE),
            (api.CKA_SENSITIVE, api.CK_TRUE),
            (api.CKA_EXTRACTABLE, api.CK_FALSE),
        ]
        generation = {
            EDDSA: api.CKM_EC_EDWARDS_KEY_PAIR_GEN,
            ES256: api.CKM_EC_KEY_PAIR_GEN,
            RS256: api.CKM_RSA_PKCS_KEY_PAIR_GEN,
        }
        try:
            session = self._session()
            handle, _ = session.generateKeyPair(public, private, api.Mechanism(generation[algorithm], None))
            return NewKey(self._public(session, handle, algorithm), Kept(module_id=identifier.hex()))
        except api.PyKCS11Error as error:
            raise ModuleError(f"the token makes no key for {algorithm}: {error}") from error

    def open(self, institution: str, key: str, algorithm: str, kept: Kept) -> Sign:  # noqa: ARG002 - the port's shape
        """How to sign with the key, in whichever thread.

        Raises:
            ModuleError: the token has no such key.
        """
        identifier = bytes.fromhex(kept.module_id or "")
        self._private(identifier)
        mechanism = self._mechanism(algorithm)

        def sign(data: bytes) -> bytes:
            signed = hashlib.sha256(data).digest() if algorithm == ES256 else data
            try:
                return bytes(self._session().sign(self._private(identifier), signed, mechanism))
            except self._api.PyKCS11Error as error:
                raise ModuleError(f"the token did not sign: {error}") from error

        return sign

    def _slot_of(self, token: str) -> int:
        slots: Sequence[int] = self._library.getSlotList(tokenPresent=True)
        for slot in slots:
            if str(self._library.getTokenInfo(slot).label).strip(" \0") == token:
                return slot
        raise ModuleError(f"the module has no token '{token}'")

    def _open(self) -> Any:
        flags = self._api.CKF_SERIAL_SESSION | self._api.CKF_RW_SESSION
        return self._library.openSession(self._slot, flags)

    def _log_in(self, pin: str) -> None:
        try:
            self._first.login(pin)
        except self._api.PyKCS11Error as error:
            if error.value != self._api.CKR_USER_ALREADY_LOGGED_IN:
                raise ModuleError("the token does not take PKCS11_PIN") from error

    def _session(self) -> Any:
        if not hasattr(self._here, "session"):
            self._here.session, self._here.handles = self._open(), {}
        return self._here.session

    def _private(self, identifier: bytes) -> Any:
        session, api = self._session(), self._api
        if identifier not in self._here.handles:
            wanted = [(api.CKA_CLASS, api.CKO_PRIVATE_KEY), (api.CKA_ID, identifier)]
            found = session.findObjects(wanted)
            if len(found) != 1:
                raise ModuleError("the token does not hold the key that the database names")
            self._here.handles[identifier] = found[0]
        return self._here.handles[identifier]

    def _kind(self, algorithm: str, bits: int) -> list[tuple[Any, Any]]:
        api = self._api
        if algorithm == RS256:
            return [(api.CKA_MODULUS_BITS, bits), (api.CKA_PUBLIC_EXPONENT, _EXPONENT)]
        return [(api.CKA_EC_PARAMS, _CURVES[algorithm])]

    def _mechanism(self, algorithm: str) -> Any:
        if algorithm == EDDSA:
            return self._api.EDDSA_Mechanism()
        plain = {ES256: self._api.CKM_ECDSA, RS256: self._api.CKM_SHA256_RSA_PKCS}
        return self._api.Mechanism(plain[algorithm], None)

    def _public(self, session: Any, handle: Any, algorithm: str) -> JwtKey:
        api = self._api
        if algorithm == RS256:
            modulus, exponent = session.getAttributeValue(handle, [api.CKA_MODULUS, api.CKA_PUBLIC_EXPONENT])
            numbers = RSAPublicNumbers(int.from_bytes(bytes(exponent)), int.from_bytes(bytes(modulus)))
            return numbers.public_key()
        point = bytes(session.getAttributeValue(handle, [api.CKA_EC_POINT])[0])[_OCTET_STRING:]
        if algorithm == EDDSA:
            return Ed25519PublicKey.from_public_bytes(point)
        return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)


def load_module(settings: Settings) -> ModuleSafe | None:
    """The module that the settings name, opened; None where they name none.

    Raises:
        ModuleError: it cannot be used.
    """
    if settings.pkcs11_module is None:
        return None
    return ModuleSafe(settings.pkcs11_module, settings.pkcs11_token, settings.pkcs11_pin)
