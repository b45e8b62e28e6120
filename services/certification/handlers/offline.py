"""Verify a bundle without network, clock skew aside: today or in twenty years, after any rotation of keys.

Everything hangs on one thing that the verifier has from elsewhere: the key of the transparency log. The checkpoint is
signed with it, and the checkpoint proves the issuance and the issuer's keys. A bundle says how things stood when it
was made; a suspension of later is not in it.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.certification.domain.merkle import root_of_inclusion
from services.certification.domain.transparency import (
    Checkpoint,
    Entry,
    NoteError,
    key_id,
    parse_note,
    public_of,
)
from services.certification.domain.verdict import Check, VerdictName, verdict_of
from services.certification.formats.multikey import public_key
from services.certification.formats.proof import ProofError, verify_proof
from services.certification.formats.statuslist import is_set

BUNDLE_TYPE: Final = "PasserelleBundle/1"
_MALFORMED: Final = (KeyError, TypeError, ValueError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True)
class OfflineVerdict:
    """`log_keys` are the keys that the bundle itself gives for the log."""

    verdict: VerdictName
    checks: tuple[Check, ...]
    log_keys: tuple[str, ...]


class _FaultError(Exception):
    """A check does not pass; the message says why."""


@dataclass(frozen=True)
class _Reading:
    """A bundle whose log entries are proven by its checkpoint, looked at `now`."""

    now: datetime
    text: str
    credential: Mapping[str, Any]
    status_list: Mapping[str, Any]
    institution: str
    keys: Sequence[Mapping[str, Any]]
    checkpoint: Checkpoint
    entries: Sequence[Entry]

    def told(self, kind: str, subject: str) -> list[Entry]:
        return [entry for entry in self.entries if (entry.kind, entry.subject) == (kind, subject)]

    @cached_property
    def key(self) -> str:
        """The key that signed the credential, as `_signing_key`."""
        return _signing_key(self, self.credential)


def verify_bundle(bundle: Any, now: datetime, trusted: str | None) -> OfflineVerdict:
    """The verdict on a parsed bundle. `trusted` is the log's verifier key as the verifier knows it, if it does."""
    try:
        log_keys = tuple(str(key) for key in bundle["log"]["keys"])
        reading = _read(bundle, now, log_keys if trusted is None else (trusted,))
    except _FaultError as error:
        return _unreadable(Check("log", "failed", f"The log does not prove it: {error}."))
    except _MALFORMED:
        return _unreadable(Check("format", "failed", "This is not a bundle in the form issued here."))
    checks = [Check("format", "passed", "It is a bundle with everything that a verification takes.")]
    for name, check in _CHECKS.items():
        try:
            checks.append(check(reading))
        except (_FaultError, ProofError) as error:
            checks.append(Check(name, "failed", f"It does not hold: {error}."))
        except _MALFORMED:
            checks.append(Check(name, "failed", "It cannot be read."))
    checks.append(_trust(trusted))
    return OfflineVerdict(verdict_of(checks), tuple(checks), log_keys)


def _unreadable(check: Check) -> OfflineVerdict:
    return OfflineVerdict("not_valid", (check,), ())


def _read(bundle: Mapping[str, Any], now: datetime, log_keys: Sequence[str]) -> _Reading:
    if bundle["type"] != BUNDLE_TYPE:
        raise ValueError("another type")
    checkpoint = _checkpoint(bundle["log"]["checkpoint"], log_keys)
    return _Reading(
        now=now,
        text=bundle["credential"],
        credential=json.loads(bundle["credential"]),
        status_list=json.loads(bundle["status_list"]),
        institution=bundle["issuer"]["institution"],
        keys=bundle["issuer"]["keys"],
        checkpoint=checkpoint,
        entries=[_proven(entry, checkpoint) for entry in bundle["log"]["entries"]],
    )


def _checkpoint(note: str, log_keys: Sequence[str]) -> Checkpoint:
    try:
        checkpoint, identifier, signature = parse_note(note)
        for raw in map(public_of, log_keys):
            if key_id(checkpoint.origin, raw) == identifier:
                Ed25519PublicKey.from_public_bytes(raw).verify(signature, checkpoint.text.encode())
                return checkpoint
    except NoteError as error:
        raise _FaultError(str(error)) from error
    except InvalidSignature:
        raise _FaultError("the signature of its checkpoint does not hold") from None
    raise _FaultError("its checkpoint is signed with another key")


