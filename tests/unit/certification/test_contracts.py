"""The published language of certification: one contract for each event of D7 and D8, and no place for personal data."""

import pytest

from services.certification.domain.machines import ACCEPTANCE, CERTIFICATE, RECOGNITION
from services.certification.domain.stack import STACK
from shared.contracts import ContractError, check_contract, contract, contract_types

PUBLISHED = sorted(type_ for type_ in contract_types() if type_.startswith("eu.passerelle.certification."))
PERSONAL = {"name", "given_name", "family_name", "email", "date_of_birth", "esi", "public_id"}


def test_there_is_a_contract_for_every_event_and_no_other() -> None:
    names = {type_.removeprefix("eu.passerelle.certification.").removesuffix(".v1") for type_ in PUBLISHED}
    tables = (*CERTIFICATE.table, *ACCEPTANCE.table, *RECOGNITION.table, *STACK.table)
    assert names == {row.event for row in tables} | {"recognition.overdue", "recognition.stated"}


@pytest.mark.parametrize("type_", PUBLISHED)
def test_the_golden_sample_keeps_the_contract_and_each_required_field_is_needed(type_: str) -> None:
    document = contract(type_)
    for sample in document["examples"]:
        check_contract(type_, sample)
        for field in document["required"]:
            with pytest.raises(ContractError):
                check_contract(type_, {key: value for key, value in sample.items() if key != field})


@pytest.mark.parametrize("type_", PUBLISHED)
def test_no_event_has_a_place_for_personal_data(type_: str) -> None:
    assert not PERSONAL & set(contract(type_)["properties"])
