"""The invented people of the demonstration. Whoever bears such a name is not meant.

Names are written the way their bearers write them (Greek, Lithuanian, Polish, French) and have to survive every
export letter for letter. Greek names carry a Latin transcription, as passports do.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Person:
    """`key` is the subject of the person's tokens: it says nothing about who it is."""

    key: str
    given_name: str
    family_name: str
    date_of_birth: date
    country: str
    latin: tuple[str, str] | None = None

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    @property
    def email(self) -> str:
        return f"{self.key}@example.org"

    def record(self) -> dict[str, Any]:
        """The body of POST /admission/v1/learners."""
        latin = {"latin_given_name": self.latin[0], "latin_family_name": self.latin[1]} if self.latin else {}
        return {
            "given_name": self.given_name,
            "family_name": self.family_name,
            "date_of_birth": self.date_of_birth.isoformat(),
            "email": self.email,
            "country_of_residence": self.country,
            **latin,
        }


_ROWS: Final = (
    ("Ελένη", "Παπαδοπούλου", "2003-04-12", "GR", ("Eleni", "Papadopoulou")),
    ("Živilė", "Žemaitytė-Šakėnienė", "1986-11-02", "LT", None),
    ("Zdzisław", "Brzęczyszczykiewicz", "1957-02-27", "PL", None),
    ("Françoise", "L’Hôpital-Lœuillet", "1979-08-30", "FR", None),  # noqa: RUF001 - her own apostrophe
    ("Γιώργος", "Χατζηνικολάου", "1991-05-19", "CY", ("Giorgos", "Chatzinikolaou")),
    ("Małgorzata", "Łącka-Żółć", "1995-12-24", "PL", None),
    ("Šarūnas", "Kučinskas", "1983-06-06", "LT", None),
    ("Aïcha", "Benoît-Gaëtan", "1998-01-15", "FR", None),
    ("Ξένια", "Οικονόμου-Ψαρρά", "1988-09-09", "GR", ("Xenia", "Oikonomou-Psarra")),
    ("Jędrzej", "Świątkowski", "1993-03-03", "PL", None),
    ("Ąžuolas", "Vaičiūnas", "1999-10-31", "LT", None),
    ("Zoé", "Lefèvre", "2001-07-14", "FR", None),
    ("Mindaugas", "Ąžuolaitis", "1984-02-16", "LT", None),
    ("Katarzyna", "Dąbrowska", "1990-05-03", "PL", None),
    ("Θεόδωρος", "Καραγιάννης", "1987-12-06", "GR", ("Theodoros", "Karagiannis")),
    ("Loïc", "Kerguélen", "1992-10-10", "FR", None),
    ("Łucja", "Gżegżółka", "2000-02-29", "PL", None),
    ("Rūta", "Jonaitytė", "1996-03-11", "LT", None),
    ("Paweł", "Żuraw", "1989-08-15", "PL", None),
    ("Hélène", "Nuñez-Étienne", "1994-04-01", "FR", None),
    ("Ιωάννα", "Δημητρίου", "1997-06-21", "CY", ("Ioanna", "Dimitriou")),
    ("Ευάγγελος", "Στυλιανού", "1965-01-30", "CY", ("Evangelos", "Stylianou")),
    ("Ανδρούλλα", "Κωνσταντίνου", "1959-11-11", "CY", ("Androulla", "Konstantinou")),
    ("Bożena", "Ćwikła", "1972-09-17", "PL", None),
    ("Eglė", "Šimkutė", "2004-05-05", "LT", None),
    ("Gaël", "Crépin", "2003-08-08", "FR", None),
    ("Agnieszka", "Wójcik", "2002-12-12", "PL", None),
    ("Νεφέλη", "Αγγελοπούλου", "2004-01-25", "GR", ("Nefeli", "Angelopoulou")),
    ("Jokūbas", "Grūšas", "2003-03-23", "LT", None),
    ("Maëlle", "Dupré", "2004-07-07", "FR", None),
    ("Stanisław", "Śliwiński", "2002-10-02", "PL", None),
    ("Ορέστης", "Τσιώλης", "2003-09-19", "GR", ("Orestis", "Tsiolis")),
    ("Ieva", "Čiurlionytė", "2004-11-28", "LT", None),
    ("Noël", "Fauçonnier", "2002-12-25", "FR", None),
    ("Grażyna", "Pączek", "2003-02-20", "PL", None),
    ("Φοίβος", "Μαυρογιάννης", "2004-04-14", "GR", ("Foivos", "Mavrogiannis")),
    ("Ugnė", "Žvirblytė", "2003-06-24", "LT", None),
    ("Cécile", "Hœrdt", "2004-08-19", "FR", None),
    ("Wacław", "Źrebiec", "2002-05-26", "PL", None),
    ("Αλκμήνη", "Ζωγράφου", "1976-10-28", "GR", ("Alkmini", "Zografou")),
    ("Vytautė", "Bružaitė", "1981-12-01", "LT", None),
    ("Apolline", "Sœur-Guérin", "1970-03-20", "FR", None),
)

PEOPLE: Final = tuple(
    Person(f"learner-{number:02}", given, family, date.fromisoformat(born), country, latin)
    for number, (given, family, born, country, latin) in enumerate(_ROWS, start=1)
)
