"""How OOAPI clients see a registration's state (v5 and v6): decided here once, used at the edge only."""

from typing import Final

_V5: Final = {
    "pending": "pending",
    "queued": "queued",
    "associated": "associated",
    "x-suspended": "associated",
    "cancelled": "canceled",
    "denied": "denied",
    "finished": None,
}


def ooapi_v5(state: str | None) -> str | None:
    """OOAPI v5's associationState: one l in `canceled`, no suspension, and no word for `finished` (None)."""
    return None if state is None else _V5[state]


def ooapi_v6(state: str | None) -> str | None:
    """OOAPI v6's associationState: our states are its values and its extension `x-suspended`."""
    return state
