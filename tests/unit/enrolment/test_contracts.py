"""The published language of the enrolment service: one contract for each event, with a golden sample."""

import pytest

from services.enrolment.domain.machines import ENROLMENT, REGISTRATION
from shared.contracts import ContractError, check_contract, contract, contract_types

SIDE_EVENTS = {
    "registration.requested",
    "registration.overdue",
    "registration.access_provisioned",
    "registration.reconciled",
    "registration.desired_state_changed",
    "attendance.confirmed",
    "fee.refund_due",
}
PUBLISHED = sorted(type_ for type_ in contract_types() if type_.startswith("eu.passerelle.enrolment."))
PERSONAL = {"name", "given_name", "family_name", "email", "date_of_birth", "esi", "local_student_number"}


def test_there_is_a_contract_for_every_event_and_no_other() -> None:
    names = {row.event for machine in (REGISTRATION, ENROLMENT) for row in machine.table} | SIDE_EVENTS
    assert {
        type_.removeprefix("eu.passerelle.enrolment.").removesuffix(".v1") for type_ in PUBLISHED
    } == names


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
