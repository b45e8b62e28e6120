"""Verify an SD-JWT VC that somebody presents: its issuer's signature, its holder's, its status and its dates.

Copies of certificates of ours are looked up in the register and nothing is fetched. For others, keys come from the
issuer's DID or from its metadata (`/.well-known/jwt-vc-issuer`), states from a Token Status List, both by the fetcher.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

import sqlalchemy as sa

from services.certification.domain.issuer_key import IssuerKey
from services.certification.domain.verdict import Check, hold, verdict_of, whole
from services.certification.domain.wallet import SUSPENDED, VALID
from services.certification.formats.did import issuer_did
from services.certification.formats.did_key import key_from_multikey
from services.certification.formats.jws import JwtFaultError, verify_jwt
from services.certification.formats.sd_jwt_claims import PARTS
from services.certification.formats.sd_jwt_reading import TYPES, SdJwt, read_sd_jwt
from services.certification.formats.token_status import ENTRIES, place_in
from services.certification.formats.wallet_metadata import institution_at
from services.certification.handlers.foreign import in_turn
from services.certification.handlers.issuer_metadata import IssuerDocuments
from services.certification.handlers.part_checks import part_checks
from services.certification.handlers.presentation_checks import Expected, PresentationChecks
from services.certification.handlers.resolution import UnresolvedError
from services.certification.handlers.standing import why_not
from services.certification.handlers.token_status_lists import list_address
from services.certification.handlers.verification import Verdict, shown_of
from services.certification.handlers.wallet_copies import digest_of
from services.certification.store import issuer_keys, queries, wallet
from services.certification.store.queries import Scope
from shared.settings import Settings

_LIST_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,100}")
_BEFORE_SHOWING: Final = ("issuer", "proof", "holder")
_HOLDS: Final = "The signature holds: nothing has been changed since it was issued."


def verify_presentation(
    connection: sa.Connection,
    settings: Settings,
    now: datetime,
    documents: IssuerDocuments,
    text: str,
    *,
    expected: Expected,
) -> Verdict:
    """The verdict on `text`, an SD-JWT VC with or without its holder's signature over the presentation."""
    try:
        presented = read_sd_jwt(text)
        issuer = _named(presented, "iss")
        _named(presented, "vct")
    except JwtFaultError as error:
        told = f"This is no SD-JWT VC that can be read: {error}."
        return _verdict((Check("format", "failed", told),), now)
    institution = institution_at(issuer, settings.public_url)
    if institution is not None:
        ours = _Ours(presented, now, expected, connection, settings, institution)
        checks = ours.run()
        shown = shown_of(ours.row) if hold(checks, *_BEFORE_SHOWING) else None
        return Verdict(verdict_of(checks), checks, now, shown)
    looking = _Foreign(presented, now, expected, documents, issuer)
    return in_turn(lambda: _verdict(looking.run(), now), now)


def _named(presented: SdJwt, claim: str) -> str:
    value = presented.payload.get(claim)
    if not isinstance(value, str) or not value:
        raise JwtFaultError(f"the claim {claim} is missing")
    return value


def _verdict(made: tuple[Check, ...], now: datetime) -> Verdict:
    checks = whole(made)
    return Verdict(verdict_of(checks), checks, now)


