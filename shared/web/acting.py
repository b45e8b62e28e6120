"""Of several roles that a token confers, the one that may do the operation does it, and stands in the history."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import Response, g, request

from shared.domain import DomainError, ForbiddenError, NotFoundError
from shared.web.callers import Caller
from shared.web.runtime import runtime

Parameters = ParamSpec("Parameters")


def in_a_role_that_may(run: Callable[Parameters, Response]) -> Callable[Parameters, Response]:
    """Carry a request out in the first role that the policy lists, and where that may not, in the caller's next one.

    A registrar of one university may be a learner at another: what the one role does not reach, the other does. Each
    try is a transaction of its own, so that a refused one leaves nothing behind.

    Raises:
        ForbiddenError, NotFoundError: no role may; a refusal that explains itself goes before one that hides.
    """

    @wraps(run)
    def carried_out(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Response:
        try:
            return run(*args, **kwargs)
        except (ForbiddenError, NotFoundError) as error:
            refusal: DomainError = error
        for acting in _other_roles():
            g.caller = acting
            try:
                return run(*args, **kwargs)
            except ForbiddenError as error:
                refusal = error if isinstance(refusal, NotFoundError) else refusal
            except NotFoundError:
                continue
        raise refusal

    return carried_out


def _other_roles() -> tuple[Caller, ...]:
    acting: Caller | None = g.get("caller")
    if acting is None or request.url_rule is None:
        return ()
    return runtime().policies[request.url_rule.endpoint].others(acting)
