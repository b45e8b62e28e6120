"""The service starts on an empty database, and its history of tables is complete."""

from typing import Any

from services.admission.worker import CONSUMES
from shared.messaging.unit_of_work import Transactions
from shared.migrations import History


def test_the_history_of_tables_leads_to_the_tables_in_code(bare: Any):
    with bare.database.read() as connection:
        assert History("admission").differences(connection) == []


def test_an_empty_catalogue_is_an_answer(bare: Any):
    assert bare.ok("GET", "/offerings") == {"items": [], "next": None}
    assert bare.call("GET", "/offerings/nothing-here").status == 404
    assert bare.call("GET", "/offerings/nothing-here/versions/0").status == 404
    assert bare.call("GET", "/offerings/nothing-here/versions/99999999999999999999").status == 404
    assert bare.call("GET", "/offerings/nothing-here/seats").status == 404


def test_it_consumes_enrolment_and_writes_as_admission(bare: Any):
    assert CONSUMES == ("enrolment",)
    assert isinstance(bare.transactions, Transactions)
    assert bare.transactions.service == "admission"
