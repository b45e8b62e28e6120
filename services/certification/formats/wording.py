"""The words of printed certificates and of the verdict on them, in each language that `words/` has a file for.

Any other language has the English ones. A file has the same entries in every language. The labels of concepts are our
own translations of the European ones, whose addresses the credentials carry.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

Words = Mapping[str, str]
ENGLISH: Final = "en"
LANGUAGES: Final = ("de", "el", "en", "es", "fi", "fr", "it", "lt", "nl", "pl", "pt", "sv")


def primary(language: str) -> str:
    """The language of a BCP 47 tag without its region and script."""
    return language.split("-", 1)[0].lower()


def spoken(languages: tuple[str, ...]) -> tuple[str, ...]:
    """Those of `languages` that there are words in, without regions; English where there are in none."""
    found = dict.fromkeys(primary(each) for each in languages if primary(each) in LANGUAGES)
    return tuple(found) or (ENGLISH,)


@cache
def words(language: str) -> Words:
    """The words in one of `LANGUAGES`; KeyError for any other."""
    if language not in LANGUAGES:
        raise KeyError(language)
    path = files(__package__) / "words" / f"{language}.json"
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return found
