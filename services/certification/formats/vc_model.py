"""What the Verifiable Credentials Data Model demands of every member of a credential and a presentation.

Versions 2.0 and 1.1. Terms are not looked up here: whether a context defines them is seen when the document is put
into canonical form.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from services.certification.formats.contexts import CREDENTIALS
from services.certification.formats.shelf import CREDENTIALS_1
from services.certification.formats.vc_status import status_faults
from services.certification.formats.vc_values import instant_of, is_text, is_type, is_url, several

BASES: Final = (CREDENTIALS, CREDENTIALS_1)
MAX_ENTRIES: Final = 100

_TYPED: Final = (
    "termsOfUse",
    "evidence",
    "refreshService",
    "credentialSchema",
    "renderMethod",
    "confidenceMethod",
)
_ENVELOPED: Final = "EnvelopedVerifiableCredential"


@dataclass(frozen=True, slots=True)
class Fault:
    """One member that breaks the model; `pointer` is a JSON pointer into the document."""

    pointer: str
    detail: str


def period_of(credential: Mapping[str, Any]) -> tuple[datetime | None, datetime | None]:
    """From when until when a well-formed credential is valid, by the names of its version of the model."""
    old = _base(credential) == CREDENTIALS_1
    names = ("issuanceDate", "expirationDate") if old else ("validFrom", "validUntil")
    begins, ends = (instant_of(credential.get(name), offset_optional=old) for name in names)
    return begins, ends


def party_of(named: object) -> str:
    """The identifier of an issuer or holder, who is named by it or by an object that has it; empty where none is."""
    identifier = named.get("id") if isinstance(named, dict) else named
    return identifier if isinstance(identifier, str) else ""


def credential_faults(credential: object) -> list[Fault]:
    """Every way in which `credential` breaks the model; empty where it is a credential (with or without proofs)."""
    if not isinstance(credential, dict):
        return [Fault("", "A credential is a JSON object.")]
    rules: tuple[Callable[[Mapping[str, Any]], Iterator[Fault]], ...] = (
        _context,
        lambda document: _type(document, "VerifiableCredential"),
        _id,
        _issuer,
        _subjects,
        _period,
        _texts,
        _status,
        _typed_members,
        _related,
    )
    return [fault for rule in rules for fault in rule(credential)]


def presentation_faults(presentation: object) -> list[Fault]:
    """Every way in which `presentation` breaks the model; its credentials are looked at only as parts of it."""
    if not isinstance(presentation, dict):
        return [Fault("", "A presentation is a JSON object.")]
    rules: tuple[Callable[[Mapping[str, Any]], Iterator[Fault]], ...] = (
        _context,
        lambda document: _type(document, "VerifiablePresentation"),
        _id,
        _holder,
        _presented,
        lambda document: _typed(document, "termsOfUse"),
    )
    return [fault for rule in rules for fault in rule(presentation)]


def is_enveloped(credential: object) -> bool:
    """Whether `credential` is an object around a credential in JOSE form."""
    return isinstance(credential, dict) and _ENVELOPED in several(credential.get("type"))


def _base(document: Mapping[str, Any]) -> object:
    contexts = document.get("@context")
    return contexts[0] if isinstance(contexts, list) and contexts else None


def _context(document: Mapping[str, Any]) -> Iterator[Fault]:
    contexts = document.get("@context")
    if not isinstance(contexts, list) or _base(document) not in BASES:
        yield Fault("/@context", f"This is a list that begins with {BASES[0]} (or {BASES[1]}).")
        return
    for place, context in enumerate(contexts):
        if not (is_url(context) or isinstance(context, dict)):
            yield Fault(f"/@context/{place}", "A context is a URL or an object.")


def _type(document: Mapping[str, Any], required: str) -> Iterator[Fault]:
    types = document.get("type")
    if not is_type(types) or required not in several(types):
        yield Fault("/type", f"This is one or more names, {required} among them.")


def _id(document: Mapping[str, Any], at: str = "") -> Iterator[Fault]:
    if "id" in document and not is_url(document["id"]):
        yield Fault(f"{at}/id", "An identifier is one URL.")


def _party(document: Mapping[str, Any], name: str) -> Iterator[Fault]:
    if not is_url(party_of(document.get(name))):
        yield Fault(f"/{name}", "This is a URL, or an object whose id is one.")


def _issuer(credential: Mapping[str, Any]) -> Iterator[Fault]:
    yield from _party(credential, "issuer")


def _holder(presentation: Mapping[str, Any]) -> Iterator[Fault]:
    if "holder" in presentation:
        yield from _party(presentation, "holder")


def _subjects(credential: Mapping[str, Any]) -> Iterator[Fault]:
    subjects = several(credential.get("credentialSubject"))
    if not subjects or len(subjects) > MAX_ENTRIES:
        yield Fault("/credentialSubject", "There has to be a subject.")
    for place, subject in enumerate(subjects[:MAX_ENTRIES]):
        at = f"/credentialSubject/{place}" if len(subjects) > 1 else "/credentialSubject"
        if not isinstance(subject, dict) or not subject:
            yield Fault(at, "A subject is an object with one or more claims.")
        else:
            yield from _id(subject, at)


def _period(credential: Mapping[str, Any]) -> Iterator[Fault]:
    old = _base(credential) == CREDENTIALS_1
    first, last = ("issuanceDate", "expirationDate") if old else ("validFrom", "validUntil")
    for name in (first, last):
        if name in credential and instant_of(credential[name], offset_optional=old) is None:
            yield Fault(f"/{name}", "This is a moment with its offset, such as 2026-11-03T09:30:00Z.")
    if old and first not in credential:
        yield Fault(f"/{first}", "A credential of version 1.1 has an issuance date.")
    begins, ends = period_of(credential)
    if begins and ends and ends < begins:
        yield Fault(f"/{last}", "It would end before it begins.")


def _texts(credential: Mapping[str, Any]) -> Iterator[Fault]:
    if _base(credential) != CREDENTIALS:
        return
    issuer = credential.get("issuer")
    for at, node in (("", credential), ("/issuer", issuer)):
        for name in ("name", "description"):
            if isinstance(node, dict) and name in node and not all(map(is_text, several(node[name]))):
                yield Fault(f"{at}/{name}", "This is a text, or texts with @value, @language and @direction.")


def _status(credential: Mapping[str, Any]) -> Iterator[Fault]:
    yield from _typed(credential, "credentialStatus")
    for place, entry in enumerate(several(credential.get("credentialStatus"))[:MAX_ENTRIES]):
        if isinstance(entry, dict):
            for detail in status_faults(entry, is_url):
                yield Fault(f"/credentialStatus/{place}", detail)


def _typed_members(credential: Mapping[str, Any]) -> Iterator[Fault]:
    for name in _TYPED:
        yield from _typed(credential, name)
    for schema in several(credential.get("credentialSchema", [])):
        if isinstance(schema, dict) and not is_url(schema.get("id")):
            yield Fault("/credentialSchema", "A schema has an id, the URL of its file.")


def _typed(document: Mapping[str, Any], name: str) -> Iterator[Fault]:
    if name not in document:
        return
    entries = several(document[name])
    if not entries or len(entries) > MAX_ENTRIES:
        yield Fault(f"/{name}", "This holds one or more objects.")
    for entry in entries[:MAX_ENTRIES]:
        if not isinstance(entry, dict) or not is_type(entry.get("type")):
            yield Fault(f"/{name}", "Each is an object with a type.")
        elif "id" in entry and not is_url(entry["id"]):
            yield Fault(f"/{name}", "Its id is one URL.")


def _related(credential: Mapping[str, Any]) -> Iterator[Fault]:
    if "relatedResource" not in credential:
        return
    resources = several(credential["relatedResource"])
    if not resources or not all(isinstance(each, dict) and is_url(each.get("id")) for each in resources):
        yield Fault("/relatedResource", "Each is an object whose id is a URL.")
        return
    if len({each["id"] for each in resources}) < len(resources):
        yield Fault("/relatedResource", "Each resource is named once.")
    for each in resources:
        if not any(isinstance(each.get(name), str) for name in ("digestSRI", "digestMultibase")):
            yield Fault("/relatedResource", "Each has a digestSRI or a digestMultibase.")
        if "mediaType" in each and not isinstance(each["mediaType"], str):
            yield Fault("/relatedResource", "A media type is a text.")


def _presented(presentation: Mapping[str, Any]) -> Iterator[Fault]:
    if "verifiableCredential" not in presentation:
        return
    credentials = several(presentation["verifiableCredential"])
    if len(credentials) > MAX_ENTRIES:
        yield Fault("/verifiableCredential", f"There are more than {MAX_ENTRIES}.")
    for place, credential in enumerate(credentials[:MAX_ENTRIES]):
        at = f"/verifiableCredential/{place}"
        if is_enveloped(credential):
            yield from _envelope(credential, at)
            continue
        for fault in credential_faults(credential):
            yield Fault(at + fault.pointer, fault.detail)


def _envelope(credential: Mapping[str, Any], at: str) -> Iterator[Fault]:
    if CREDENTIALS not in several(credential.get("@context")):
        yield Fault(f"{at}/@context", f"An enveloped credential names {CREDENTIALS}.")
    identifier = credential.get("id")
    if not isinstance(identifier, str) or not identifier.startswith("data:"):
        yield Fault(f"{at}/id", "An enveloped credential is a data: URL.")
