"""What the database and the audit hold even against somebody with a console; enrolment's events; isolation."""

import json
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from services.admission.store import tables
from services.admission.store.tables import evaluations
from shared.contracts import check_contract, contract
from shared.ids import derived_id
from shared.messaging.tables import history, outbox
from tests.integration.admission.conftest import DIPLOMA, IELTS, OPEN

REFUSED_BY_SQL = [
    "UPDATE applications SET state = 'rejected'",
    "UPDATE applications SET state = 'rejected', settled_by = 'anna', settled_with = 'anna'",
    "UPDATE applications SET state = 'conditions_not_met'",
    "UPDATE applications SET state = 'offer_withdrawn', revoked = true, settled_by = 'anna'",
    "UPDATE decisions SET state = 'confirmed'",
    "UPDATE decisions SET state = 'confirmed', confirmed_by = proposed_by",
    "UPDATE conditions SET state = 'waived', decided_by = 'anna'",
    "UPDATE conditions SET state = 'not_met', decided_by = 'anna', decided_with = 'anna'",
    """
    INSERT INTO waivers (id, application_id, created_at, criterion, proposed_by, confirmed_by)
    SELECT 'w', id, created_at, 'bachelor', 'anna', 'anna' FROM applications
    """,
]


@pytest.fixture
def decided(service: Any) -> str:
    """A conditional offer, accepted, with a proposal that nobody confirmed."""
    service.publish()
    subject = service.learner()
    application: str = service.apply(subject, DIPLOMA)
    service.step(application, "review")
    condition = service.step(application, "offers", {})["offer"]["conditions"][0]["id"]
    service.respond(application, subject, "accept")
    proposal = {
        "application_id": application,
        "kind": "conditions_not_met",
        "reason": "x",
        "about": condition,
    }
    assert service.officer("POST", "/decisions", proposal).status == 201
    return application


@pytest.mark.parametrize("sql", REFUSED_BY_SQL)
def test_one_person_alone_cannot_decide_against_a_learner_by_sql_either(service: Any, decided: str, sql: str):
    """Check 5."""
    with pytest.raises(IntegrityError):
        service.statement(sql)


def test_two_people_can_by_sql(service: Any, decided: str):
    """Negative control: the constraints refuse one person, not the state."""
    service.statement(
        "UPDATE applications SET state = 'rejected', settled_by = 'anna', settled_with = 'bert'"
    )
    service.statement("UPDATE decisions SET state = 'confirmed', confirmed_by = 'bert'")
    service.statement("UPDATE conditions SET state = 'waived', decided_by = 'anna', decided_with = 'bert'")


def test_two_live_applications_of_one_learner_are_impossible_by_sql_too(service: Any):
    service.publish()
    subject = service.learner()
    first = service.draft(subject)
    service.learner_step(first, "submission", subject, {"terms_version": "1"})
    service.learner_step(first, "withdrawal", subject, {})
    service.draft(subject)
    with pytest.raises(IntegrityError):
        service.statement("UPDATE applications SET live = true WHERE id = :id", id=first)


def test_the_audit_finds_what_was_changed_behind_the_rules_back(service: Any):
    """Negative control of check 1."""
    service.publish()
    for _ in range(3):
        application = service.apply(service.learner(), IELTS, DIPLOMA)
    assert service.differences() == []
    with service.database.read() as connection:
        row = connection.execute(evaluations.select().limit(1)).one()
    changed = {**row.result, "overall": "ineligible"}
    with service.database.write() as connection:
        connection.execute(
            evaluations.update()
            .where(evaluations.c.id == row.id)
            .values(result=changed, overall="ineligible")
        )
    assert [line for line in service.differences() if row.id in line]
    with service.database.write() as connection:
        connection.execute(
            evaluations.update()
            .where(evaluations.c.id == row.id)
            .values(result=row.result, overall=row.overall)
        )
    assert service.differences() == []
    with service.database.write() as connection:
        connection.execute(tables.offering_versions.update().values(digest="sha256:" + "0" * 64))
    assert any("not the document" in line for line in service.differences())
    assert application


def test_the_application_follows_its_enrolment(service: Any):
    service.publish(admission=OPEN)
    application, subject = service.admitted()
    seen = []
    for name, state in (
        ("activated", "enrolled"),
        ("suspended", "suspended"),
        ("resumed", "enrolled"),
        ("completed", "completed"),
        ("reopened", "enrolled"),
        ("ended", "ended"),
    ):
        service.deliver_enrolment(application, name, state)
        case = service.application(application)
        seen.append((case["enrolment"]["state"], case["next"]["what"], case["live"]))
    assert seen == [
        ("enrolled", "learn_and_be_assessed", True),
        ("suspended", "resume_the_studies", True),
        ("enrolled", "learn_and_be_assessed", True),
        ("completed", "see_the_certificate", True),
        ("enrolled", "learn_and_be_assessed", True),
        ("ended", "nothing", False),
    ]
    again = service.apply(subject)
    service.deliver_enrolment(application, "reopened", "enrolled")
    case = service.application(application)
    assert (case["enrolment"]["state"], case["live"]) == ("enrolled", False)
    assert service.application(again)["live"] is True


