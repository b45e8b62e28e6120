"""Levels as they are written in various places: an address, a code, or a name that ends in it (element 8)."""

import re
from typing import Any, Final

from shared.annex1.vocabulary import QF_EHEA_CYCLES, SNB

_EQF_ADDRESS: Final = re.compile(re.escape(SNB) + r"eqf/([1-8])")
_EQF_NAME: Final = re.compile(r"(?:.*\D)?([1-8])", re.DOTALL)
_ISCED_NAME: Final = re.compile(r"(?:.*\D)?([0-8])", re.DOTALL)
_CYCLES: Final = {
    **{name: code for code, name in QF_EHEA_CYCLES.items()},
    **{code: code for code in QF_EHEA_CYCLES},
}


def eqf_of(address: Any, *written: Any) -> int | None:
    """The level of the European Qualifications Framework; None where none of the places has one of 1 to 8."""
    if isinstance(address, str) and (found := _EQF_ADDRESS.fullmatch(address)):
        return int(found[1])
    return _last_number(_EQF_NAME, written)


def isced_of(*written: Any) -> int | None:
    """The level of ISCED 2011, 0 to 8."""
    return _last_number(_ISCED_NAME, written)


def cycle_of(*written: Any) -> str | None:
    """The code of a cycle of the QF-EHEA, from its code or its name."""
    return next((_CYCLES[text] for text in written if isinstance(text, str) and text in _CYCLES), None)


def _last_number(pattern: re.Pattern[str], written: tuple[Any, ...]) -> int | None:
    for text in written:
        plain = str(text) if isinstance(text, int) and not isinstance(text, bool) else text
        if isinstance(plain, str) and (found := pattern.fullmatch(plain)):
            return int(found[1])
    return None
