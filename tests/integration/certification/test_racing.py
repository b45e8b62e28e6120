"""Two workers at once, as after a lost lease: one certificate per completion, one first key per institution (R8)."""

import threading
from collections import Counter
from collections.abc import Callable

import pytest

from services.certification.keys.encryption import KeyEncryption, KeyEncryptionError
from services.certification.keys.signing import Vault
from services.certification.store.tables import certificates, issuer_keys, renderings
from services.certification.worker import jobs
from shared.messaging.jobs import JobRunner
from tests.integration.certification.workshop import Workshop

LEARNERS = 6


def at_once(*calls: Callable[[], object]) -> None:
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], object]) -> None:
        barrier.wait()
        call()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_two_workers_that_run_the_same_jobs_award_once(workshop: Workshop) -> None:
    for number in range(1, LEARNERS + 1):
        workshop.deliver(*workshop.learner(number).usual())

    def worker() -> None:
        signers = Vault(workshop.transactions, workshop.encryption)
        runner = JobRunner(workshop.settings, workshop.transactions, workshop.elsewhere, jobs(signers))  # type: ignore[arg-type]
        runner.round()

    at_once(worker, worker)
    workshop.wait()
    assert workshop.troubles() == []
    rows = workshop.rows(certificates)
    assert Counter(row.state for row in rows) == {"issued": LEARNERS}
    assert len({row.award_id for row in rows}) == LEARNERS
    assert len(workshop.rows(renderings)) == 3 * LEARNERS
    assert workshop.names().count("issued") == LEARNERS


def test_an_institution_gets_one_first_key_however_many_ask_for_it(workshop: Workshop) -> None:
    vaults = [Vault(workshop.transactions, workshop.encryption) for _ in range(4)]
    found: list[str] = []
    at_once(*(lambda vault=vault: found.append(vault.active("helsinki.fi").key) for vault in vaults))  # type: ignore[misc]
    assert len(set(found)) == 1
    assert [row.multikey for row in workshop.rows(issuer_keys)] == found[:1]


def test_each_institution_has_a_key_of_its_own(workshop: Workshop) -> None:
    assert workshop.signers.active("helsinki.fi").key != workshop.signers.active("kuleuven.be").key


def test_with_another_key_encryption_key_nothing_is_signed_and_the_trouble_shows(workshop: Workshop) -> None:
    workshop.signers.active("helsinki.fi")
    right, workshop.signers = workshop.signers, Vault(workshop.transactions, KeyEncryption(bytes(32)))
    with pytest.raises(KeyEncryptionError):
        workshop.signers.active("helsinki.fi")
    workshop.deliver(*workshop.learner().usual())
    workshop.work(rounds=1)
    assert any("KeyEncryptionError" in trouble for trouble in workshop.troubles())
    assert workshop.states() == ["ready"]
    workshop.signers = right
    workshop.wait()
    assert workshop.states() == ["issued"]
