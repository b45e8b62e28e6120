"""Certificates from elsewhere that learners present for recognition (ADM-32): read, verified and compared.

What is found out is kept as remarks for the person who decides. Names are compared as people read them, and a name that
differs is a doubt, not a verdict.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, Final

import rfc8785

from services.certification.domain.recognition import Basis, Examination, Recognition, Step, requested
from services.certification.domain.recognition_rules import foreign_objections
from services.certification.handlers.documents import learner_from
from services.certification.handlers.foreign import verify_any
from services.certification.handlers.recognition_keeping import keep
from services.certification.handlers.sealed import is_sealed, verify_sealed
from services.certification.handlers.verification import Verdict, same_name
from services.certification.keys.seals import Seals
from services.certification.store import queries, recognitions
from shared.annex1 import ATTENDANCE, Learner
from shared.annex1.readers import UnreadableError, elm, open_badges, opened, sd_jwt
from shared.annex1.readers.baked import baked_in_url, is_picture_url
from shared.annex1.reading import ELM, OPEN_BADGES, SD_JWT_VC, Facts, Reading
from shared.domain import Change, InvalidError, Pointer
from shared.fetch import Fetcher
from shared.messaging.jobs import Job, JobContext, RetryLater
from shared.rest import RestMissingError, RestUnavailableError
from shared.web.strict_json import MalformedJsonError, loads

_READERS: Final = MappingProxyType({OPEN_BADGES: open_badges.read, ELM: elm.read, SD_JWT_VC: sd_jwt.read})
_JWT: Final = "application/vc+jwt"
_SEALED: Final = "application/jose+json"
_SOON: Final = timedelta(seconds=1)
_LONGEST: Final = 300
_IDENTIFIER: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-;=?-\[\]_a-z~]{1,300}")
_UNPRINTABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]+")
_MOST_CREDITS: Final = Decimal(1_000)


@dataclass(frozen=True, slots=True)
class Presented:
    """A certificate as it was presented: `content` is what its digest is of (RFC 8785 where it is an object)."""

    media_type: str
    content: bytes
    document: Mapping[str, Any]
    reading: Reading

    @property
    def digest(self) -> str:
        return "sha256:" + hashlib.sha256(self.content).hexdigest()

    @property
    def basis(self) -> Basis:
        """What it says of itself, cut and cleaned so that a statement can name it."""
        reading = self.reading
        named = self.document.get("id")
        known = isinstance(named, str) and _IDENTIFIER.fullmatch(named) is not None
        return Basis(
            credential_id=str(named) if known else f"urn:sha256:{self.digest.removeprefix('sha256:')}",
            digest=self.digest,
            title={"en": _plain(reading.titles) or "A certificate without a title"},
            issuer=_issuer_name(self.document) or "an issuer that it does not name",
            credits=_credits(reading.credits),
            eqf=next(
                (level.value for level in reading.levels if level.scheme == "eqf" and level.value), None
            ),
        )


def read_presented(presented: object) -> Presented:
    """Read what a learner presents: an object with its proofs, a sealed one, a JWT, or a picture as a `data:` URL.

    Raises:
        InvalidError: it is no credential of a known format.
    """
    try:
        given = _unpacked(presented.strip()) if isinstance(presented, str) else presented
        document, reading = _read(given)
        content = given.encode() if isinstance(given, str) else rfc8785.dumps(given)  # type: ignore[arg-type]
    except (UnreadableError, RecursionError, rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise InvalidError(
            "No certificate of a known format can be read from this.",
            pointers=[Pointer("/credential", str(error) or "It cannot be read.")],
        ) from error
    return Presented(_media_type(given), content, document, reading)


def _unpacked(text: str) -> Any:
    """What is baked into a picture, an object or a JWT; any other text is itself."""
    if not is_picture_url(text):
        return text
    baked = baked_in_url(text).strip()
    if not baked.startswith("{"):
        return baked
    try:
        return loads(baked.encode())
    except MalformedJsonError as error:
        raise UnreadableError(f"what is baked into the picture is no JSON: {error}") from error


def _read(given: Any) -> tuple[Mapping[str, Any], Reading]:
    found, document = opened(given)
    if found not in _READERS:
        raise UnreadableError("present the certificate as it was issued to you")
    return document, _READERS[found](document)


def _media_type(presented: object) -> str:
    if isinstance(presented, str):
        return _JWT
    return _SEALED if is_sealed(presented) else "application/vc+ld+json"


def presented_again(media_type: str, content: bytes) -> Presented:
    """What `read_presented` read when it was presented."""
    text = content.decode()
    return read_presented(text if media_type == _JWT else json.loads(text))


def examine_presented(seals: Seals | None, fetcher: Fetcher, context: JobContext, job: Job) -> None:
    """Job: verify the presented certificate, compare its holder, apply the agreement's rule; then it waits for people.

    Whatever is found, the request comes before its institution: nothing is refused by a machine (GDPR Article 22).

    Raises:
        RetryLater: admission, which knows the learner's name, is away.
    """
    with context.read() as connection:
        stored = recognitions.load(connection, job.key)
        kept = recognitions.document_of(connection, job.key)
    if stored is None or kept is None:
        return
    presented = presented_again(kept.media_type, kept.content)
    found = _examination(seals, fetcher, context, stored.case, presented)
    with context.unit_of_work() as uow:
        stored = recognitions.load(uow.connection, job.key)
        if stored is None or stored.case.state not in {"received", "open"}:
            return
        case = replace(stored.case, examination=found)
        change = Change("recognition", case.id, "examine", case.state, case.state)
        step = requested(case, uow.now) if case.state == "received" else Step(case, changes=(change,))
        keep(uow, stored, step)


def _examination(
    seals: Seals | None, fetcher: Fetcher, context: JobContext, case: Recognition, presented: Presented
) -> Examination:
    verdict = _verdict(seals, fetcher, context, presented)
    learner = _learner(context, case)
    objections = list(
        foreign_objections(
            case.rule.foreign, _issuers(presented, verdict), presented.basis.eqf, presented.basis.credits
        )
    )
    if presented.reading.document_type == ATTENDANCE:
        objections.append("it certifies attendance, and nothing was assessed")
    if _is_anothers(context, case, presented):
        objections.append("it was issued here, to another learner")
    return Examination(
        verdict=verdict.verdict,
        checks=tuple(asdict(check) for check in verdict.checks),
        holder=holder_of(presented.reading, learner),
        objections=tuple(objections),
        examined_at=verdict.checked_at.isoformat(),
    )


def _verdict(seals: Seals | None, fetcher: Fetcher, context: JobContext, presented: Presented) -> Verdict:
    text = presented.content.decode()
    given: Any = text if presented.media_type == _JWT else json.loads(text)
    settings, now = context.settings, context.clock.now()
    with context.read() as connection:
        if seals is not None and is_sealed(given):
            return verify_sealed(connection, settings, now, seals, given)
        return verify_any(connection, settings, now, fetcher, given)


def _learner(context: JobContext, case: Recognition) -> Learner:
    try:
        return learner_from(context.rest.get("admission", f"/admission/v1/learners/{case.learner_id}"))
    except RestMissingError:
        return Learner()
    except RestUnavailableError as error:
        raise RetryLater(_SOON, str(error)) from error


def _is_anothers(context: JobContext, case: Recognition, presented: Presented) -> bool:
    identifier = presented.document.get("id")
    if not isinstance(identifier, str):
        return False
    with context.read() as connection:
        row = queries.by_credential_id(connection, identifier)
    return row is not None and row.learner_id != case.learner_id


def holder_of(reading: Reading, learner: Learner) -> str:
    """`same`, `different` or `unknown`: the names, and the birth date where both know one."""
    names = [fact.value for fact in reading.names if isinstance(fact.value, str) and fact.value.strip()]
    if not names or not learner.full_name:
        return "unknown"
    if not any(same_name(name, learner.full_name) for name in (*names, " ".join(names))):
        return "different"
    born = {str(fact.value)[:10] for fact in reading.birth_dates}
    if born and learner.date_of_birth and learner.date_of_birth not in born:
        return "different"
    return "same"


def _issuers(presented: Presented, verdict: Verdict) -> frozenset[str]:
    """The identifiers that the verified signature vouches for; a seal does so only under a trusted authority."""
    issuer = presented.document.get("issuer")
    if presented.media_type == _SEALED:
        outcomes = {check.name: check.outcome for check in verdict.checks}
        stated = issuer.get("eIDASIdentifier") if isinstance(issuer, dict) else None
        vouched = isinstance(stated, dict) and outcomes.get("issuer") == "passed"
        named = stated.get("notation") if vouched and isinstance(stated, dict) else None
    else:
        named = issuer.get("id") if isinstance(issuer, dict) else issuer
    return frozenset({named}) if isinstance(named, str) else frozenset()


def _issuer_name(document: Mapping[str, Any]) -> str:
    issuer = document.get("issuer")
    if isinstance(issuer, str):
        return _clean(issuer)
    if not isinstance(issuer, dict):
        return ""
    for member in ("name", "legalName", "prefLabel", "id"):
        value = issuer.get(member)
        texts = value.values() if isinstance(value, dict) else [value]
        for text in texts:
            found = text[0] if isinstance(text, list) and text else text
            if isinstance(found, str) and _clean(found):
                return _clean(found)
    return ""


def _plain(facts: Facts) -> str:
    return next(
        (_clean(fact.value) for fact in facts if isinstance(fact.value, str) and _clean(fact.value)), ""
    )


def _clean(text: str) -> str:
    return " ".join(_UNPRINTABLE.sub(" ", text).split())[:_LONGEST]


def _credits(facts: Facts) -> str | None:
    """The first number of credits that is one; what is stated as anything else is not guessed at."""
    for fact in facts:
        if isinstance(fact.value, bool) or not isinstance(fact.value, int | float | str):
            continue
        try:
            value = Decimal(str(fact.value))
        except InvalidOperation:
            continue
        if value.is_finite() and 0 < value <= _MOST_CREDITS:
            return f"{value.quantize(Decimal('0.001')).normalize():f}"
    return None
