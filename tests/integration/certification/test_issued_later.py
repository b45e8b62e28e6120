"""What becomes of a certificate when its facts change; one of each completion in any order of events (D7)."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.certification.store.tables import certificates
from shared.messaging.envelope import Event
from tests.integration.certification.issued import bit_of, certified
from tests.integration.certification.workshop import OTHER, Workshop


def test_an_overturned_result_suspends_and_the_same_results_reinstate(workshop: Workshop) -> None:
    learner = certified(workshop)
    (row,) = workshop.rows(certificates)
    assert not bit_of(workshop, row.id)
    workshop.deliver(learner.completion("overturned"))
    workshop.work()
    assert (workshop.states(), bit_of(workshop, row.id)) == (["suspended"], True)
    workshop.deliver(learner.completion("achieved", 2))
    workshop.work()
    assert (workshop.states(), bit_of(workshop, row.id)) == (["issued"], False)
    assert workshop.names() == ["ready", "issued", "suspended", "reinstated"]


def test_other_results_supersede_it_and_its_bit_stays_set(workshop: Workshop) -> None:
    learner = certified(workshop)
    learner.results(OTHER, mark="91")
    workshop.deliver(learner.completion("overturned"), learner.completion("achieved", 2, OTHER))
    workshop.work()
    assert workshop.states() == ["superseded", "issued"]
    old, new = sorted(workshop.rows(certificates), key=lambda row: row.ordinal)
    assert new.supersedes == old.id
    assert (bit_of(workshop, old.id), bit_of(workshop, new.id)) == (True, False)
    assert new.snapshot["elements"]["grades"][0]["value"] == "91"
    assert old.snapshot["elements"]["grades"][0]["value"] == "74"


def test_outcomes_no_longer_achieved_revoke_it_for_good(workshop: Workshop) -> None:
    learner = certified(workshop)
    workshop.deliver(learner.completion("overturned"), learner.completion("not_achieved", 2))
    workshop.work()
    (row,) = workshop.rows(certificates)
    assert (workshop.states(), bit_of(workshop, row.id)) == (["revoked"], True)


@pytest.mark.parametrize("action", ["cancelled", "withdrawn"])
def test_called_off_before_issue_cancels(workshop: Workshop, action: str) -> None:
    learner = workshop.learner()
    workshop.deliver(*[event for event in learner.usual()[:-1] if event.data.get("required_for") != "award"])
    workshop.deliver(learner.registration("helsinki.fi", "requested", "pending"))
    workshop.work()
    assert workshop.states() == ["incomplete"]
    workshop.deliver(learner.enrolment(action, action))
    workshop.work()
    assert workshop.states() == ["cancelled"]
    workshop.deliver(learner.registration("helsinki.fi", "associated", "associated"))
    workshop.work()
    assert workshop.states() == ["cancelled"]


def histories() -> st.SearchStrategy[list[int]]:
    """Interleavings of the two topics, each in its own order, with redeliveries: indexes into the usual events."""
    enrolment, assessment = [0, 1, 2, 3, 4, 6], [5]

    def merged(draw: st.DrawFn) -> list[int]:
        left, right, order = list(enrolment), list(assessment), []
        while left or right:
            pick_left = left and (not right or draw(st.booleans()))
            order.append((left if pick_left else right).pop(0))
            if draw(st.integers(0, 3)) == 0:
                order.append(draw(st.sampled_from(order)))
        return order

    return st.composite(merged)()


@given(history=histories(), pauses=st.sets(st.integers(0, 15)))
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
def test_exactly_one_certificate_under_redelivery_and_reordering(
    tmp_path_factory: pytest.TempPathFactory, history: list[int], pauses: set[int]
) -> None:
    """Event order holds within a topic only; every order and repetition ends with the same one certificate."""
    home: Path = tmp_path_factory.mktemp("history")
    workshop = Workshop(f"sqlite:///{home}/certification.sqlite", home)
    usual: list[Event] = workshop.learner().usual()
    for step, index in enumerate(history):
        workshop.deliver(usual[index])
        if step in pauses:
            workshop.work()
    workshop.work()
    assert workshop.states() == ["issued"]
    assert [name for name in workshop.names() if name == "issued"] == ["issued"]
    assert workshop.troubles() == []
    workshop.database.dispose()


def test_the_database_itself_refuses_a_second_live_certificate(workshop: Workshop) -> None:
    """The negative control of the decision: even a faulty decision cannot award twice."""
    certified(workshop)
    (row,) = workshop.rows(certificates)
    values = {**row._mapping, "id": "second", "ordinal": 2, "public_id": "other", "status_index": None}
    with pytest.raises(Exception, match=r"(?i)unique"), workshop.database.write() as connection:
        connection.execute(certificates.insert().values(**values))


def test_a_certificate_keeps_its_address_when_it_is_assembled_anew(workshop: Workshop) -> None:
    learner = workshop.learner()
    learner.known(given_name="漢字")
    workshop.deliver(*learner.usual())
    workshop.work()
    (blocked,) = workshop.rows(certificates)
    workshop.clock.advance(timedelta(days=3))
    learner.known()
    workshop.deliver(workshop.changed(learner))
    workshop.work()
    (row,) = workshop.rows(certificates)
    assert (row.public_id, row.status_index) == (blocked.public_id, blocked.status_index)
    assert row.snapshot["elements"]["issued_on"] == "2026-11-07"


def test_any_step_on_one_learner_changes_nothing_of_another(workshop: Workshop) -> None:
    """Acceptance check 14 and issue 3, section 6.8."""
    certified(workshop)
    (before,) = workshop.rows(certificates)
    other = workshop.learner(2)
    for event in [*other.usual(), other.completion("overturned"), other.completion("not_achieved", 2)]:
        workshop.deliver(event)
        workshop.work()
    (after,) = [row for row in workshop.rows(certificates) if row.id == before.id]
    assert after == before
