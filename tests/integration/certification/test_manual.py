"""What people do with signed certificates: suspend, reinstate, revoke by two, replace, accept and reject (D7, D8)."""

import pytest
import sqlalchemy as sa

from services.certification.store.tables import certificates, decisions
from tests.integration.certification.workshop import OTHER, Learner, Workshop

WHY = {"reason": "as agreed in the meeting"}
SUSPENSION = {"reason_code": "identity_under_review", **WHY}


def one(workshop: Workshop) -> tuple[Learner, str, str]:
    """A learner with an issued certificate: its id and its public id."""
    learner = workshop.learner()
    workshop.deliver(*learner.usual())
    workshop.work()
    (row,) = workshop.rows(certificates)
    return learner, row.id, row.public_id


def verdict(workshop: Workshop, public_id: str) -> tuple[str, str]:
    found = workshop.get(f"/verify/{public_id}", accept="application/json").get_json()
    (status,) = [check["detail"] for check in found["checks"] if check["name"] == "status"]
    return found["verdict"], status


def propose(workshop: Workshop, certificate_id: str, subject: str = "rita") -> str:
    body = {
        "kind": "revocation",
        "certificate_id": certificate_id,
        "reason_code": "issued_in_error",
        **WHY,
    }
    answer = workshop.post("/decisions", body, "registrar", subject)
    assert answer.status_code == 201, answer.get_json()
    decision_id: str = answer.get_json()["id"]
    return decision_id


def test_shr_12_a_certificate_says_what_is_next_and_by_whom(workshop: Workshop) -> None:
    _, certificate_id, _ = one(workshop)
    path = f"/certification/v1/certificates/{certificate_id}"
    staff = workshop.token("registrar", "helsinki.fi")
    assert workshop.get(path, staff).get_json()["next"] == {
        "what": "accept_or_reject",
        "who": "learner",
        "whom": [],
    }
    decision = propose(workshop, certificate_id)
    waits = {
        "what": "confirm_or_drop_the_proposed_decision",
        "who": "institution",
        "whom": ["helsinki.fi"],
    }
    assert workshop.get(path, staff).get_json()["next"] == waits
    (listed,) = workshop.get("/certification/v1/certificates", staff).get_json()["items"]
    assert listed["next"] == waits
    dropped = workshop.post(f"/decisions/{decision}/confirmation", {"agrees": False}, "registrar", "rita")
    assert dropped.status_code == 201, dropped.get_json()
    suspended = workshop.post(f"/certificates/{certificate_id}/suspension", SUSPENSION, "registrar", "rita")
    assert suspended.get_json()["next"]["what"] == "reinstate_or_revoke"


def test_a_person_suspends_and_reinstates(workshop: Workshop) -> None:
    _, certificate_id, public_id = one(workshop)
    answer = workshop.post(f"/certificates/{certificate_id}/suspension", SUSPENSION, "registrar", "rita")
    assert (answer.status_code, answer.get_json()["state"]) == (201, "suspended")
    workshop.work()
    assert verdict(workshop, public_id) == (
        "not_valid",
        "It is suspended: it is being checked whether it was issued to the right person.",
    )
    answer = workshop.post(f"/certificates/{certificate_id}/reinstatement", WHY, "registrar", "rita")
    assert answer.status_code == 201, answer.get_json()
    workshop.work()
    assert verdict(workshop, public_id)[0] == "valid"
    assert workshop.names() == ["ready", "issued", "suspended", "reinstated"]
    token = workshop.token("registrar", "helsinki.fi")
    steps = workshop.get(f"/certification/v1/certificates/{certificate_id}/history", token).get_json()[
        "items"
    ]
    assert [(step["trigger"], step["actor"], step["reason"]) for step in steps][-2:] == [
        ("suspend", "rita", WHY["reason"]),
        ("reinstate", "rita", WHY["reason"]),
    ]


def test_what_was_typed_is_not_on_the_public_page(workshop: Workshop) -> None:
    _, certificate_id, public_id = one(workshop)
    workshop.post(f"/certificates/{certificate_id}/suspension", SUSPENSION, "registrar", "rita")
    assert WHY["reason"] not in workshop.get(f"/verify/{public_id}").get_data(as_text=True)


