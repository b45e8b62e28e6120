"""The enrolment aggregate: one learner in one offering version, with its registrations."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from typing import Final, Literal

from services.enrolment.domain.machines import HELD, UNANSWERED
from shared.domain import NotFoundError

Role = Literal["awarding", "teaching", "platform"]
RequiredFor = Literal["start", "award", "none"]
Desired = Literal["associated", "cancelled"]

_STATUTORY_WITHDRAWAL: Final = timedelta(days=14)
# The time zones in which a day of the Union begins first and ends last (Réunion, Martinique).
_FIRST: Final = timezone(timedelta(hours=4))
_LAST: Final = timezone(timedelta(hours=-4))


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (cents) of an ISO 4217 currency."""

    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class Profile:
    """What an offering version asks of one institution concerned (ENR-04): durations are ISO 8601."""

    institution: str
    role: Role
    required_for: RequiredFor
    data: tuple[str, ...]
    answer_within: str
    procedure: tuple[tuple[str, str], ...] = ()
    entitlement: str | None = None


@dataclass(frozen=True, slots=True)
class Registration:
    """One learner's registration at one institution (D2).

    `state` is what we hold, `remote_state` the partner's last word, `desired_state` what we want of it. A later
    attempt at the same institution, after a denial, has the next `number`.
    """

    id: str
    number: int
    profile: Profile
    contract_type: str
    state: str
    state_at: datetime
    desired_state: Desired
    desired_at: datetime
    requested_at: datetime
    answer_by: datetime
    remote_state: str | None = None
    remote_at: datetime | None = None
    remote_reference: str | None = None
    overdue_at: datetime | None = None
    reminders: int = 0
    entitlement_from: date | None = None
    entitlement_until: date | None = None
    access_provisioned_at: datetime | None = None
    local_student_number: str | None = None
    esi: str | None = None
    version: int = 1

    @property
    def institution(self) -> str:
        return self.profile.institution

    @property
    def required(self) -> bool:
        return self.profile.required_for != "none"


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The assessment service's last word on a plan: the enrolment state it calls for, and its place in order."""

    wanted: Literal["completed", "ended", "enrolled"]
    sequence: int
    reason: str


@dataclass(frozen=True, slots=True)
class Enrolment:
    """The aggregate root. `planned_at` is None until its registrations are known from the offering version."""

    id: str
    application_id: str
    learner_id: str
    offering_id: str
    offering_version: int
    agreement_id: str
    agreement_version: int
    target_group: str
    contract_type: str
    track: str
    state: str
    state_at: datetime
    contracted_at: datetime
    round: int = 1
    reason: str | None = None
    planned_at: datetime | None = None
    coordinating_institution: str | None = None
    reviewing_institution: str | None = None
    fee: Money | None = None
    conclusion: Conclusion | None = None
    registrations: tuple[Registration, ...] = ()
    version: int | None = None

    @property
    def current(self) -> tuple[Registration, ...]:
        """The latest registration of each institution; earlier ones were denied or cancelled."""
        latest = {r.institution: r for r in sorted(self.registrations, key=lambda r: r.number)}
        return tuple(latest.values())

    @property
    def institutions(self) -> frozenset[str]:
        return frozenset(r.institution for r in self.registrations)

    @property
    def full_refund_until(self) -> date:
        """The last day of the statutory right of withdrawal: 14 days after the contract (Directive 2011/83, Art. 9).

        The clock runs from the contract, whatever the offering's own dates are. Where the learner was is not known:
        the day of the contract is the latest that it was anywhere in the Union.
        """
        return self.contracted_at.astimezone(_FIRST).date() + _STATUTORY_WITHDRAWAL

    def refunded_in_full(self, now: datetime) -> bool:
        """Whether the last day of the statutory right of withdrawal is not over, wherever the learner is."""
        return now.astimezone(_LAST).date() <= self.full_refund_until

    @property
    def ready_to_start(self) -> bool:
        """Whether every institution needed for the start has confirmed (D3)."""
        needed = [r for r in self.current if r.profile.required_for == "start"]
        return self.planned_at is not None and all(r.state in HELD for r in needed)

    def awaited(self, required_for: RequiredFor) -> tuple[Registration, ...]:
        """The registrations needed for `required_for` whose institution has not settled them."""
        return tuple(
            r for r in self.current if r.profile.required_for == required_for and r.state in UNANSWERED
        )

    def registration(self, registration_id: str) -> Registration:
        for registration in self.registrations:
            if registration.id == registration_id:
                return registration
        raise NotFoundError("There is no such registration.")

    def with_registration(self, changed: Registration) -> "Enrolment":
        registrations = tuple(changed if r.id == changed.id else r for r in self.registrations)
        return replace(self, registrations=registrations)

    def overseen_by(self, institution: str) -> bool:
        """Whether `institution` decides on this learner's studies: it coordinates, reviews or awards (ENR-23)."""
        awarding = {r.institution for r in self.registrations if r.profile.role == "awarding"}
        return institution in {self.coordinating_institution, self.reviewing_institution} | awarding

    def concerns(self, institution: str) -> bool:
        return institution in self.institutions or self.overseen_by(institution)