@dataclass(frozen=True)
class _Ours(PresentationChecks):
    """A copy of a certificate of this installation."""

    connection: sa.Connection
    settings: Settings
    institution: str

    def run(self) -> tuple[Check, ...]:
        """Parts of a larger certificate are looked at where the holder shows them, not where they are withheld."""
        made = super().run()
        if not hold(made, *_BEFORE_SHOWING) or PARTS not in self.presented.claims:
            return made
        return (*made, *part_checks(self.connection, self.row))

    def _issuer(self) -> Check:
        keys = issuer_keys.in_states(
            self.connection, self.institution, issuer_keys.SIGNED, (issuer_keys.ES256,)
        )
        if not keys:
            return Check("issuer", "failed", f"{self.institution} has issued nothing here.")
        told = f"Its issuer, {self.institution}, is registered here with its keys."
        return Check("issuer", "passed", told)

    def _proof(self) -> Check:
        try:
            key = self._key()
            verify_jwt(self.presented.jwt, key_from_multikey(key.multikey), TYPES)
            copy = self._copy
        except JwtFaultError as error:
            return Check("proof", "failed", f"The signature does not hold: {error}.")
        known = copy is not None and copy.digest == digest_of(self.presented.jwt)
        if key.compromised_from is not None:
            since = f"{key.compromised_from:%Y-%m-%d at %H:%M UTC}"
            if copy is None or not known or copy.issued_at >= key.compromised_from:
                told = f"It was signed with a key that others may have had since {since}."
                return Check("proof", "failed", told)
            return Check(
                "proof", "remark", f"The signature holds; its key was compromised later, on {since}."
            )
        if not known:
            return Check("proof", "failed", "The register knows of no such copy, whoever signed it.")
        return Check("proof", "passed", _HOLDS)

    def _key(self) -> IssuerKey:
        method, _, name = str(self.presented.header.get("kid")).partition("#")
        key = issuer_keys.find(self.connection, name)
        did = issuer_did(self.settings.public_host, self.institution)
        if key is None or key.institution != self.institution or method != did:
            raise JwtFaultError("the key of the token is not one of the issuer's")
        if key.algorithm != issuer_keys.ES256 or key.state == "pending":
            raise JwtFaultError("the key of the token is not one that signs credentials")
        return key

    @cached_property
    def _copy(self) -> sa.Row[Any] | None:
        """The copy that is on record under the place that it names."""
        place = place_in(self.presented.payload.get("status"))
        prefix = list_address(self.settings, "")
        if place is None or not place[0].startswith(prefix):
            return None
        list_id, index = place[0].removeprefix(prefix), place[1]
        if not _LIST_ID.fullmatch(list_id) or not 0 <= index < ENTRIES:
            return None
        return wallet.copy_at(self.connection, list_id, index)

    @cached_property
    def row(self) -> sa.Row[Any] | None:
        """The certificate of the copy."""
        copy = self._copy
        return None if copy is None else queries.certificate(self.connection, Scope(), copy.certificate_id)

    def _status(self) -> Check:
        row = self.row
        if row is None:
            return Check("status", "unchecked", "The register does not say whether it still stands.")
        if told := why_not(row):
            return Check("status", "failed", told)
        return Check("status", "passed", "It is neither suspended nor revoked nor replaced.")


@dataclass(frozen=True)
class _Foreign(PresentationChecks):
    """A credential of an issuer that is not registered here."""

    documents: IssuerDocuments
    issuer: str

    def _issuer(self) -> Check:
        told = f"It names {self.issuer[:200]}, which is not registered here: who that is remains to be seen."
        return Check("issuer", "remark", told)

    def _proof(self) -> Check:
        try:
            key = self.documents.key(self.issuer, self.presented.header)
            verify_jwt(self.presented.jwt, key, TYPES)
        except UnresolvedError as error:
            return Check("proof", "unchecked", f"The signature could not be checked: {error}.")
        except JwtFaultError as error:
            return Check("proof", "failed", f"The signature does not hold: {error}.")
        return Check("proof", "passed", _HOLDS)

    def _status(self) -> Check:
        status: Mapping[str, Any] | None = self.presented.payload.get("status")
        if status is None:
            return Check("status", "passed", "It names no status list: its issuer cannot withdraw it.")
        try:
            place = place_in(status)
            if place is None:
                return Check("status", "unchecked", "It has a status of a kind that is not known here.")
            found = self.documents.status(self.issuer, place, self.now)
        except (UnresolvedError, JwtFaultError) as error:
            return Check("status", "unchecked", f"Whether it still stands could not be checked: {error}.")
        if found == VALID:
            return Check("status", "passed", "Its issuer's list says that it stands.")
        said = "is suspended" if found == SUSPENDED else "does not stand any more"
        return Check("status", "failed", f"Its issuer's list says that it {said}.")
