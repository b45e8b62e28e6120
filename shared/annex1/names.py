"""What the eleven elements are called in each type of document, and from whom they come."""

from types import MappingProxyType

from shared.annex1.elements import ATTENDANCE, MICRO_CREDENTIAL

ELEMENT_NAMES = MappingProxyType(
    {
        1: "identification of the learner",
        2: "title of the micro-credential",
        3: "country or region of the issuer",
        4: "awarding body or bodies",
        5: "date of issuing",
        6: "learning outcomes",
        7: "notional workload",
        8: "level and cycle of the learning experience",
        9: "type of assessment",
        10: "form of participation in the learning activity",
        11: "type of quality assurance",
    }
)

NAMES_OF = MappingProxyType(
    {
        MICRO_CREDENTIAL: ELEMENT_NAMES,
        ATTENDANCE: MappingProxyType(
            {
                1: ELEMENT_NAMES[1],
                2: "title of the learning activity",
                3: ELEMENT_NAMES[3],
                4: "institution that confirms the attendance",
                5: ELEMENT_NAMES[5],
                7: "hours of participation",
                9: "statement that nothing was assessed",
                10: ELEMENT_NAMES[10],
                11: ELEMENT_NAMES[11],
            }
        ),
    }
)
"""The elements of each type of document. A certificate of attendance certifies no outcome and no level (6, 8); who
confirms it stands in the place of who awards (4), and that nothing was assessed in the place of how (9)."""

SOURCES = MappingProxyType(
    {
        1: ("learner",),
        2: ("offering",),
        3: ("offering", "agreement"),
        4: ("offering", "agreement"),
        5: ("certification",),
        6: ("offering", "assessment"),
        7: ("offering",),
        8: ("offering",),
        9: ("offering", "assessment"),
        10: ("offering",),
        11: ("offering",),
    }
)
"""From whom each element comes; whatever is missing of it names one of them."""

SOURCES_OF = MappingProxyType(
    {
        MICRO_CREDENTIAL: SOURCES,
        ATTENDANCE: MappingProxyType(
            {
                number: {**SOURCES, 4: ("enrolment",), 7: ("enrolment", "offering"), 9: ("certification",)}[
                    number
                ]
                for number in NAMES_OF[ATTENDANCE]
            }
        ),
    }
)
