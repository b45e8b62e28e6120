"""What stands in the transparency log: that something happened to a certificate or key, salted, without any person.

A leaf is the hash over salt and entry; whoever has both can show that the entry is in the log, nobody else can guess
it. Checkpoints are signed notes as in C2SP `tlog-checkpoint`, with the moment on a line of its own.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import rfc8785

from services.certification.domain.merkle import leaf_hash

LOG_ISSUER: Final = "transparency-log"
"""Under this name the log has its key, as institutions have theirs; no domain looks like it."""

_ED25519: Final = b"\x01"
_KEY_ID: Final = 4


@dataclass(frozen=True, slots=True)
class Entry:
    """`subject` is a certificate's id or a key; `digest` the SHA-256 of an issued credential; `salt` hexadecimal."""

    kind: str
    subject: str
    issuer: str
    at: datetime
    salt: str
    digest: str | None = None

    @property
    def leaf(self) -> bytes:
        committed = hashlib.sha256(bytes.fromhex(self.salt) + rfc8785.dumps(self.said())).digest()
        return leaf_hash(committed)

    def said(self) -> dict[str, Any]:
        """What the leaf stands for, as JSON without the salt."""
        return {
            "kind": self.kind,
            "subject": self.subject,
            "issuer": self.issuer,
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "digest": self.digest,
        }


class NoteError(ValueError):
    """Not a checkpoint, or not signed by that key."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The log's word: so many entries, with this root, at that moment."""

    origin: str
    size: int
    root: bytes
    at: datetime

    @property
    def text(self) -> str:
        """What is signed."""
        root = base64.b64encode(self.root).decode()
        return f"{self.origin}\n{self.size}\n{root}\nat {self.at.astimezone(UTC).isoformat()}\n"

    def note(self, public: bytes, signature: bytes) -> str:
        """The signed note, for the raw Ed25519 key `public`."""
        signed = base64.b64encode(key_id(self.origin, public) + signature).decode()
        return f"{self.text}\n\u2014 {self.origin} {signed}\n"


def key_id(origin: str, public: bytes) -> bytes:
    """The short name of a log's key in its notes."""
    return hashlib.sha256(f"{origin}\n".encode() + _ED25519 + public).digest()[:_KEY_ID]


def verifier_key(origin: str, public: bytes) -> str:
    """The key as verifiers of signed notes write it: name, key id, key."""
    return f"{origin}+{key_id(origin, public).hex()}+{base64.b64encode(_ED25519 + public).decode()}"


def public_of(verifier: str) -> bytes:
    """The raw key of a verifier key.

    Raises:
        NoteError: it is none.
    """
    try:
        origin, identifier, encoded = verifier.split("+", 2)
        raw = base64.b64decode(encoded, validate=True)
    except ValueError:
        raise NoteError("not a verifier key") from None
    if raw[:1] != _ED25519 or key_id(origin, raw[1:]).hex() != identifier:
        raise NoteError("not a verifier key of this kind")
    return raw[1:]


def parse_note(note: str) -> tuple[Checkpoint, bytes, bytes]:
    """The checkpoint of a note, the id of the key that signed it, and the signature, which is not verified here.

    Raises:
        NoteError: it is none of ours.
    """
    try:
        origin, size, root, at, _, line, _ = note.split("\n")
        encoded = line.split(" ")[2]
        moment = datetime.fromisoformat(at.removeprefix("at "))
        checkpoint = Checkpoint(origin, int(size), base64.b64decode(root, validate=True), moment)
        signed = base64.b64decode(encoded, validate=True)
    except (ValueError, IndexError):
        raise NoteError("not a checkpoint in the form of this log") from None
    if note != f"{checkpoint.text}\n\u2014 {origin} {encoded}\n":
        raise NoteError("not a checkpoint in the form of this log")
    return checkpoint, signed[:_KEY_ID], signed[_KEY_ID:]
