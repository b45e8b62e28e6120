"""Every event that admission can publish has a contract with a golden sample that keeps it."""

from typing import Any

import pytest

from services.admission.domain.machine import APPLICATION
from shared.contracts import ContractError, check_contract, contract, contract_types
from shared.messaging.envelope import event_type

LATER = {"offer.deferred", "offer.reinstated", "appeal.upheld"}
DOCUMENTS = {
    "agreement.published",
    "agreement.partner_joined",
    "offering.published",
    "offering.cancelled",
    "learner.changed",
}


def names() -> set[str]:
    """What D1 emits and its triggers exist for, and the events of documents and records."""
    of_applications = {name for row in APPLICATION.table for name in row.event.split(" + ")}
    return (of_applications - LATER) | DOCUMENTS


def test_each_event_has_a_contract_and_there_is_no_other():
    published = {name for name in contract_types() if name.startswith("eu.passerelle.admission.")}
    assert published == {event_type("admission", name) for name in names()}


@pytest.mark.parametrize("name", sorted(names()))
def test_the_golden_sample_keeps_the_contract_and_nothing_less_does(name: str):
    type_ = event_type("admission", name)
    (sample,) = contract(type_)["examples"]
    check_contract(type_, {**sample, "a_later_field": True})
    for member in contract(type_)["required"]:
        lacking: dict[str, Any] = {key: value for key, value in sample.items() if key != member}
        with pytest.raises(ContractError):
            check_contract(type_, lacking)
