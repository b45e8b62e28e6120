"""Keys that name themselves: Multikey strings of Ed25519 and P-256, and the did:key identifiers made of them."""

from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.certification.formats.multikey import decode_base58, encode_base58

PublicKey = Ed25519PublicKey | EllipticCurvePublicKey

_PREFIX: Final = "did:key:"
_ED25519: Final = b"\xed\x01"
_P256: Final = b"\x80\x24"
_ED25519_LENGTH: Final = 32
_P256_LENGTH: Final = 33


def key_from_multikey(text: str) -> PublicKey:
    """The Ed25519 or P-256 key of a Multikey string in base58btc.

    Raises:
        ValueError: another kind of key, or none.
    """
    data = decode_base58(text)
    kind, raw = data[:2], data[2:]
    try:
        if kind == _ED25519 and len(raw) == _ED25519_LENGTH:
            return Ed25519PublicKey.from_public_bytes(raw)
        if kind == _P256 and len(raw) == _P256_LENGTH:
            return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), raw)
    except UnsupportedAlgorithm as error:
        raise ValueError("not a key that can be used here") from error
    raise ValueError("neither an Ed25519 nor a P-256 Multikey")


def multikey_of(key: PublicKey) -> str:
    """The Multikey string of `key`."""
    if isinstance(key, Ed25519PublicKey):
        return encode_base58(_ED25519 + key.public_bytes_raw())
    return encode_base58(_P256 + key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint))


def did_of(key: PublicKey) -> str:
    return _PREFIX + multikey_of(key)


def method_of(key: PublicKey) -> str:
    """The verification method of `key` in the document of its own did:key."""
    return f"{did_of(key)}#{multikey_of(key)}"


def is_did_key(did: str) -> bool:
    return did.startswith(_PREFIX)


def key_of_method(method: str) -> PublicKey:
    """The key of a did:key's verification method; a bare did:key stands for its only one.

    Raises:
        ValueError: not a did:key of a kind that is known here, or a fragment that names another key.
    """
    did, _, fragment = method.partition("#")
    if not is_did_key(did):
        raise ValueError("not a did:key")
    text = did.removeprefix(_PREFIX)
    if fragment not in {"", text}:
        raise ValueError("the fragment is not that of the did:key's only key")
    return key_from_multikey(text)
