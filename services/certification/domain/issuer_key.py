"""The life of an awarding body's signing key: made, activated by two people, retired by its successor, or betrayed.

Whatever a retired key signed stays valid. What a compromised key signed from the day of the compromise on is worth
nothing; what it signed before, by the register, is valid with a remark.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.certification.domain.machines import KEY
from shared.domain import Actor, ConflictError, InvalidError, Pointer


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """One key for signatures by `algorithm` (EdDSA, ES256 or RS256); at most one of each is active.

    `multikey` names it: its Multikey string or, where that would be too long (RSA), the thumbprint of `jwk`, its public
    key. `proposed_by` and `activated_by` are empty for an institution's first key, which no other precedes.
    """

    multikey: str
    institution: str
    algorithm: str
    state: str
    created_at: datetime
    activated_at: datetime | None = None
    retired_at: datetime | None = None
    compromised_from: datetime | None = None
    proposed_by: str | None = None
    activated_by: str | None = None
    reason: str | None = None
    jwk: Mapping[str, Any] | None = None


def activate(key: IssuerKey, actor: Actor, now: datetime) -> IssuerKey:
    """The first call proposes a pending key, the call of a second person activates it.

    Raises:
        IllegalTransitionError: it is not pending.
        ConflictError: it is the same person.
    """
    row = KEY.fire(key.state, "activate")
    if key.proposed_by is None:
        return replace(key, proposed_by=actor.subject)
    if key.proposed_by == actor.subject:
        raise ConflictError("A second administrator has to activate this key; this one has proposed it.")
    return replace(key, state=row.target, activated_by=actor.subject, activated_at=now)


def retire(key: IssuerKey, now: datetime, reason: str) -> IssuerKey:
    """The key signs no more and keeps verifying.

    Raises:
        IllegalTransitionError: it is retired or compromised.
    """
    return replace(key, state=KEY.fire(key.state, "retire").target, retired_at=now, reason=reason)


def discard(key: IssuerKey, now: datetime, reason: str) -> IssuerKey:
    """Retire a key that never signed, or one for RS256: its institution goes back to ES256 for JWTs.

    Raises:
        ConflictError: it is the active one, which only its successor retires.
    """
    if key.state == "active" and key.algorithm != "RS256":
        raise ConflictError("The active key is retired by activating another one.")
    return retire(key, now, reason)


def compromise(key: IssuerKey, since: datetime, now: datetime, reason: str) -> IssuerKey:
    """Somebody else may have had the key since the moment `since`; it counts at once.

    Raises:
        IllegalTransitionError: it is known to be compromised.
        InvalidError: `since` is to come, or before the key was made.
    """
    row = KEY.fire(key.state, "compromise")
    if not key.created_at <= since <= now:
        raise InvalidError(
            "A key is compromised between its making and now.",
            pointers=[Pointer("/since", "give a moment between the key's creation and now")],
        )
    return replace(key, state=row.target, compromised_from=since, reason=reason)
