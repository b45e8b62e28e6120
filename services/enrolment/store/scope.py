"""What a caller may see, as a condition on every query: foreign rows are not filtered out later, they never come."""

from dataclasses import dataclass

import sqlalchemy as sa

from services.enrolment.domain.model import Enrolment, Registration
from services.enrolment.store.tables import enrolments, registrations


@dataclass(frozen=True, slots=True)
class Scope:
    """What a caller may see: one learner's own, what concerns one institution, or everything (no bound set).

    `person` is the learner that somebody who acts for an institution would be, who decides nothing of that learner's.
    """

    learner: str | None = None
    institution: str | None = None
    everything: bool = False
    person: str | None = None

    def enrolments(self) -> sa.ColumnElement[bool]:
        """Enrolments in scope: the learner's; those that concern the institution."""
        if self.everything:
            return sa.true()
        if self.learner is not None:
            return enrolments.c.learner_id == self.learner
        if self.institution is None:
            return sa.false()
        registered = sa.exists().where(
            registrations.c.enrolment_id == enrolments.c.id,
            registrations.c.institution == self.institution,
        )
        return self._oversees() | registered

    def registrations(self) -> sa.ColumnElement[bool]:
        """Registrations in scope; for an institution its own, and all where it decides on the studies."""
        if self.everything:
            return sa.true()
        if self.learner is not None:
            return enrolments.c.learner_id == self.learner
        if self.institution is None:
            return sa.false()
        return (registrations.c.institution == self.institution) | self._oversees()

    def sees(self, enrolment: Enrolment, registration: Registration) -> bool:
        """Whether `registration`, of an enrolment in scope, is in scope too."""
        return (
            self.institution is None
            or registration.institution == self.institution
            or self.oversees(enrolment)
        )

    def oversees(self, enrolment: Enrolment) -> bool:
        return self.institution is not None and enrolment.overseen_by(self.institution)

    def _oversees(self) -> sa.ColumnElement[bool]:
        other = registrations.alias()
        awards = sa.exists().where(
            other.c.enrolment_id == enrolments.c.id,
            other.c.institution == self.institution,
            other.c.role == "awarding",
        )
        return (
            (enrolments.c.coordinating_institution == self.institution)
            | (enrolments.c.reviewing_institution == self.institution)
            | awards
        )
