"""A name on paper is typed on the keyboard that somebody has."""

import pytest

from services.certification.handlers.verification import _fingerprint


@pytest.mark.parametrize(
    ("on_paper", "typed"),
    [
        ("Zdzisław Brzęczyszczykiewicz", "zdzislaw brzeczyszczykiewicz"),
        ("Živilė Žemaitytė-Šakėnienė", "Zemaityte Sakeniene, Zivile"),
        ("Françoise L’Hôpital-Lœuillet", "francoise l'hopital loeuillet"),  # noqa: RUF001 - her own apostrophe
    ],
)
def test_accents_order_and_punctuation_do_not_count(on_paper: str, typed: str) -> None:
    assert _fingerprint(on_paper) == _fingerprint(typed)


@pytest.mark.parametrize(
    "typed", ["Zdzisław", "Zdzisław Brzęczyszczykiewic", "Zdzisława Brzęczyszczykiewicz", ""]
)
def test_another_name_is_another_name(typed: str) -> None:
    assert _fingerprint("Zdzisław Brzęczyszczykiewicz") != _fingerprint(typed)
