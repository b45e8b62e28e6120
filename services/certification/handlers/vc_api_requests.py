"""How requests to the VC-API are refused: 400 with a pointer to each fault."""

from collections.abc import Sequence
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