def _proven(data: Mapping[str, Any], checkpoint: Checkpoint) -> Entry:
    entry = Entry(
        kind=data["kind"],
        subject=data["subject"],
        issuer=data["issuer"],
        at=datetime.fromisoformat(data["at"]),
        salt=data["salt"],
        digest=data["digest"],
    )
    path = [bytes.fromhex(hash_) for hash_ in data["path"]]
    try:
        found = root_of_inclusion(entry.leaf, data["index"], checkpoint.size, path)
    except ValueError as error:
        raise _FaultError(str(error)) from error
    if found != checkpoint.root:
        raise _FaultError("an entry is not in the log")
    return entry


def _log(reading: _Reading) -> Check:
    identifier = str(reading.credential["id"]).removeprefix("urn:uuid:")
    digest = "sha256:" + hashlib.sha256(reading.text.encode()).hexdigest()
    issued = reading.told("issued", identifier)
    if not any(entry.digest == digest and entry.issuer == reading.institution for entry in issued):
        raise _FaultError("the log does not say that this document was issued")
    return Check("log", "passed", f"It stands in the log since {issued[0].at:%Y-%m-%d at %H:%M UTC}.")


def _signing_key(reading: _Reading, document: Mapping[str, Any]) -> str:
    """The key of the proof, once it holds and the log says that the key is the issuer's."""
    issuer = reading.credential["issuer"]["id"]
    if not issuer.endswith(f":{reading.institution}"):
        raise _FaultError("the issuer is another institution")
    known = {f"{issuer}#{key['key']}": key["key"] for key in reading.keys if key["algorithm"] == "EdDSA"}

    def key_of(method: str) -> Ed25519PublicKey | None:
        return public_key(known[method]) if method in known else None

    key: str = known[verify_proof(document, key_of)["verificationMethod"]]
    if not any(entry.issuer == reading.institution for entry in reading.told("key_activated", key)):
        raise _FaultError("the log does not say that its key is the issuer's")
    return key


def _proof(reading: _Reading) -> Check:
    if not reading.told("key_compromised", reading.key):
        return Check("proof", "passed", "The signature holds: nothing has been changed since it was issued.")
    since = next(each["compromised_from"] for each in reading.keys if each["key"] == reading.key)
    identifier = str(reading.credential["id"]).removeprefix("urn:uuid:")
    if any(entry.at >= datetime.fromisoformat(since) for entry in reading.told("issued", identifier)):
        raise _FaultError(f"others may have had the key since {since}")
    return Check("proof", "remark", f"The signature holds; its key was compromised later, on {since}.")


def _issuer(reading: _Reading) -> Check:
    (entry, *_) = reading.told("key_activated", reading.key)
    return Check(
        "issuer", "passed", f"{reading.institution} has this key since {entry.at:%Y-%m-%d}, by the log."
    )


def _status(reading: _Reading) -> Check:
    listed, entry = reading.status_list, reading.credential["credentialStatus"]
    if (
        listed["id"] != entry["statusListCredential"]
        or listed["issuer"] != reading.credential["issuer"]["id"]
    ):
        raise _FaultError("the list of the bundle is another one")
    _signing_key(reading, listed)
    if is_set(listed["credentialSubject"]["encodedList"], int(entry["statusListIndex"])):
        raise _FaultError(f"it was suspended, revoked or replaced by {listed['validFrom']}")
    return Check(
        "status",
        "passed",
        f"It stood on {listed['validFrom']}; what became of it later is not in the bundle.",
    )


def _dates(reading: _Reading) -> Check:
    now, credential = reading.now, reading.credential
    begins = datetime.fromisoformat(credential["validFrom"])
    if begins > now:
        raise _FaultError(f"it is valid only from {begins} on")
    if "validUntil" in credential and datetime.fromisoformat(credential["validUntil"]) < now:
        return Check("dates", "remark", f"It expired on {credential['validUntil']}.")
    return Check("dates", "passed", f"It has been valid since {begins:%Y-%m-%d at %H:%M UTC}.")


def _trust(trusted: str | None) -> Check:
    if trusted is not None:
        return Check("trust", "passed", "The log's key is the one that you gave.")
    detail = "The log's key comes from the bundle itself: compare it with the one that the log publishes."
    return Check("trust", "remark", detail)


_CHECKS: Final[Mapping[str, Callable[[_Reading], Check]]] = {
    "log": _log,
    "issuer": _issuer,
    "proof": _proof,
    "status": _status,
    "dates": _dates,
}
