"""Who is calling: the token's subject, roles and institution, and nothing that the request says about itself."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from flask import current_app, g, request

from shared.domain import Actor
from shared.ids import derived_id


class Role(StrEnum):
    """The roles of `roles[]` in a token; unknown ones are ignored."""

    LEARNER = "learner"
    ADMISSIONS_OFFICER = "admissions_officer"
    COORDINATOR = "coordinator"
    REGISTRAR = "registrar"
    ASSESSOR = "assessor"
    CONFIRMER = "confirmer"
    PARTNER = "partner"
    ADMINISTRATOR = "administrator"
    SERVICE = "service"


INSTITUTIONAL: Final = frozenset(
    {
        Role.ADMISSIONS_OFFICER,
        Role.COORDINATOR,
        Role.REGISTRAR,
        Role.ASSESSOR,
        Role.CONFIRMER,
        Role.PARTNER,
    }
)
"""Roles that mean something only at an institution: a token that names none does not confer them."""

INSTITUTION: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,98}[a-z0-9])?")
"""A SCHAC home organisation, such as helsinki.fi."""

SEES_ALL: Final = frozenset({Role.SERVICE, Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class Caller:
    """A verified token. `roles` are those it confers; `role` is the one the present operation is done in."""

    issuer: str
    subject: str
    roles: frozenset[Role]
    institution: str | None = None
    role: Role | None = None

    @property
    def learner_id(self) -> str:
        """The learner this token is of: the same in every service, without a look-up."""
        return derived_id("learner", self.issuer, self.subject)

    @property
    def sees_all(self) -> bool:
        """Whether the operation is done in a role that no institution bounds."""
        return self.role in SEES_ALL

    @property
    def actor(self) -> Actor:
        """Who acts, for the history. A learner appears under the learner's id: a subject may be an address."""
        role = self.role or next(iter(sorted(self.roles)), Role.LEARNER)
        subject = self.learner_id if role is Role.LEARNER else self.subject
        return Actor(subject, role.value, self.institution)


def caller() -> Caller:
    """The caller of the present request, verified and allowed by the route's policy.

    Raises:
        LookupError: the route is public; nobody has been verified (a defect of the route).
    """
    found: Caller | None = g.get("caller")
    if found is None:
        raise LookupError("caller() on a public route; use optional_caller()")
    return found


def optional_caller() -> Caller | None:
    """The caller; on a public route the one whose token was presented, None where there was none.

    Raises:
        UnauthenticatedError: a token was presented and does not count.
    """
    if "caller" not in g:
        authorization = request.headers.get("Authorization")
        verifier = current_app.extensions["passerelle"].verifier
        g.caller = verifier.caller(authorization) if authorization else None
    found: Caller | None = g.caller
    return found