def revoked(service: Any) -> tuple[str, str]:
    """An application whose admission two people revoked, before enrolment has heard of it; and its learner."""
    service.publish(admission={"review_mode": "manual", "capacity": {"max": 1, "ranking": "first_come"}})
    subject = service.learner()
    application: str = service.apply(subject, IELTS, DIPLOMA)
    service.step(application, "review")
    service.step(application, "offers", {})
    service.respond(application, subject, "accept")
    service.deliver_enrolment(application, "activated", "enrolled")
    assert service.decide(application, "revocation").status == 201
    return application, subject


def test_d1_a_new_admission_after_a_revocation_starts_afresh(service: Any):
    """D1 (`offer_withdrawn`, make_offer), D3: it is a new round of enrolment, and the old one says nothing of it."""
    application, subject = revoked(service)
    service.deliver_enrolment(application, "cancelled", "cancelled")
    assert service.application(application)["live"] is False
    service.step(application, "offers", {})
    assert service.application(application)["live"] is True
    body = {"offering_id": "sustainability", "target_group": "professional"}
    second = service.call("POST", "/applications", "learner", subject=subject, body=body)
    assert (second.status, second.body["type"].rpartition("/")[2]) == (409, "conflict")
    case = service.respond(application, subject, "accept")
    assert case["enrolment"] == {"id": derived_id("enrolment", application, "2"), "state": None}
    assert case["next"]["what"] == "register_at_the_institutions_concerned"
    service.deliver_enrolment(application, "activated", "enrolled", round_=2)
    assert service.application(application)["enrolment"]["state"] == "enrolled"
    assert service.seats() == {"capacity": 1, "free": 0, "waiting": 0}


@pytest.mark.parametrize("when", ["offered", "admitted"])
def test_d1_late_news_of_the_enrolment_before_does_not_touch_the_new_admission(service: Any, when: str):
    application, subject = revoked(service)
    service.step(application, "offers", {})
    if when == "admitted":
        service.respond(application, subject, "accept")
    service.deliver_enrolment(application, "cancelled", "cancelled")
    case = service.application(application)
    assert (case["live"], service.seats()["free"]) == (True, 0)
    if when == "offered":
        case = service.respond(application, subject, "accept")
    assert case["enrolment"] == {"id": derived_id("enrolment", application, "2"), "state": None}


def test_who_has_applied_again_gets_no_second_offer_on_the_first_application(service: Any):
    application, subject = revoked(service)
    service.deliver_enrolment(application, "cancelled", "cancelled")
    service.apply(subject, IELTS, DIPLOMA)
    refused = service.officer("POST", f"/applications/{application}/offers", {})
    assert (refused.status, refused.body["type"].rpartition("/")[2]) == (409, "conflict")
    assert "applied to the offering again" in refused.body["detail"]


def test_an_event_of_an_unknown_application_is_left_alone(service: Any):
    service.publish(admission=OPEN)
    before = service.published()
    service.deliver_enrolment("no-such-application", "activated", "enrolled")
    assert service.published() == before


def test_a_withdrawal_after_completion_is_refused(service: Any):
    service.publish(admission=OPEN)
    application, subject = service.admitted()
    service.deliver_enrolment(application, "completed", "completed")
    assert service.learner_step(application, "withdrawal", subject, {}).status == 409


def rows_of(service: Any, learner: str, application: str) -> list[tuple[Any, ...]]:
    """Every row and event of one learner, in an order that the database has no part in."""
    found: list[tuple[Any, ...]] = []
    with service.database.read() as connection:
        found += connection.execute(tables.learners.select().where(tables.learners.c.id == learner))
        for table in tables.metadata.tables.values():
            key = {"applications": "id"}.get(table.name, "application_id")
            if key in table.c and table.name != "learners":
                found += connection.execute(table.select().where(table.c[key] == application))
        found += connection.execute(history.select().where(history.c.aggregate_id == application))
        found += connection.execute(
            sa.select(outbox.c.id, outbox.c.data).where(outbox.c.partition_key.in_([application, learner]))
        )
    return sorted(tuple(map(repr, row)) for row in found)


def test_whatever_one_learner_does_changes_nothing_of_another(service: Any):
    """Issue section 6.8, check 14."""
    service.publish()
    other = service.learner()
    others = service.apply(other, IELTS, DIPLOMA)
    before = rows_of(service, service.learner_id(other), others)
    assert len(before) >= 8
    subject = service.learner()
    application = service.apply(subject, DIPLOMA)
    service.step(application, "review")
    service.step(application, "information-request", {"request": "?"})
    service.learner_step(application, "information", subject, {"answer": "!", "evidence": [IELTS]})
    service.step(application, "offers", {"conditions": [{"text": "Send the original."}]})
    service.respond(application, subject, "accept")
    condition = service.application(application)["offer"]["conditions"][0]["id"]
    service.step(application, "condition-decisions", {"condition_id": condition})
    service.deliver_enrolment(application, "cancelled", "cancelled")
    service.run_jobs()
    rejected = service.apply(subject)
    assert service.decide(rejected, "waiver", "bachelor").status == 201
    service.step(rejected, "review")
    assert service.decide(rejected, "rejection").status == 201
    assert rows_of(service, service.learner_id(other), others) == before


def test_every_event_keeps_its_contract_and_its_golden_sample(service: Any):
    service.publish(admission=OPEN)
    service.admitted()
    with service.database.read() as connection:
        told = connection.execute(sa.select(outbox.c.type, outbox.c.data)).all()
    assert {"submitted", "admitted"} <= {type_.split(".")[4] for type_, _ in told}
    for type_, data in told:
        for sample in (json.loads(data), *contract(type_)["examples"]):
            check_contract(type_, sample)
