"""The gate of the eleven mandatory elements (Annex I of the Council Recommendation of 16 June 2022, CRT-01 to 11).

It names everything that is missing or malformed at once, so that one round of mending is enough.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from shared.annex1.elements import ATTENDANCE, MICRO_CREDENTIAL, Elements
from shared.annex1.looks import ELEMENT_NAMES, LOOKS, OF_THE_CLAUSE, Missing

# A certificate of attendance claims no assessed outcome, so 6, 8 and 9 are not part of it; nobody awards, so not 4.
ELEMENTS_OF = MappingProxyType(
    {
        MICRO_CREDENTIAL: frozenset(ELEMENT_NAMES),
        ATTENDANCE: frozenset({1, 2, 3, 5, 7, 10, 11}),
    }
)


def check(elements: Elements, clause: Mapping[str, Any] | None) -> tuple[Missing, ...]:
    """Everything that keeps `elements` from being a complete document of its type, in the order of Annex I.

    `clause` is the agreement's certificate clause: its awarding bodies are compared with element 4 (CRT-40), its
    issuer with the issuer (CRT-17, CRT-21); None where no agreement is at hand. An unknown document type raises
    KeyError.
    """
    wanted = ELEMENTS_OF[elements.document_type]
    return tuple(
        missing
        for number, look in LOOKS.items()
        if number in wanted
        for missing in (look(elements, clause) if number in OF_THE_CLAUSE else look(elements))
    )
