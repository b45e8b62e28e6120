"""One decision in the making: each transition leaves one history row and one main event, in order."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.enrolment.domain.machines import ENROLMENT, LOST, REGISTRATION, UNANSWERED
from services.enrolment.domain.model import Enrolment, Money, Registration
from shared.domain import Change, DomainEvent


@dataclass(frozen=True, slots=True)
class Refund:
    """A learner's entitlement to money back; moving the money is not ours."""

    reason: str
    fee: Money


@dataclass(frozen=True, slots=True)
class Outcome:
    """The aggregate after a decision, and what has to be told and kept of it."""

    enrolment: Enrolment
    changes: tuple[Change, ...] = ()
    events: tuple[DomainEvent, ...] = ()
    refund: Refund | None = None


class Proceedings:
    """Collects what one decision does to one enrolment; `outcome()` is the whole of it."""

    def __init__(self, enrolment: Enrolment, now: datetime) -> None:
        self.enrolment = enrolment
        self.now = now
        self._before = {r.id: r for r in enrolment.registrations}
        self._changes: list[Change] = []
        self._events: list[DomainEvent] = []
        self._refund: Refund | None = None

    def outcome(self) -> Outcome:
        """The result; a registration that differs from before has the next version."""
        registrations = tuple(
            replace(r, version=r.version + 1) if r.id in self._before and r != self._before[r.id] else r
            for r in self.enrolment.registrations
        )
        enrolment = replace(self.enrolment, registrations=registrations)
        return Outcome(enrolment, tuple(self._changes), tuple(self._events), self._refund)

    def move(self, trigger: str, *, reason: str | None = None) -> None:
        """Fire `trigger` on the enrolment (D3).

        Raises:
            IllegalTransitionError: the table has no such row.
        """
        before = self.enrolment
        row = ENROLMENT.fire(before.state, trigger)
        self.enrolment = replace(before, state=row.target, state_at=self.now, reason=reason)
        self._changes.append(Change("enrolment", before.id, trigger, row.source, row.target, reason))
        self._tell_enrolment(row.event)

    def move_registration(
        self, registration: Registration, trigger: str, *, reason: str | None = None
    ) -> None:
        """Fire `trigger` on `registration` (D2); other fields of it are taken over as given.

        Raises:
            IllegalTransitionError: the table has no such row.
        """
        row = REGISTRATION.fire(registration.state, trigger)
        moved = replace(registration, state=row.target, state_at=self.now)
        self.enrolment = self.enrolment.with_registration(moved)
        self._note_registration(moved, trigger, row.source, reason)
        self._tell_registration(row.event, moved)

    def amend(self, registration: Registration) -> None:
        """Keep changed fields of `registration` that are no transition."""
        self.enrolment = self.enrolment.with_registration(registration)

    def announce(self, registration: Registration, action: str, *, reason: str | None = None) -> None:
        """Keep `registration` and tell a fact about it that is no transition, such as `overdue`."""
        self.amend(registration)
        self._note_registration(registration, action, registration.state, reason)
        self._tell_registration(f"registration.{action}", registration)

    def request(self, registration: Registration) -> None:
        """Add a new registration and ask its institution for it."""
        self.enrolment = replace(self.enrolment, registrations=(*self.enrolment.registrations, registration))
        self._note_registration(registration, "request", "", None)
        self._tell_request(registration)

    def request_again(self, registration: Registration) -> None:
        """Keep `registration` and repeat the request for it."""
        self.amend(registration)
        self._note_registration(registration, "remind", registration.state, None)
        self._tell_request(registration)

    def call_off_registrations(self, reason: str) -> None:
        """Want every registration cancelled: at once where nobody has confirmed, else when the partner says so."""
        for registration in self.enrolment.registrations:
            if registration.desired_state == "associated":
                self.want_cancelled(registration, reason)

    def want_cancelled(self, registration: Registration, reason: str) -> None:
        """Set `desired_state=cancelled`; ask the institution unless its own word was that already."""
        unwanted = replace(registration, desired_state="cancelled", desired_at=self.now)
        if registration.remote_state in LOST:
            self.amend(unwanted)
        else:
            self.announce(unwanted, "desired_state_changed", reason=reason)
        if unwanted.state in UNANSWERED:
            self.move_registration(unwanted, "cancel", reason=reason)

    def refund(self, reason: str) -> None:
        """Record that the learner is owed what was paid; nothing is owed where no fee line exists."""
        fee = self.enrolment.fee
        if fee is None:
            return
        self._refund = Refund(reason, fee)
        data = {**self._ids(), "amount": fee.amount, "currency": fee.currency, "reason_code": reason}
        self._events.append(DomainEvent("fee.refund_due", data))

    def note(self, trigger: str, *, detail: Mapping[str, Any]) -> None:
        """A history row about the enrolment that is no transition."""
        state = self.enrolment.state
        self._changes.append(Change("enrolment", self.enrolment.id, trigger, state, state, detail=detail))

    def tell(self, name: str, data: Mapping[str, Any]) -> None:
        """A side event about the enrolment, for every institution with a registration."""
        self._events.append(DomainEvent(name, {**self._ids(), **data}, self.enrolment.institutions))

    def _ids(self) -> dict[str, Any]:
        enrolment = self.enrolment
        return {
            "enrolment_id": enrolment.id,
            "application_id": enrolment.application_id,
            "learner_id": enrolment.learner_id,
            "offering_id": enrolment.offering_id,
            "offering_version": enrolment.offering_version,
        }

    def _tell_enrolment(self, name: str) -> None:
        enrolment = self.enrolment
        reason = {"reason_code": enrolment.reason} if enrolment.reason else {}
        self.tell(name, {"track": enrolment.track, "state": enrolment.state, **reason})

    def _tell_registration(self, name: str, registration: Registration) -> None:
        states = {
            "state": registration.state,
            "remote_state": registration.remote_state,
            "desired_state": registration.desired_state,
        }
        self._events.append(
            DomainEvent(
                name,
                {**self._registration_ids(registration), **states},
                frozenset({registration.institution}),
            )
        )

    def _tell_request(self, registration: Registration) -> None:
        data = {
            **self._registration_ids(registration),
            "contract_type": registration.contract_type,
            "state": registration.state,
            "answer_by": registration.answer_by.isoformat().replace("+00:00", "Z"),
        }
        self._events.append(
            DomainEvent("registration.requested", data, frozenset({registration.institution}))
        )

    def _registration_ids(self, registration: Registration) -> dict[str, Any]:
        return {
            "registration_id": registration.id,
            **self._ids(),
            "institution": registration.institution,
            "role": registration.profile.role,
            "required_for": registration.profile.required_for,
        }

    def _note_registration(
        self, registration: Registration, trigger: str, source: str, reason: str | None
    ) -> None:
        detail = {"institution": registration.institution, "desired_state": registration.desired_state}
        if registration.remote_state is not None:
            detail["remote_state"] = registration.remote_state
        self._changes.append(
            Change(
                "registration", registration.id, trigger, source, registration.state, reason, detail=detail
            )
        )
