"""Ed25519 public keys as Multikey strings, and the base58 that multibase `z` means."""

from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VALUE: Final = {character: value for value, character in enumerate(_ALPHABET)}
_ED25519: Final = b"\xed\x01"
_KEY_LENGTH: Final = 32
_LONGEST: Final = 128


def encode_base58(data: bytes) -> str:
    """Multibase `z`: base58btc with its prefix."""
    number = int.from_bytes(data)
    digits = ""
    while number:
        number, digit = divmod(number, 58)
        digits = _ALPHABET[digit] + digits
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "z" + "1" * zeros + digits


def decode_base58(text: str) -> bytes:
    """The bytes of a multibase `z` string.

    Raises:
        ValueError: not base58btc with its prefix, or longer than any key or signature.
    """
    if not text.startswith("z") or len(text) > _LONGEST:
        raise ValueError("not a short multibase string in base58btc")
    number = 0
    for character in text[1:]:
        if character not in _VALUE:
            raise ValueError(f"'{character}' is not a base58 digit")
        number = number * 58 + _VALUE[character]
    zeros = len(text[1:]) - len(text[1:].lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8)


def multikey(raw: bytes) -> str:
    """The Multikey string of a raw Ed25519 public key; it also names the key in its issuer's DID document."""
    return encode_base58(_ED25519 + raw)


def public_key(text: str) -> Ed25519PublicKey:
    """The Ed25519 key of a Multikey string.

    Raises:
        ValueError: another kind of key, or none.
    """
    data = decode_base58(text)
    if data[:2] != _ED25519 or len(data) != _KEY_LENGTH + 2:
        raise ValueError("not an Ed25519 Multikey")
    return Ed25519PublicKey.from_public_bytes(data[2:])
