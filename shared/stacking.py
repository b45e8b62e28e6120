"""What admission, which publishes rules of stacking, and certification, which applies them, both have to say. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

Requirement = Mapping[str, Any]

NO_ENTITLEMENT: Final = (
    "Certificates that satisfy this rule give no automatic entitlement to the larger award: its deciding body "
    "decides in each case, by the criteria that the rule names."
)
"""Stated with every rule, in every proposal and to the learner (CRT-24)."""


def requirements_in(requirement: Requirement, at: str = "") -> Iterator[tuple[str, Requirement]]:
    """The requirement and everything that it combines, each with its JSON pointer below `at`."""
    yield at, requirement
    for index, each in enumerate(requirement.get("of") or ()):
        yield from requirements_in(each, f"{at}/of/{index}")


def offerings_in(requirement: Requirement) -> frozenset[str]:
    """Every offering whose certificates the requirement looks at."""
    found: set[str] = set()
    for _, each in requirements_in(requirement):
        found.update(each.get("offerings") or ())
        if each["kind"] == "offering":
            found.add(each["offering"])
    return frozenset(found)
