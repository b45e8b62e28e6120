"""People and organisations as the European Learning Model describes them."""

import re
from dataclasses import dataclass
from typing import Any, Final

from services.certification.domain.larger import PartReference
from services.certification.domain.snapshot import Snapshot, text_in
from services.certification.formats.elm_concepts import Node, concept, country, node
from services.certification.formats.wording import LANGUAGES, primary, words
from shared.annex1 import Institution, Text

_NUTS: Final = re.compile(r"[A-Z]{2}[0-9A-Z]{1,3}")
_NUTS_SCHEME: Final = "http://data.europa.eu/nuts"


@dataclass(frozen=True, slots=True)
class LegalIdentifier:
    """Who seals, as the seal's certificate says: `notation` after ETSI EN 319 412-1, a country of two letters."""

    notation: str
    country: str


def texts(text: Text) -> dict[str, str]:
    """A language map without the languages in which nothing is said."""
    return {language: said for language, said in text.items() if said.strip()}


def shown_languages(snapshot: Snapshot) -> tuple[str, ...]:
    """The language of instruction and English, where the title exists in them."""
    wanted = dict.fromkeys((snapshot.language, "en"))
    return tuple(language for language in wanted if snapshot.elements.title.get(language)) or ("en",)


def worded(snapshot: Snapshot, key: str, **values: object) -> dict[str, str]:
    """An entry of our words in the languages that are shown, where there are words in them; none for an unknown key."""
    spoken = [code for code in shown_languages(snapshot) if primary(code) in LANGUAGES]
    return {
        code: words(primary(code))[key].format(**values) for code in spoken if key in words(primary(code))
    }


def learner(snapshot: Snapshot, **members: Any) -> Node:
    """Element 1 with `members`. Names carry the language of instruction: the model knows none without one."""
    person, language = snapshot.elements.learner, snapshot.language
    born = person.date_of_birth
    identifier = person.identifier and node(
        f"{snapshot.credential_id}#learner-identifier",
        "Identifier",
        notation=person.identifier,
        schemeName="European Student Identifier",
    )
    return node(
        f"{snapshot.credential_id}#learner",
        "Person",
        givenName=texts({language: person.given_name}),
        familyName=texts({language: person.family_name}),
        fullName=texts({language: person.full_name}),
        dateOfBirth=born and f"{born}T00:00:00Z",
        identifier=identifier,
        **members,
    )


def issuer(snapshot: Snapshot, legal: LegalIdentifier) -> Node:
    """Who issues and seals, with the identifier that the certificate of the seal states."""
    did = snapshot.issuer_did
    spatial = country(legal.country, shown_languages(snapshot))
    eidas = node(f"{did}#legal-identifier", "LegalIdentifier", notation=legal.notation, spatial=spatial)
    return _organisation(snapshot, did, snapshot.elements.issuer, eIDASIdentifier=eidas)


def awarding(snapshot: Snapshot, of: str = "", **of_each_body: Any) -> Node:
    """Element 4: every awarding body, each with the members `of_each_body`; of the claim itself also the moment."""
    elements = snapshot.elements
    authority = snapshot.issuer_did.removesuffix(elements.issuer.id)
    return node(
        f"{snapshot.credential_id}#award{of and '-'}{of}",
        "AwardingProcess",
        awardingBody=[
            _organisation(snapshot, f"{authority}{body.id}#awarding-body", body, **of_each_body)
            for body in elements.awarding_bodies
        ],
        awardingDate=None if of else snapshot.awarded_at,
    )


def awarded_part(snapshot: Snapshot, part: PartReference) -> Node:
    """Who awarded a part of a larger award."""
    authority = snapshot.issuer_did.removesuffix(snapshot.elements.issuer.id)
    body = Institution(part.issuer, part.issuer_name, part.issuer_country)
    name = f"{authority}{part.issuer}#awarding-body"
    return node(
        f"{part.credential_id}#award",
        "AwardingProcess",
        awardingBody=[_organisation(snapshot, name, body)],
    )


def _organisation(snapshot: Snapshot, name: str, institution: Institution, **members: Any) -> Node:
    base = _within(name)
    home = institution.website and node(f"{base}-homepage", "WebResource", contentURL=institution.website)
    identifier = node(f"{base}-identifier", "Identifier", notation=institution.id, schemeName="SCHAC")
    return node(
        name,
        "Organisation",
        legalName=texts(institution.name) or {"en": institution.id},
        location=location(snapshot, name, institution.country, institution.region),
        identifier=identifier,
        homepage=home,
        **members,
    )


def location(snapshot: Snapshot, owner: str, code: str | None, region: str | None = None) -> Node:
    """Element 3: country, and region by its NUTS code or by name.

    Raises:
        UnknownCodeError: `code` is no country.
    """
    languages = shown_languages(snapshot)
    base = _within(owner)
    named = dict.fromkeys(languages, region) if region else {}
    nuts = (
        region and _NUTS.fullmatch(region) and concept(f"{_NUTS_SCHEME}/code/{region}", _NUTS_SCHEME, named)
    )
    return node(
        f"{base}-location",
        "Location",
        address=node(f"{base}-address", "Address", countryCode=country(code or "", languages)),
        geographicName=named,
        spatialCode=nuts,
    )


def _within(owner: str) -> str:
    """The stem of the identifiers of what belongs to `owner`: a DID has no fragment yet."""
    return owner if "#" in owner else f"{owner}#issuer"


def mandate(snapshot: Snapshot) -> Node | None:
    """What lets the issuer seal for others: evidence where it is not itself the one and only awarding body."""
    bodies = snapshot.elements.awarding_bodies
    if [body.id for body in bodies] == [snapshot.elements.issuer.id]:
        return None
    names = ", ".join(text_in(body.name, "en") or body.id for body in bodies)
    statement = f"The issuer seals this credential under the agreement {snapshot.agreement.id} for: {names}."
    kind = concept(
        "http://data.europa.eu/snb/evidence-type/c_18016257",
        "http://data.europa.eu/snb/evidence-type/25831c2",
        {"en": "Mandate"},
    )
    return node(f"{snapshot.credential_id}#mandate", "Evidence", dcType=kind, evidenceStatement=statement)
