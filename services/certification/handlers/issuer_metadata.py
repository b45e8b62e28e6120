"""Keys and status lists of other issuers of SD-JWT VCs, from where their identifiers say they are published."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from services.certification.formats.data_integrity import ProofFaultError
from services.certification.formats.jws import JwtFaultError, JwtKey, key_from_jwk, read_jwt
from services.certification.formats.token_status import MEDIA_TYPE, status_at, verified_list
from services.certification.formats.wallet_metadata import well_known
from services.certification.handlers.resolution import Resolver, UnresolvedError
from shared.fetch import FetchError
from shared.web.strict_json import MalformedJsonError, loads

Document = Mapping[str, Any]

_MAX_LIST: Final = 256 * 1024
_MAX_KEYS: Final = 50
_LIST: Final = frozenset({"statuslist+jwt"})


@dataclass(frozen=True, slots=True)
class IssuerDocuments:
    """For one verification: each document is fetched once. `resolver` finds the keys of DIDs."""

    resolver: Resolver
    _kept: dict[str, list[Document]] = field(default_factory=dict)

    def key(self, issuer: str, header: Document) -> JwtKey:
        """The key of `issuer` that the header of a token names.

        Raises:
            UnresolvedError: its keys could not be had.
            JwtFaultError: it has no such key.
        """
        kid = header.get("kid")
        if issuer.startswith("did:"):
            return self._of_did(issuer, kid)
        if not issuer.startswith(("https://", "http://")):
            raise UnresolvedError("its issuer has an identifier of a kind that is not looked up here")
        keys = self._published(issuer)
        fitting = [key for key in keys if kid is None or key.get("kid") == kid]
        if len(fitting) != 1:
            raise JwtFaultError("its issuer publishes no such key")
        return key_from_jwk(fitting[0])

    def _of_did(self, issuer: str, kid: str | None) -> JwtKey:
        try:
            method = self.resolver.method(issuer, kid, "assertionMethod")
            return self.resolver.key(method, "assertionMethod")
        except ProofFaultError as error:
            raise JwtFaultError(str(error)) from error

    def _published(self, issuer: str) -> list[Document]:
        """The JWKs in the issuer's metadata (SD-JWT VC, section 4), or at the address that it names."""
        if issuer not in self._kept:
            document = self._fetched(_metadata_address(issuer))
            if document.get("issuer") != issuer:
                raise UnresolvedError("what is published in its issuer's place is the document of another")
            address = document.get("jwks_uri")
            listed = self._fetched(address) if isinstance(address, str) else document.get("jwks")
            keys = listed.get("keys") if isinstance(listed, dict) else None
            if not isinstance(keys, list):
                raise UnresolvedError("its issuer publishes no keys")
            self._kept[issuer] = [key for key in keys[:_MAX_KEYS] if isinstance(key, dict)]
        return self._kept[issuer]

    def _fetched(self, address: str) -> dict[str, Any]:
        try:
            document = loads(self.resolver.fetcher.get(address))
        except (FetchError, MalformedJsonError, ValueError) as error:
            raise UnresolvedError(f"the keys of its issuer could not be fetched: {error}") from error
        if not isinstance(document, dict):
            raise UnresolvedError("what its issuer publishes is no JSON object")
        return document

    def status(self, issuer: str, place: tuple[str, int], now: datetime) -> int:
        """What the Token Status List of `issuer` says at `place`.

        Raises:
            UnresolvedError: the list could not be had.
            JwtFaultError: it is not the issuer's, out of date, or has no such place.
        """
        address, index = place
        try:
            content = self.resolver.fetcher.get(address, accept=MEDIA_TYPE, max_bytes=_MAX_LIST)
            token = content.decode("ascii").strip()
        except (FetchError, ValueError) as error:
            raise UnresolvedError(f"its list could not be fetched: {error}") from error
        key = self.key(issuer, read_jwt(token, _LIST)[0])
        return status_at(verified_list(token, key, address, now.timestamp()), index)


def _metadata_address(issuer: str) -> str:
    try:
        return well_known(issuer, "jwt-vc-issuer")
    except ValueError as error:
        raise UnresolvedError("its issuer has an identifier that is no address") from error
