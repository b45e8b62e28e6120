"""How requests to the VC-API are read, and refused: 400 with a pointer to each fault."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.certification.formats.vc_model import Fault
from shared.domain import Pointer
from shared.web.problems import ProblemError

Document = dict[str, Any]


def refused(faults: Sequence[Fault]) -> ProblemError:
    return ProblemError(
        "malformed-request",
        "; ".join(fault.detail for fault in faults[:3]),
        pointers=[Pointer(fault.pointer, fault.detail) for fault in faults],
    )


def options_of(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The options of a request; none where it says nothing of them.

    Raises:
        ProblemError: 400 where they are no object.
    """
    options = body.get("options")
    if options is None:
        return {}
    if not isinstance(options, dict):
        raise refused([Fault("/options", "Options are an object.")])
    return options


def listed(value: Any) -> list[Any]:
    """One or several, as a list."""
    return value if isinstance(value, list) else [value]
