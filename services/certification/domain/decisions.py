"""What follows from each fact and each step: the award as it is to be, its events and its history (D7)."""

from dataclasses import dataclass, replace
from typing import Any, Final

from services.certification.domain.award import CALLED_OFF, Award, Certificate, Completion, Need
from services.certification.domain.machines import CERTIFICATE
from shared.domain import Change, DomainEvent

NEW_RESULTS: Final = "new_results"
_TOLD_TO_PARTNERS: Final = frozenset({"issued", "suspended", "revoked", "superseded"})


@dataclass(frozen=True, slots=True)
class Decision:
    """An award as it is to be, with what has to be told about the way there."""

    award: Award
    events: tuple[DomainEvent, ...] = ()
    changes: tuple[Change, ...] = ()

    def move(
        self,
        certificate_id: str,
        trigger: str,
        *,
        target: str | None = None,
        reason: str | None = None,
        **updates: Any,
    ) -> "Decision":
        """Fire `trigger` of D7 on one certificate; `updates` are fields that change with it.

        Raises:
            IllegalTransitionError: the certificate's state has no such row.
        """
        before = next(c for c in self.award.certificates if c.id == certificate_id)
        row = CERTIFICATE.fire(before.state, trigger, target=target)
        after = replace(before, **{**updates, "state": row.target})
        award = replace(
            self.award,
            certificates=tuple(after if c.id == certificate_id else c for c in self.award.certificates),
        )
        event = DomainEvent(row.event, facts(award, after), _audience(award, after))
        change = Change("certificate", certificate_id, trigger, row.source, row.target, reason=reason)
        return Decision(award, (*self.events, event), (*self.changes, change))


def facts(award: Award, certificate: Certificate) -> dict[str, Any]:
    """What the events `certificate.*` carry: ids, state and link, never who the learner is."""
    data: dict[str, Any] = {
        "award_id": award.id,
        "certificate_id": certificate.id,
        "enrolment_id": award.enrolment_id,
        "learner_id": award.learner_id,
        "offering_id": award.offering_id,
        "offering_version": award.offering_version,
        "state": certificate.state,
        "link": f"/certification/v1/certificates/{certificate.id}",
    }
    if certificate.missing:
        data["missing"] = [
            {"element": need.element, "name": need.name, "from": need.source} for need in certificate.missing
        ]
    if award.stacked:
        data["stack_id"] = award.enrolment_id
    if certificate.supersedes is not None:
        data["supersedes"] = certificate.supersedes
    return data


def _audience(award: Award, certificate: Certificate) -> frozenset[str]:
    return award.institutions if certificate.state in _TOLD_TO_PARTNERS else frozenset()


def completed(award: Award, completion: Completion) -> Decision:
    """A new word of assessment. An older one than is known changes nothing.

    Achieved: the same results reinstate a suspended certificate, unless people suspended it; other results, or none
    live, call for a new one (`Award.due`). Overturned: an issued one is suspended. Not achieved: a live one is
    revoked. The two latter end one that is still being made.
    """
    known = award.completion
    if known is not None and completion.number < known.number:
        return Decision(award)
    decision = Decision(replace(award, completion=completion))
    if completion.state == "achieved":
        return _reinstate_same_results(decision, completion)
    decision = cancel_open(decision, f"the completion is {completion.state.replace('_', ' ')}")
    live = award.live
    if live is not None and completion.state == "not_achieved":
        reason = "the outcomes are no longer achieved"
        return decision.move(live.id, "revoke", reason=reason, reason_code="no_longer_achieved")
    if live is not None and live.state == "issued":
        return decision.move(
            live.id, "suspend", reason="a result was overturned", reason_code="result_under_review"
        )
    return decision


def _reinstate_same_results(decision: Decision, completion: Completion) -> Decision:
    live = decision.award.live
    if live is None or live.state != "suspended" or live.results_digest != completion.results_digest:
        return decision
    if live.held:
        return decision
    reason = "a new completion has the same results"
    return decision.move(live.id, "reinstate", reason=reason, reason_code=None)


def enrolment_moved(award: Award, state: str) -> Decision:
    """The enrolment is in `state` now. Called off before issue ends a certificate that is being made.

    A suspended certificate stays suspended after a withdrawal, on the awarding body's list.
    """
    decision = Decision(replace(award, enrolment_state=state))
    return cancel_open(decision, f"the enrolment is {state}") if state in CALLED_OFF else decision


def cancel_open(decision: Decision, reason: str) -> Decision:
    """End the certificate that is being made, where there is one."""
    being_made = decision.award.open
    return decision if being_made is None else decision.move(being_made.id, "cancel", reason=reason)


def assembled(award: Award, certificate_id: str, missing: tuple[Need, ...]) -> Decision:
    """The guard was tested: with nothing missing the open certificate is ready, else it is blocked by name.

    Where none is open, a draft `certificate_id` is begun. Nothing happens where none is due.
    """
    proof = award.proof
    if not award.due or proof is None:
        return Decision(award)
    decision = Decision(award)
    being_made = award.open
    if being_made is None:
        being_made = _draft(award, certificate_id, proof)
        decision = Decision(replace(award, certificates=(*award.certificates, being_made)))
    reason = "; ".join(need.name for need in missing) or None
    if being_made.state == "draft":
        target = "incomplete" if missing else "ready"
        return decision.move(being_made.id, "assemble", target=target, reason=reason, missing=missing)
    if being_made.state == "incomplete":
        if not missing:
            return decision.move(being_made.id, "supply_element", missing=())
        return _still_missing(decision.award, being_made, missing)
    return decision.move(being_made.id, "block", reason=reason, missing=missing) if missing else decision


def _draft(award: Award, certificate_id: str, completion: Completion) -> Certificate:
    return Certificate(
        id=certificate_id,
        ordinal=len(award.certificates) + 1,
        state=CERTIFICATE.initial,
        completion_number=completion.number,
        results_digest=completion.results_digest or "",
        supersedes=award.live.id if award.live else None,
    )


def _still_missing(award: Award, certificate: Certificate, missing: tuple[Need, ...]) -> Decision:
    named = replace(certificate, missing=missing)
    others = tuple(named if c.id == certificate.id else c for c in award.certificates)
    return Decision(replace(award, certificates=others))


def issued(award: Award, certificate_id: str) -> Decision:
    """The signed certificate is stored; the one it replaces is superseded in the same step.

    Raises:
        IllegalTransitionError: it is not `ready` any more; the signature is thrown away.
    """
    decision = Decision(replace(award, replacement=None))
    if award.live is not None:
        wanted = award.replacement
        decision = decision.move(
            award.live.id,
            "supersede",
            reason=f"replaced by certificate {certificate_id}",
            reason_code=wanted.reason_code if wanted else NEW_RESULTS,
        )
    return decision.move(certificate_id, "issue")