def test_results_do_not_lift_what_a_person_suspended(workshop: Workshop) -> None:
    learner, certificate_id, _ = one(workshop)
    workshop.post(f"/certificates/{certificate_id}/suspension", SUSPENSION, "registrar", "rita")
    workshop.deliver(learner.completion("overturned"))
    answer = workshop.post(f"/certificates/{certificate_id}/reinstatement", WHY, "registrar", "rita")
    assert answer.status_code == 409, "the results do not stand"
    workshop.deliver(learner.completion("achieved", 2))
    workshop.work()
    assert workshop.states() == ["suspended"]
    assert (
        workshop.post(f"/certificates/{certificate_id}/reinstatement", WHY, "registrar", "rita").status_code
        == 201
    )


def test_a_revocation_takes_two_people(workshop: Workshop) -> None:
    _, certificate_id, public_id = one(workshop)
    decision = propose(workshop, certificate_id)
    workshop.work()
    assert verdict(workshop, public_id)[0] == "valid"
    same = workshop.post(f"/decisions/{decision}/confirmation", {"agrees": True}, "registrar", "rita")
    assert same.status_code == 409
    assert workshop.states() == ["issued"]
    other = workshop.post(f"/decisions/{decision}/confirmation", {"agrees": True}, "registrar", "otto")
    assert (other.status_code, other.get_json()["confirmed_by"]) == (201, "otto")
    workshop.work()
    assert verdict(workshop, public_id) == ("not_valid", "It was revoked: it was issued in error.")
    again = workshop.post(f"/decisions/{decision}/confirmation", {"agrees": True}, "registrar", "otto")
    assert again.status_code == 409
    assert workshop.names()[-1] == "revoked"


def test_the_database_refuses_one_person_in_both_places(workshop: Workshop) -> None:
    """The negative control of the rule in the domain: nothing gets past the constraint."""
    _, certificate_id, _ = one(workshop)
    decision = propose(workshop, certificate_id)
    for confirmed_by in ("rita", None):
        with pytest.raises(sa.exc.IntegrityError), workshop.database.write() as connection:
            connection.execute(
                decisions.update()
                .where(decisions.c.id == decision)
                .values(state="confirmed", confirmed_by=confirmed_by)
            )


def test_a_proposal_that_is_dropped_changes_nothing_and_makes_room(workshop: Workshop) -> None:
    _, certificate_id, _ = one(workshop)
    decision = propose(workshop, certificate_id)
    body = {
        "kind": "revocation",
        "certificate_id": certificate_id,
        "reason_code": "issued_in_error",
        **WHY,
    }
    assert workshop.post("/decisions", body, "registrar", "otto").status_code == 409
    dropped = workshop.post(f"/decisions/{decision}/confirmation", {"agrees": False}, "registrar", "rita")
    assert dropped.get_json()["state"] == "refused"
    assert workshop.states() == ["issued"]
    propose(workshop, certificate_id, "otto")
    token = workshop.token("registrar", "helsinki.fi")
    listed = workshop.get("/certification/v1/decisions?state=proposed", token).get_json()["items"]
    assert [item["proposed_by"] for item in listed] == ["otto"]


def test_what_was_revoked_is_not_answered_by_a_new_certificate(workshop: Workshop) -> None:
    learner, certificate_id, _ = one(workshop)
    decision = propose(workshop, certificate_id)
    workshop.post(f"/decisions/{decision}/confirmation", {"agrees": True}, "registrar", "otto")
    workshop.deliver(workshop.changed(learner))
    workshop.work()
    assert workshop.states() == ["revoked"]


@pytest.mark.parametrize("name_first", [True, False])
def test_a_change_of_name_supersedes_on_request_in_either_order(
    workshop: Workshop, *, name_first: bool
) -> None:
    learner, certificate_id, public_id = one(workshop)
    (subject,) = ["1"]
    request = {"reason_code": "name_changed", **WHY}

    def ask() -> None:
        answer = workshop.post(f"/certificates/{certificate_id}/replacement", request, "registrar", subject)
        assert answer.status_code == 201, answer.get_json()

    def change() -> None:
        learner.known(family_name="Γεωργίου")
        workshop.deliver(workshop.changed(learner))

    for step in (change, ask) if name_first else (ask, change):
        step()
        workshop.work()
    old, new = sorted(workshop.rows(certificates), key=lambda row: row.ordinal)
    assert (old.state, new.state, new.supersedes) == ("superseded", "issued", old.id)
    assert old.snapshot["elements"]["learner"]["family_name"] == "Παπαδοπούλου"
    assert new.snapshot["elements"]["learner"]["family_name"] == "Γεωργίου"
    token = workshop.token("service")
    view = workshop.get(f"/certification/v1/certificates/{old.id}", token).get_json()
    assert (view["superseded_by"], view["reason_code"]) == (new.id, "name_changed")
    workshop.work()
    assert verdict(workshop, public_id) == (
        "not_valid",
        "It was replaced by a newer certificate: its holder's name has changed.",
    )
    award = workshop.get(f"/certification/v1/awards/{learner.award_id}", token).get_json()
    assert award["replacement"] is None


