"""What a presented credential shows, once its signature has been verified (ADM-31)."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from services.admission.domain.learner import Person, name_key

_ESCO: Final = "ext:ESCOSkill"
_ISCED_F: Final = "ext:ISCEDF"


def is_about(credential: Mapping[str, Any], person: Person) -> bool:
    """Whether the credential names this person: the full name, and the birth date where it states one.

    A signature says who issued, not who presents; without the holder's name it proves nothing of the applicant.
    """
    stated = dict(_identities(credential))
    full_name = name_key(f"{person.given_name}{person.family_name}")
    if name_key(stated.get("name", "")) != full_name:
        return False
    born = stated.get("ext:dateOfBirth")
    return born is None or (person.date_of_birth is not None and born == person.date_of_birth.isoformat())


def facts_of(credential: Mapping[str, Any]) -> dict[str, Any]:
    """The facts for the rules: credits, field of education, skills.

    Not the level: a micro-credential at a level is no qualification of that level (CRT-22).
    """
    subject = _mapping(credential.get("credentialSubject"))
    facts: dict[str, Any] = {}
    credits_earned = subject.get("creditsEarned")
    if isinstance(credits_earned, int | float) and not isinstance(credits_earned, bool):
        facts["ects"] = str(Decimal(str(credits_earned)))
    targets = list(_alignments(subject))
    skills = [url for kind, url, _ in targets if kind == _ESCO and url]
    if skills:
        facts["esco"] = skills
    fields = [code for kind, _, code in targets if kind == _ISCED_F and code]
    if fields:
        facts["isced_f"] = fields[0]
    return facts


def _identities(credential: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for identity in _list(_mapping(credential.get("credentialSubject")).get("identifier")):
        given = _mapping(identity)
        kind, value = given.get("identityType"), given.get("identityHash")
        if given.get("hashed") is False and isinstance(kind, str) and isinstance(value, str):
            yield kind, value


def _alignments(subject: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for alignment in _list(_mapping(subject.get("achievement")).get("alignment")):
        given = _mapping(alignment)
        yield tuple(str(given.get(name) or "") for name in ("targetType", "targetUrl", "targetCode"))  # type: ignore[misc]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
