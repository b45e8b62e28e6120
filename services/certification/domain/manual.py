"""What people decide about a signed certificate (D7) and what its holder says to it (D8).

The reason codes are public: they stand on the verification page, so they say what happened and nothing of a person.
The text beside them stays in the history, for those who see the certificate.
"""

from dataclasses import replace
from types import MappingProxyType
from typing import Final

from services.certification.domain.award import Award, Certificate, Replacement
from services.certification.domain.decisions import Decision, cancel_open, facts
from services.certification.domain.machines import ACCEPTANCE, CERTIFICATE, LIVE
from shared.domain import Change, ConflictError, DomainEvent, NotFoundError

SUSPENSION_REASONS: Final = MappingProxyType(
    {
        "result_under_review": "a result that it rests on is being looked at again",
        "identity_under_review": "it is being checked whether it was issued to the right person",
        "issuing_under_review": "it is being checked whether it was issued as it should have been",
        "part_under_review": "a certificate that it was made of does not stand, and it is being decided what follows",
    }
)
REVOCATION_REASONS: Final = MappingProxyType(
    {
        "no_longer_achieved": "the outcomes that it names are no longer achieved",
        "issued_in_error": "it was issued in error",
        "rules_broken": "it was obtained against the rules of the assessment",
        "key_compromised": "the key that signed it is no longer trusted",
        "at_request_of_holder": "its holder asked for it",
        "part_no_longer_stands": "a certificate that it was made of does not stand any more",
    }
)
REPLACEMENT_REASONS: Final = MappingProxyType(
    {
        "name_changed": "its holder's name has changed",
        "data_corrected": "what it says was corrected",
        "grade_corrected": "a grade was corrected",
        "new_results": "there are new results",
        "key_compromised": "the key that signed it is no longer trusted",
    }
)

SAME_DATA: Final = frozenset({"key_compromised"})
"""Reasons for which a certificate is replaced by one that says the same."""


def suspend(award: Award, certificate_id: str, code: str, text: str) -> Decision:
    """People suspend an issued certificate; only people reinstate it. A replacement in the making is given up.

    Raises:
        IllegalTransitionError: it is not issued.
    """
    decision = Decision(award).move(certificate_id, "suspend", reason=text, reason_code=code, held=True)
    return _give_up_replacement(decision, award)


def reinstate(award: Award, certificate_id: str, text: str) -> Decision:
    """People lift a suspension, as long as the results that the certificate rests on stand.

    Raises:
        IllegalTransitionError: it is not suspended.
        ConflictError: its results do not stand; a new completion reinstates, replaces or revokes it.
    """
    certificate, proof = find(award, certificate_id), award.proof
    CERTIFICATE.fire(certificate.state, "reinstate")
    if proof is None or proof.state != "achieved" or proof.results_digest != certificate.results_digest:
        raise ConflictError(
            "The results that this certificate rests on do not stand. A new completion settles it by itself."
        )
    return Decision(award).move(certificate_id, "reinstate", reason=text, reason_code=None, held=False)


def revoke(award: Award, certificate_id: str, code: str, text: str) -> Decision:
    """Two people have decided that a certificate stands no more, for good.

    Raises:
        IllegalTransitionError: it is neither issued nor suspended.
    """
    decision = Decision(award).move(certificate_id, "revoke", reason=text, reason_code=code)
    given_up = _give_up_replacement(decision, award)
    return replace(given_up, award=replace(given_up.award, replacement=None))


def require_revocable(award: Award, certificate_id: str) -> None:
    """Return where a revocation may be proposed.

    Raises:
        IllegalTransitionError: the certificate is neither issued nor suspended.
    """
    CERTIFICATE.fire(find(award, certificate_id).state, "revoke")


def request_replacement(award: Award, certificate_id: str, code: str, text: str) -> Decision:
    """Ask for a new certificate in place of this one, which is never edited; the new one says what is on record then.

    Raises:
        ConflictError: it is not the issued certificate of its award.
    """
    certificate = find(award, certificate_id)
    if certificate.state != "issued":
        raise ConflictError(f"Only an issued certificate can be replaced; this one is {certificate.state}.")
    wanted = replace(award, replacement=Replacement(certificate_id, code))
    change = Change(
        "certificate", certificate_id, "request_replacement", certificate.state, certificate.state, text
    )
    return Decision(wanted, changes=(change,))


def answer(award: Award, certificate_id: str, trigger: str) -> Decision:
    """The holder accepts or rejects (D8). A refusal does not revoke; it stops delivery.

    Raises:
        ConflictError: the certificate is not live, or it was answered before.
    """
    certificate = find(award, certificate_id)
    if certificate.state not in LIVE:
        raise ConflictError(f"The certificate is {certificate.state}; there is nothing to accept or reject.")
    row = ACCEPTANCE.fire(certificate.acceptance, trigger)
    answered = replace(certificate, acceptance=row.target)
    others = tuple(answered if c.id == certificate_id else c for c in award.certificates)
    after = replace(award, certificates=others)
    event = DomainEvent(row.event, {**facts(after, answered), "acceptance": row.target})
    change = Change("certificate", certificate_id, trigger, row.source, row.target)
    return Decision(after, (event,), (change,))


def find(award: Award, certificate_id: str) -> Certificate:
    """The certificate of the award.

    Raises:
        NotFoundError: the award has none of that id.
    """
    for certificate in award.certificates:
        if certificate.id == certificate_id:
            return certificate
    raise NotFoundError("There is no such certificate, or it is not yours to see.")


def _give_up_replacement(decision: Decision, before: Award) -> Decision:
    """A certificate that does not stand is not replaced by one that does; other results are another matter."""
    being_made, live = before.open, before.live
    if being_made is None or live is None or being_made.results_digest != live.results_digest:
        return decision
    return cancel_open(decision, "the certificate that it was to replace does not stand")
