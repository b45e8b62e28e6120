"""The status of what the VC-API issues: an entry of a Bitstring Status List of this installation's did:key.

A list is signed in the transaction that begins it or changes one of its bits, so that what is published is never
behind what was answered.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.certification.domain.snapshot import written
from services.certification.formats.contexts import CREDENTIALS
from services.certification.formats.did_key import did_of, method_of
from services.certification.formats.proof import add_proof
from services.certification.formats.statuslist import ENTRIES, status_list
from services.certification.formats.vc_model import Fault
from services.certification.formats.vc_status import ENTRY, REFUSING
from services.certification.formats.vc_values import is_url
from services.certification.handlers.status_lists import status_list_url
from services.certification.handlers.vc_api_requests import Document, refused
from services.certification.store import vc_api_statuses
from shared.domain import ConflictError, NotFoundError
from shared.ids import derived_id
from shared.messaging.unit_of_work import UnitOfWork
from shared.settings import Settings

REVOCATION: Final = "revocation"
PURPOSES: Final = tuple(sorted(REFUSING))
_TYPES: Final = (ENTRY, "BitstringStatusList")
"""The second is what the VC-API's own example says."""


def identifier_of(options: Mapping[str, Any], credential: Mapping[str, Any]) -> str | None:
    """The identifier by which a credential's status is updated: `options.credentialId`, or its own id.

    Raises:
        ProblemError: 400 where the option is no URL.
    """
    named = options.get("credentialId")
    if named is not None and not is_url(named):
        raise refused([Fault("/options/credentialId", "An identifier is one URL.")])
    return named or credential.get("id")


def purpose_of(
    options: Mapping[str, Any], credential: Mapping[str, Any], identifier: str | None
) -> str | None:
    """The purpose of the entry that `credential` is to get; None where it gets none.

    `options.credentialStatus` asks for one; null asks for none. Where nothing is said, a credential of version 2.0 gets
    one for revocation if there is an identifier by which it could be revoked. One that brings a status keeps it, and
    one that brings a proof stays as it was proven.

    Raises:
        ProblemError: 400 where what is asked for cannot be had.
    """
    if "credentialStatus" in credential or "proof" in credential:
        return None
    current = credential["@context"][0] == CREDENTIALS
    if "credentialStatus" not in options:
        return REVOCATION if current and identifier is not None else None
    asked = options["credentialStatus"]
    if asked is None:
        return None
    if not current:
        raise refused([Fault("/options/credentialStatus", "Only a credential of version 2.0 can get one.")])
    return str(_asked(asked, "/options/credentialStatus", statusPurpose=REVOCATION)["statusPurpose"])


@dataclass(frozen=True, slots=True)
class Statuses:
    """The lists that `key` signs, a series for each purpose: a list is used up to half, then the next one is begun."""

    settings: Settings
    key: Ed25519PrivateKey

    @property
    def issuer(self) -> str:
        return did_of(self.key.public_key())

    def allot(self, uow: UnitOfWork, purpose: str, identifier: str | None) -> Document:
        """A status entry at an index drawn at random that no other credential has or gets.

        A credential without identifier is referred to by the entry's own.
        """
        list_id = self._open_list(uow, purpose)
        while True:
            index = secrets.randbelow(ENTRIES)
            entry = self._entry(list_id, purpose, index)
            if vc_api_statuses.take(uow, list_id, index, _digest(identifier or entry["id"])):
                return entry

    def update(self, uow: UnitOfWork, credential_id: object, named: object, status: object) -> None:
        """Set or clear the bits of every entry of the credential that fits `named`, and publish the lists.

        Raises:
            ProblemError: 400 where the request cannot be read.
            NotFoundError: no credential issued here with the present key has such an entry.
            ConflictError: it would undo a revocation, which is final.
        """
        if not isinstance(credential_id, str) or not credential_id:
            raise refused([Fault("/credentialId", "This is the identifier of a credential.")])
        if not isinstance(status, bool):
            raise refused([Fault("/status", "This is true or false.")])
        asked, digest = _asked(named, "/credentialStatus"), _digest(credential_id)
        purpose, found = asked["statusPurpose"], False
        for row in vc_api_statuses.lock_lists_with(uow, self.issuer, purpose, digest):
            fitting = [
                place
                for place in vc_api_statuses.places(uow.connection, row.id, digest)
                if asked.items() <= self._entry(row.id, purpose, place.status_index).items()
            ]
            found = found or bool(fitting)
            self._put(uow, row, fitting, is_set=status)
        if not found:
            raise NotFoundError("No credential of that identifier was issued here with such a status.")

    def _put(self, uow: UnitOfWork, row: sa.Row[Any], places: Sequence[sa.Row[Any]], *, is_set: bool) -> None:
        changed = [place.status_index for place in places if place.is_set != is_set]
        if not changed:
            return
        if row.purpose == REVOCATION and not is_set:
            raise ConflictError("A revocation is final; issue another credential.")
        vc_api_statuses.put_bits(uow, row.id, changed, is_set=is_set)
        indexes = vc_api_statuses.set_indexes(uow.connection, row.id)
        vc_api_statuses.put_credential(uow, row.id, self._signed(row.id, row.purpose, indexes, uow.now))

    def _open_list(self, uow: UnitOfWork, purpose: str) -> str:
        row = vc_api_statuses.latest(uow.connection, self.issuer, purpose)
        if row is not None and row.allocated < ENTRIES // 2:
            list_id = str(row.id)
        else:
            ordinal = row.ordinal + 1 if row is not None else 1
            list_id = derived_id("vc-api-status-list", self.issuer, purpose, str(ordinal))
            empty = self._signed(list_id, purpose, [], uow.now)
            vc_api_statuses.begin(
                uow, list_id, issuer=self.issuer, purpose=purpose, ordinal=ordinal, credential=empty
            )
        vc_api_statuses.count_one(uow, list_id)
        return list_id

    def _signed(self, list_id: str, purpose: str, indexes: Iterable[int], now: datetime) -> str:
        """The list without a time to live, because a suite that has set a bit looks again at once."""
        moment = written(now)
        address = status_list_url(self.settings, list_id)
        listed = status_list(address, self.issuer, moment, indexes, purpose=purpose, lifetime=None)
        method = method_of(self.key.public_key())
        secured = add_proof(listed, created=moment, verification_method=method, sign=self.key.sign)
        return json.dumps({**listed, "proof": secured["proof"][0]}, ensure_ascii=False)

    def _entry(self, list_id: str, purpose: str, index: int) -> Document:
        address = status_list_url(self.settings, list_id)
        return {
            "id": f"{address}#{index}",
            "type": ENTRY,
            "statusPurpose": purpose,
            "statusListIndex": str(index),
            "statusListCredential": address,
        }


def _asked(named: object, pointer: str, **otherwise: str) -> Document:
    if not isinstance(named, dict) or named.get("type") not in _TYPES:
        raise refused([Fault(pointer, f"This is an object whose type is {ENTRY}.")])
    asked = {**otherwise, **named, "type": ENTRY}
    if asked.get("statusPurpose") not in PURPOSES:
        raise refused([Fault(f"{pointer}/statusPurpose", f"This is one of {', '.join(PURPOSES)}.")])
    return asked


def _digest(identifier: str) -> str:
    return hashlib.sha256(identifier.encode()).hexdigest()
