"""The checks of a presented SD-JWT VC in their order, whoever issued it: what issuers differ in is left to them."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from services.certification.domain.verdict import Check, whole
from services.certification.formats.jws import JwtFaultError
from services.certification.formats.sd_jwt_reading import LEEWAY_SECONDS, SdJwt, verify_key_binding

_LATEST: Final = 253_402_300_799
_LEEWAY: Final = timedelta(seconds=LEEWAY_SECONDS)


@dataclass(frozen=True, slots=True)
class Expected:
    """What a verifier asked the holder: the nonce of its question and its own name; None is not compared."""

    nonce: str | None = None
    audience: str | None = None

    @property
    def whole(self) -> bool:
        return self.nonce is not None and self.audience is not None

    @property
    def nothing(self) -> bool:
        return self.nonce is None and self.audience is None


@dataclass(frozen=True)
class PresentationChecks(ABC):
    """The checks in their order; after a signature that does not hold nothing of it is believed."""

    presented: SdJwt
    now: datetime
    expected: Expected

    def run(self) -> tuple[Check, ...]:
        made: list[Check] = [Check("format", "passed", "It is an SD-JWT VC.")]
        for check in (self._issuer, self._proof, self._holder):
            made.append(check())
            if not made[-1].passed:
                return whole(made)
        return (*made, self._status(), self._dates())

    @abstractmethod
    def _issuer(self) -> Check: ...

    @abstractmethod
    def _proof(self) -> Check: ...

    @abstractmethod
    def _status(self) -> Check: ...

    def _holder(self) -> Check:
        if self.presented.key_binding is None and self.expected.nothing:
            told = "Nothing shows who presents it: ask the holder to sign the presentation."
            return Check("holder", "remark", told)
        try:
            verify_key_binding(
                self.presented, self.now, nonce=self.expected.nonce, audience=self.expected.audience
            )
        except JwtFaultError as error:
            return Check("holder", "failed", f"It is not presented by its holder: {error}.")
        if not self.expected.whole:
            told = (
                "Its holder's key signed the presentation; for whom and for which question was not compared."
            )
            return Check("holder", "remark", told)
        return Check("holder", "passed", "Its holder's key signed this presentation, for you and just now.")

    def _dates(self) -> Check:
        begins, ends = self._moment("nbf") or self._moment("iat"), self._moment("exp")
        if {"malformed"} & {begins, ends}:
            return Check("dates", "failed", "Its dates cannot be read.")
        if isinstance(begins, datetime) and begins > self.now + _LEEWAY:
            return Check("dates", "failed", f"It is valid only from {begins:%Y-%m-%d at %H:%M UTC} on.")
        if isinstance(ends, datetime) and ends <= self.now:
            told = f"This copy expired on {ends:%Y-%m-%d}; its holder can get another one."
            return Check("dates", "failed", told)
        return Check("dates", "passed", "It is valid at present.")

    def _moment(self, claim: str) -> datetime | str | None:
        value = self.presented.payload.get(claim)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LATEST:
            return "malformed"
        return datetime.fromtimestamp(value, UTC)
