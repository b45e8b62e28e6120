"""The gate of the eleven mandatory elements (Annex I of the Council Recommendation of 16 June 2022, CRT-01 to 11).

It names everything that is missing or malformed at once, so that one round of mending is enough.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from shared.annex1.elements import ATTENDANCE, Elements
from shared.annex1.looks import LOOKS_OF
from shared.annex1.missing import Missing

_OF_THE_CLAUSE = frozenset({3, 4})


def check(elements: Elements, clause: Mapping[str, Any] | None) -> tuple[Missing, ...]:
    """Everything that keeps `elements` from being a complete document of its type, in the order of Annex I.

    `clause` is the agreement's certificate clause: its awarding bodies are compared with element 4 (CRT-40), its
    issuer with the issuer (CRT-17, CRT-21); None where no agreement is at hand. An unknown document type raises
    KeyError.
    """
    kind = elements.document_type
    # Nobody awards a certificate of attendance, so element 4 is not compared with those who award by the agreement.
    compared = _OF_THE_CLAUSE - ({4} if kind == ATTENDANCE else set())
    return tuple(
        replace(missing, document_type=kind)
        for number, look in LOOKS_OF[kind].items()
        for missing in (look(elements, clause) if number in compared else look(elements))
    )
