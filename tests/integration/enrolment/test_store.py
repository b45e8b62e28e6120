"""What the database itself holds to: complete migrations, one live enrolment, events in the order of states."""

import threading
from dataclasses import replace

import pytest
import sqlalchemy as sa

from services.enrolment.domain.proceedings import Outcome
from services.enrolment.store import aggregate
from services.enrolment.store.tables import enrolments, registrations
from shared.messaging.tables import outbox
from shared.migrations import History
from tests.integration.enrolment.conftest import AWARDING, PLATFORM, TEACHING, EnrolmentService


def test_the_migrations_make_exactly_the_tables_of_the_code(service: EnrolmentService) -> None:
    with service.database.read() as connection:
        assert History("enrolment").differences(connection) == []


def test_a_second_live_enrolment_of_one_application_is_refused_by_the_database(
    service: EnrolmentService,
) -> None:
    enrolment = service.start()
    with service.database.read() as connection:
        row = dict(
            connection.execute(sa.select(enrolments).where(enrolments.c.id == enrolment)).one()._mapping
        )
    double = {**row, "id": "another", "round": 2}
    with pytest.raises(sa.exc.IntegrityError), service.database.write() as connection:
        connection.execute(enrolments.insert().values(**double))
    with service.database.write() as connection:
        connection.execute(enrolments.insert().values(**{**double, "state": "withdrawn"}))


@pytest.mark.parametrize(
    ("column", "value"), [("state", "canceled"), ("desired_state", "pending"), ("role", "guest")]
)
def test_a_word_outside_the_vocabulary_is_refused_by_the_database(
    service: EnrolmentService, column: str, value: str
) -> None:
    service.start()
    with pytest.raises(sa.exc.IntegrityError), service.database.write() as connection:
        connection.execute(registrations.update().values({column: value}))


def test_the_aggregate_survives_saving_and_loading_unchanged(service: EnrolmentService) -> None:
    enrolment = service.start()
    service.settle(enrolment, helsinki="associated", kuleuven="associated", unibo="denied")
    service.deliver(service.plan_event("completion.achieved", enrolment))
    with service.transactions.begin() as unit_of_work:
        loaded = aggregate.load(unit_of_work.connection, enrolments.c.id == enrolment)
        assert loaded is not None
        changed = replace(loaded, reason="rewritten")
        saved = aggregate.save(unit_of_work, loaded, Outcome(changed))
        again = aggregate.load(unit_of_work.connection, enrolments.c.id == enrolment)
    assert again == saved
    assert replace(saved, version=loaded.version, reason=loaded.reason) == loaded


def test_answers_at_the_same_moment_are_all_kept_and_told_in_order(service: EnrolmentService) -> None:
    enrolment = service.start()
    found = service.registrations(enrolment)
    institutions = (AWARDING, PLATFORM, TEACHING, "ucm.es")
    ready = threading.Barrier(len(institutions))
    statuses: dict[str, int] = {}

    def answer(institution: str) -> None:
        ready.wait()
        statuses[institution] = service.answer(found[institution]["id"], institution, "associated").status

    threads = [threading.Thread(target=answer, args=(institution,)) for institution in institutions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == dict.fromkeys(institutions, 200)
    assert {r["state"] for r in service.registrations(enrolment).values()} == {"associated"}
    assert service.names().count("enrolment.activated") == 1
    with service.database.read() as connection:
        sequences = connection.execute(sa.select(outbox.c.sequence).order_by(outbox.c.seq)).scalars().all()
    assert list(sequences) == [f"{number:010d}" for number in range(1, len(sequences) + 1)]
