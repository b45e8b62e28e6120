"""What a segment of a path may be."""

import re

import pytest

from shared.web.app import IdentifierConverter


@pytest.mark.parametrize(
    ("segment", "can_be"),
    [
        ("helsinki.fi", True),
        ("019a2b3c-7d10-7000-8000-000000000000", True),
        ("-ChilXHJmwZE9WrZ7vivtiXNBikAW7ssJS34fL7Lo9Y", True),
        ("_ChilXHJmwZE9WrZ7vivtiXNBikAW7ssJS34fL7Lo9Y", True),
        ("eu.passerelle.admission.application.admitted.v1", True),
        ("", False),
        ("..", False),
        (".hidden", False),
        ("a/b", False),
        ("a" * 201, False),
    ],
)
def test_names_of_keys_are_identifiers_and_steps_upwards_are_not(segment: str, *, can_be: bool) -> None:
    assert bool(re.fullmatch(IdentifierConverter.regex, segment)) is can_be
