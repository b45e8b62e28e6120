"""What certificates and statements about recognition have in common as Open Badges 3.0 credentials."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from services.certification.domain.snapshot import text_in
from shared.annex1 import Institution, Learner

Node = dict[str, Any]


def profile(did: str, institution: Institution, language: str) -> Node:
    """The issuer; of its address what is known, since a region alone does not say where it is."""
    made: Node = {"id": did, "type": ["Profile"], "name": text_in(institution.name, language)}
    if institution.country:
        address = {"id": f"{did}#address", "type": ["Address"], "addressCountryCode": institution.country}
        made["address"] = {**address, "addressRegion": institution.region} if institution.region else address
    if institution.website:
        made["url"] = institution.website
    return made


def identities(learner: Learner) -> Iterator[Node]:
    """Who the credential is about, in clear."""
    stated = {
        "name": learner.full_name,
        "ext:dateOfBirth": learner.date_of_birth,
        "identifier": learner.identifier,
    }
    for kind, value in stated.items():
        if value:
            yield {"type": "IdentityObject", "hashed": False, "identityHash": value, "identityType": kind}


def status_entry(list_url: str, index: int) -> Node:
    """Where the credential's place in the issuer's status list is."""
    return {
        "id": f"{list_url}#{index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "suspension",
        "statusListIndex": str(index),
        "statusListCredential": list_url,
    }


def json_number(decimal: str) -> int | float:
    """Whole numbers stay whole: JSON processors in other languages write 10.0 as 10, and sign that."""
    value = Decimal(decimal)
    return int(value) if value == value.to_integral_value() else float(value)
