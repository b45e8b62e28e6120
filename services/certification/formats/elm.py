"""A snapshot as a European Digital Credential: ELM v3 JSON-LD under the context of W3C VC 1.1, not yet sealed.

Source: the Commission's application profile `edc-generic-full` 1.1.0 and `certificate.md` sections 1 and 2. The
profile has no usable member for a status entry; the public page of the certificate, which every claim names, has it.
"""

from typing import Final

from services.certification.domain.snapshot import Snapshot
from services.certification.formats.elm_claim import claim
from services.certification.formats.elm_concepts import Node, node, vocabulary_concept
from services.certification.formats.elm_display import display
from services.certification.formats.elm_parties import LegalIdentifier, issuer, learner, mandate

CONTEXTS: Final = (
    "https://www.w3.org/2018/credentials/v1",
    "http://data.europa.eu/snb/model/context/edc-ap",
)
PROFILE: Final = "http://data.europa.eu/snb/model/ap/edc-generic-full"


def credential(snapshot: Snapshot, legal: LegalIdentifier) -> Node:
    """The credential that `legal` seals: a function of these two, the same on every call.

    Raises:
        UnknownCodeError: a country or a language is not on the European lists.
        UndrawableError: the picture of the credential lacks a sign.
    """
    made: Node = {
        "@context": list(CONTEXTS),
        "id": snapshot.credential_id,
        "type": ["VerifiableCredential", "EuropeanDigitalCredential"],
        "credentialProfiles": vocabulary_concept("credential", "e34929035b", "Generic"),
        "credentialSchema": {"id": PROFILE, "type": "ShaclValidator2017"},
        "identifier": node(
            f"{snapshot.credential_id}#number",
            "Identifier",
            notation=snapshot.certificate_id,
            schemeName="Certificate number",
        ),
        "displayParameter": display(snapshot),
        "issuer": issuer(snapshot, legal),
        "issuanceDate": snapshot.issued_at,
        "issued": snapshot.issued_at,
        "validFrom": snapshot.issued_at,
        "credentialSubject": learner(snapshot, hasClaim=claim(snapshot)),
    }
    if evidence := mandate(snapshot):
        made["evidence"] = evidence
    return made
