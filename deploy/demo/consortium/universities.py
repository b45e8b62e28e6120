"""The institutions by SCHAC code: names, country, public website. Facts only, but for the openly invented company."""

from typing import Any, Final

INVENTED_COMPANY: Final = "chip-industry.example"

_UNIVERSITIES: Final[dict[str, tuple[dict[str, str], str, str]]] = {
    "helsinki.fi": (
        {"en": "University of Helsinki", "fi": "Helsingin yliopisto", "sv": "Helsingfors universitet"},
        "FI",
        "Europe/Helsinki",
    ),
    "kuleuven.be": ({"en": "KU Leuven", "nl": "KU Leuven"}, "BE", "Europe/Brussels"),
    "unibo.it": ({"en": "University of Bologna", "it": "Università di Bologna"}, "IT", "Europe/Rome"),
    "ucm.es": (
        {"en": "Complutense University of Madrid", "es": "Universidad Complutense de Madrid"},
        "ES",
        "Europe/Madrid",
    ),
    "uj.edu.pl": (
        {"en": "Jagiellonian University", "pl": "Uniwersytet Jagielloński w Krakowie"},
        "PL",
        "Europe/Warsaw",
    ),
    "uab.ro": (
        {
            "en": "1 Decembrie 1918 University of Alba Iulia",
            "ro": "Universitatea „1 Decembrie 1918” din Alba Iulia",
        },
        "RO",
        "Europe/Bucharest",
    ),
    "uu.nl": ({"en": "Utrecht University", "nl": "Universiteit Utrecht"}, "NL", "Europe/Amsterdam"),
    "ouc.ac.cy": (
        {"en": "Open University of Cyprus", "el": "Ανοικτό Πανεπιστήμιο Κύπρου"},
        "CY",
        "Asia/Nicosia",
    ),
    "ku.lt": ({"en": "Klaipėda University", "lt": "Klaipėdos universitetas"}, "LT", "Europe/Vilnius"),
    "ug.edu.pl": ({"en": "University of Gdańsk", "pl": "Uniwersytet Gdański"}, "PL", "Europe/Warsaw"),
    "univ-nantes.fr": ({"en": "Nantes University", "fr": "Nantes Université"}, "FR", "Europe/Paris"),
}


def university(code: str) -> dict[str, Any]:
    """The partner entry of a university in an agreement."""
    names, country, zone = _UNIVERSITIES[code]
    return _partner(code, names, country, zone, kind="higher_education", may_award=True)


def invented_company() -> dict[str, Any]:
    """A company that teaches and never awards; no such company exists."""
    names = {"en": "Chip Industry Partner (invented)", "nl": "Partner uit de chipindustrie (verzonnen)"}
    return _partner(INVENTED_COMPANY, names, "BE", "Europe/Brussels", kind="company", may_award=False)


def _partner(
    code: str, names: dict[str, str], country: str, zone: str, *, kind: str, may_award: bool
) -> dict[str, Any]:
    return {
        "institution": code,
        "name": names,
        "kind": kind,
        "country": country,
        "region": None,
        "website": f"https://www.{code}",
        "may_award": may_award,
        "ects_recognition": {"en": "Credits are recognised under the partner's own ECTS regulation."},
        "controller_role": "joint",
        "time_zone": zone,
    }
