"""Every route says who may call it; an application with a route that does not say it does not start."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from flask import Flask

from shared.domain import ForbiddenError
from shared.web.callers import Caller, Role

View = TypeVar("View", bound=Callable[..., Any])
_ATTRIBUTE: Final = "__policy__"


class UndeclaredPolicyError(Exception):
    """A route has no policy; the application refuses to start (S1)."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may call an operation. Of several roles that a caller holds, the first one listed that may is acted in."""

    roles: tuple[Role, ...]
    public: bool = False

    def admit(self, caller: Caller, asked: str | None = None) -> Caller:
        """`caller` in the role it acts in; in the one it asked for and in no other, where it did.

        Raises:
            ForbiddenError: the token confers none of the roles, or not the one asked for.
        """
        for role in self.roles:
            if role in caller.roles and asked in {None, role.value}:
                return replace(caller, role=role, roles=frozenset({role}) if asked else caller.roles)
        raise ForbiddenError(
            f"This takes one of the roles {', '.join(self.roles)}; the token confers none of them."
        )

    def others(self, acting: Caller) -> tuple[Caller, ...]:
        """`acting` in the roles that come after its present one."""
        held = [role for role in self.roles if role in acting.roles]
        after = held.index(acting.role) + 1 if acting.role in held else len(held)
        return tuple(replace(acting, role=role) for role in held[after:])


PUBLIC: Final = Policy((), public=True)


class _Declare:
    """`@policy(Role.LEARNER, ...)` or `@policy.public`, directly below the route decorator."""

    def __call__(self, *roles: Role) -> Callable[[View], View]:
        if not roles:
            raise UndeclaredPolicyError("policy() needs roles; a route for everybody says policy.public")
        return self._declared(Policy(tuple(roles)))

    def public(self, view: View) -> View:
        """Anybody may call this, with or without a token."""
        return self._declared(PUBLIC)(view)

    @staticmethod
    def _declared(declared: Policy) -> Callable[[View], View]:
        def decorate(view: View) -> View:
            setattr(view, _ATTRIBUTE, declared)
            documentation: dict[str, Any] = getattr(view, "_apidoc", {})
            view._apidoc = {**documentation, "policy": declared}  # type: ignore[attr-defined] # noqa: SLF001
            return view

        return decorate


policy: Final = _Declare()


def policies(app: Flask) -> Mapping[str, Policy]:
    """The policy of each endpoint of `app`.

    Raises:
        UndeclaredPolicyError: some endpoints have none; the message names them.
    """
    declared = {name: getattr(view, _ATTRIBUTE, None) for name, view in app.view_functions.items()}
    missing = sorted(
        f"{rule.rule} ({rule.endpoint})"
        for rule in app.url_map.iter_rules()
        if declared.get(rule.endpoint) is None
    )
    if missing:
        raise UndeclaredPolicyError(f"routes without a policy: {', '.join(missing)}")
    return {name: found for name, found in declared.items() if found is not None}
