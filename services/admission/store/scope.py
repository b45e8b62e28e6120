"""Whose rows a query may return: always a parameter, never a default."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import sqlalchemy as sa

from services.admission.domain.machine import UNREVIEWED
from services.admission.store.tables import applications

CONDITIONS: Final[Mapping[str, sa.ColumnElement[bool]]] = MappingProxyType(
    {
        "everything": sa.true(),
        "learner": applications.c.learner_id == sa.bindparam("learner"),
        "institution": sa.and_(
            applications.c.reviewing_institution == sa.bindparam("institution"),
            applications.c.state.not_in(sorted(UNREVIEWED)),
        ),
        "nothing": sa.false(),
    }
)
"""What each kind of scope means for `applications`; the values come from `Scope.parameters`."""


@dataclass(frozen=True, slots=True)
class Scope:
    """A learner's own applications, those an institution reviews (drafts are nobody's but the learner's), or all.

    Without any grant it matches nothing.
    """

    learner_id: str | None = None
    institution: str | None = None
    everything: bool = False

    @property
    def kind(self) -> str:
        """Which of `CONDITIONS` applies."""
        if self.everything:
            return "everything"
        if self.learner_id is not None:
            return "learner"
        return "nothing" if self.institution is None else "institution"

    @property
    def parameters(self) -> dict[str, str]:
        """The values of that condition's parameters."""
        given = {"learner": self.learner_id, "institution": self.institution}
        return {name: value for name, value in given.items() if name == self.kind and value is not None}


EVERYTHING: Final = Scope(everything=True)
"""For jobs and reactions, which act for nobody in particular."""
