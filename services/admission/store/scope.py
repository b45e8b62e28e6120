"""Whose rows a query may return: always a parameter, never a default."""

from dataclasses import dataclass

import sqlalchemy as sa

from services.admission.domain.machine import UNREVIEWED
from services.admission.store.tables import applications


@dataclass(frozen=True, slots=True)
class Scope:
    """A learner's own applications, those an institution reviews (drafts are nobody's but the learner's), or all."""

    learner_id: str | None = None
    institution: str | None = None
    everything: bool = False

    def of_applications(self) -> sa.ColumnElement[bool]:
        """The condition on `applications` that this scope means; without any grant it matches nothing."""
        if self.everything:
            return sa.true()
        if self.learner_id is not None:
            return applications.c.learner_id == self.learner_id
        if self.institution is not None:
            return sa.and_(
                applications.c.reviewing_institution == self.institution,
                applications.c.state.not_in(UNREVIEWED),
            )
        return sa.false()


EVERYTHING = Scope(everything=True)
"""For jobs and reactions, which act for nobody in particular."""