def test_nothing_is_replaced_unless_somebody_asks_or_unless_something_differs(workshop: Workshop) -> None:
    learner, certificate_id, _ = one(workshop)
    workshop.deliver(workshop.changed(learner))
    workshop.work()
    request = {"reason_code": "data_corrected", **WHY}
    workshop.post(f"/certificates/{certificate_id}/replacement", request, "registrar", "rita")
    workshop.work()
    assert workshop.states() == ["issued"]


def test_a_suspended_certificate_is_not_escaped_by_a_replacement(workshop: Workshop) -> None:
    learner, certificate_id, _ = one(workshop)
    request = {"reason_code": "name_changed", **WHY}
    workshop.post(f"/certificates/{certificate_id}/replacement", request, "registrar", "rita")
    workshop.work()
    workshop.post(f"/certificates/{certificate_id}/suspension", SUSPENSION, "registrar", "rita")
    learner.known(family_name="Γεωργίου")
    workshop.deliver(workshop.changed(learner))
    workshop.work()
    assert workshop.states() == ["suspended"]
    assert (
        workshop.post(f"/certificates/{certificate_id}/replacement", request, "registrar", "rita").status_code
        == 409
    )
    workshop.post(f"/certificates/{certificate_id}/reinstatement", WHY, "registrar", "rita")
    workshop.work()
    assert workshop.states() == ["superseded", "issued"]


def test_a_corrected_grade_supersedes_by_its_new_results(workshop: Workshop) -> None:
    learner, _, public_id = one(workshop)
    learner.results(OTHER, mark="91")
    workshop.deliver(learner.completion("overturned"), learner.completion("achieved", 2, OTHER))
    workshop.work()
    assert verdict(workshop, public_id)[1] == "It was replaced by a newer certificate: there are new results."


def learner_token(workshop: Workshop, learner: Learner, monkeypatch: pytest.MonkeyPatch) -> str:
    """A token of the person whose award it is."""
    monkeypatch.setattr("shared.web.callers.Caller.learner_id", learner.learner_id)
    return workshop.token("learner", subject="eleni")


@pytest.mark.parametrize(("answer", "state"), [("accept", "accepted"), ("reject", "rejected")])
def test_the_holder_answers_once_and_a_refusal_ends_delivery_only(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, answer: str, state: str
) -> None:
    """D8."""
    learner, certificate_id, public_id = one(workshop)
    token = learner_token(workshop, learner, monkeypatch)
    path = f"/certificates/{certificate_id}/acceptance"
    given = workshop.post(path, {"answer": answer}, "learner", "eleni")
    assert (given.status_code, given.get_json()["acceptance"]) == (201, state)
    assert workshop.post(path, {"answer": answer}, "learner", "eleni").status_code == 409
    assert workshop.names()[-1] == state
    assert verdict(workshop, public_id)[0] == "valid"
    pdf = workshop.get(f"/certification/v1/certificates/{certificate_id}", token, "application/pdf")
    assert pdf.status_code == (200 if answer == "accept" else 409)


def test_a_holder_asks_for_a_replacement_for_a_holders_reasons_only(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner, certificate_id, _ = one(workshop)
    learner_token(workshop, learner, monkeypatch)
    path = f"/certificates/{certificate_id}/replacement"
    for code, status in (("key_compromised", 403), ("name_changed", 201)):
        body = {"reason_code": code, **WHY}
        assert workshop.post(path, body, "learner", "eleni").status_code == status


def test_nobody_elses_holder_and_no_other_institution_gets_at_it(workshop: Workshop) -> None:
    _, certificate_id, _ = one(workshop)
    assert (
        workshop.post(
            f"/certificates/{certificate_id}/acceptance", {"answer": "accept"}, "learner", "x"
        ).status_code
        == 404
    )
    for path, body in (
        (f"/certificates/{certificate_id}/suspension", SUSPENSION),
        (f"/certificates/{certificate_id}/reinstatement", WHY),
    ):
        assert workshop.post(path, body, "registrar", "eve", "nowhere.example").status_code == 404
