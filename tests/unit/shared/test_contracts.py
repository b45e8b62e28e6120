"""The published language, whoever publishes: samples that keep it, members that may come later, nobody's data."""

from collections.abc import Iterator
from typing import Any

import pytest

from shared.contracts import ContractError, check_contract, contract, contract_types

PERSONAL = {
    "name",
    "given_name",
    "family_name",
    "email",
    "date_of_birth",
    "esi",
    "local_student_number",
    "public_id",
}
# `missing` of this one names elements of a certificate, not people.
NAMES_ELEMENTS = "eu.passerelle.certification.certificate.blocked.v1"


def members(schema: Any) -> Iterator[str]:
    """The names of all members, at whatever depth."""
    if isinstance(schema, list):
        for each in schema:
            yield from members(each)
    if isinstance(schema, dict):
        for word, value in schema.items():
            if word == "properties":
                yield from value
            if word != "examples":
                yield from members(value)


@pytest.mark.parametrize("type_", contract_types())
def test_the_golden_sample_keeps_the_contract_and_nothing_less_does(type_: str) -> None:
    document = contract(type_)
    (sample,) = document["examples"]
    check_contract(type_, {**sample, "a_later_member": True})
    for member in document["required"]:
        with pytest.raises(ContractError):
            check_contract(type_, {name: value for name, value in sample.items() if name != member})


@pytest.mark.parametrize("type_", contract_types())
def test_no_event_has_a_place_for_personal_data(type_: str) -> None:
    allowed = {"name"} if type_ == NAMES_ELEMENTS else set()
    assert not PERSONAL & set(members(contract(type_))) - allowed


@pytest.mark.parametrize("type_", contract_types())
def test_a_contract_is_named_by_its_type(type_: str) -> None:
    assert contract(type_)["$id"] == f"urn:passerelle:contract:{type_}"


def test_an_event_without_a_contract_is_a_defect() -> None:
    with pytest.raises(ContractError, match="no contract is published"):
        check_contract("eu.passerelle.admission.learner.forgotten.v1", {})
