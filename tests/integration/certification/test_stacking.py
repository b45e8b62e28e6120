"""A stack over two institutions: proposed once, granted by a person, issued like any certificate, reviewed later."""

import itertools
import json
from typing import Any

import pytest
import sqlalchemy as sa

from services.certification.api import stack_views
from services.certification.store.stacking_tables import counted_credits
from shared.annex1.report import check_credential
from shared.messaging.documents import kept_document
from shared.messaging.tables import outbox
from tests.integration.certification.stacking import BODY, OTHER_BODY, WHY, Stacking
from tests.integration.certification.workshop import OTHER, Workshop
from tests.support.stacking import rule

BADGE = "application/vc+ld+json"


@pytest.fixture
def stacking(workshop: Workshop) -> Stacking:
    return Stacking(workshop)


def test_satisfied_parts_are_one_proposal_to_the_deciding_body(stacking: Stacking) -> None:
    stacking.complete(stacking.first)
    assert stacking.names() == []
    stacking.complete(stacking.second)
    assert stacking.names() == ["proposed"]
    stack = stacking.one()
    assert (stack["state"], stack["allowed"], stack["ects"]) == ("proposed", ["grant", "refuse"], "15")
    assert [part["standing"] for part in stack["parts"]] == ["stands", "stands"]
    assert {part["issuer"] for part in stack["parts"]} == {BODY, OTHER_BODY}
    assert [len(part["outcomes"]) for part in stack["parts"]] == [5, 5]
    assert stack["automatic_entitlement"] is False
    assert "no automatic entitlement" in stack["statement"]
    assert stacking.list(institution=OTHER_BODY) == [], "nobody but the deciding body"
    ((_, data),) = stacking.workshop.events("stack.")
    assert (data["automatic_entitlement"], data["deciding_body"]) == (False, BODY)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3)))[::2])
def test_events_that_come_in_another_order_or_twice_change_nothing(workshop: Workshop, order: Any) -> None:
    stacking = Stacking(workshop)
    for learner in (stacking.first, stacking.second):
        learner.known()
        learner.results("sha256:" + "a" * 64)
    again = stacking.publish(rule())
    batches = [stacking.events_of(stacking.first), stacking.events_of(stacking.second), [again]]
    for number in order:
        workshop.deliver(*batches[number])
    for number in reversed(order):
        workshop.deliver(*batches[number])
        workshop.work()
    assert stacking.names() == ["proposed"]
    assert len(stacking.list()) == 1


def test_a_rule_that_comes_later_finds_the_certificates_that_are_there(workshop: Workshop) -> None:
    stacking = Stacking(workshop, rule(requirement={"kind": "offering", "offering": "something-else"}))
    stacking.complete()
    assert stacking.names() == []
    stacking.publish(rule(version=2))
    assert stacking.names() == ["proposed"]


def test_an_older_version_that_comes_late_changes_no_rule(stacking: Stacking) -> None:
    newer = {**rule(version=2, requirement={"kind": "offering", "offering": "sustainability"})}
    late = stacking.publish(rule())
    stacking.publish(newer)
    stacking.workshop.deliver(late)
    stacking.workshop.work()
    stacking.complete(stacking.first)
    assert stacking.names() == ["proposed"]


def test_the_larger_certificate_has_all_elements_and_names_its_parts(stacking: Stacking) -> None:
    stack = stacking.granted()
    workshop = stacking.workshop
    assert (stack["state"], stack["decided_by"]) == ("granted", "rita")
    larger = stacking.certificate(stack["certificate_id"])
    assert (larger["state"], larger["issuer"], larger["title"]["en"]) == ("issued", BODY, "Green transition")
    assert larger["stack_id"] == stack["id"]
    assert stacking.certificate(stack["parts"][0]["certificate_id"])["stack_id"] is None
    token = workshop.token("learner", subject="1")
    credential = workshop.get(f"/certification/v1/certificates/{larger['id']}", token, BADGE).get_json()
    assert check_credential(credential, [BODY]).complete
    named = {each["id"]: each["digestSRI"] for each in credential["relatedResource"]}
    assert set(named) == {f"urn:uuid:{part['certificate_id']}" for part in stack["parts"]}
    assert credential["credentialSubject"]["creditsEarned"] == 15
    assert "no automatic entitlement" not in json.dumps(credential), "it has been granted"
    answer = workshop.client.post("/certification/v1/verifications", json={"credential": credential})
    found = answer.get_json()
    assert found["verdict"] == "valid", found
    assert [c["outcome"] for c in found["checks"] if c["name"].startswith("part")] == ["passed", "passed"]


@pytest.mark.parametrize(
    "accept",
    [
        "application/vc+jwt",
        'application/ld+json; profile="http://data.europa.eu/snb/model/ap/edc-generic-full"',
    ],
    ids=["jwt", "elm"],
)
def test_the_larger_certificate_is_complete_in_every_format(stacking: Stacking, accept: str) -> None:
    stack = stacking.granted()
    token = stacking.workshop.token("learner", subject="1")
    path = f"/certification/v1/certificates/{stack['certificate_id']}"
    answer = stacking.workshop.get(path, token, accept)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    text = answer.get_data(as_text=True)
    report = check_credential(text, [BODY])
    assert report.complete, report.findings
    if "ld+json" in accept:
        named = {
            each["identifier"][1]["notation"]
            for each in answer.get_json()["credentialSubject"]["hasClaim"]["hasPart"]
        }
        assert named == {part["digest"] for part in stack["parts"]}


def test_the_larger_certificate_is_printed_and_sealed(stacking: Stacking) -> None:
    stack = stacking.granted()
    token = stacking.workshop.token("learner", subject="1")
    path = f"/certification/v1/certificates/{stack['certificate_id']}"
    pdf = stacking.workshop.get(path, token, "application/pdf")
    assert (pdf.status_code, pdf.get_data()[:5]) == (200, b"%PDF-")
    sealed = stacking.workshop.get(path, token, "application/jose+json").get_json()
    answer = stacking.workshop.client.post("/certification/v1/verifications", json={"credential": sealed})
    found = answer.get_json()
    assert found["verdict"] == "valid", found
    assert [check["name"] for check in found["checks"]][-2:] == ["part-1", "part-2"]


def test_a_refusal_gives_its_reasons_and_is_not_proposed_again(stacking: Stacking) -> None:
    stacking.complete()
    stack = stacking.one()
    answer = stacking.decide(stack["id"], "refuse")
    assert (answer.status_code, answer.get_json()["state"]) == (201, "refused")
    stacking.workshop.work()
    (mine,) = stacking.list("learner", None)
    assert (mine["state"], mine["reason"]) == ("refused", WHY["reason"])
    assert stacking.decide(stack["id"], "grant").status_code == 409
    assert stacking.names() == ["proposed", "refused"]


def test_nobody_else_decides(stacking: Stacking) -> None:
    stacking.complete()
    stack = stacking.one()
    assert stacking.decide(stack["id"], "grant", "ria", OTHER_BODY).status_code == 404
    answer = stacking.workshop.post(
        f"/stacks/{stack['id']}/decision", {"decision": "grant", **WHY}, "learner", "1"
    )
    assert answer.status_code == 403
    assert stacking.one()["state"] == "proposed"


def test_nobody_decides_about_the_own_certificates(stacking: Stacking) -> None:
    """The learner `1` is a registrar of the deciding body too: the same subject at the same issuer."""
    stacking.complete()
    stack = stacking.one()
    assert stacking.decide(stack["id"], "grant", "1").status_code == 403
    assert stacking.decide(stack["id"], "refuse", "1").status_code == 403
    assert stacking.decide(stack["id"], "grant", "rita").status_code == 201
    stacking.workshop.work()
    stacking.revoke(stack["parts"][0]["certificate_id"], stack["parts"][0]["issuer"])
    for decision in ("keep", "suspend", "revoke"):
        assert stacking.review(stack["id"], decision, "1").status_code == 403


def test_credits_count_once_for_awards_of_one_kind(workshop: Workshop) -> None:
    stacking = Stacking(workshop, rule(), rule(id="other-way"), rule(id="badge", kind="badge"))
    stacking.complete()
    assert stacking.names() == ["proposed"] * 3
    first, second, badge = sorted(stacking.list(), key=lambda s: (s["rule"]["id"] == "badge", s["id"]))
    assert stacking.decide(first["id"], "grant").status_code == 201
    assert stacking.decide(second["id"], "grant").status_code == 409, "before the job has looked"
    workshop.work()
    assert {s["id"]: s["state"] for s in stacking.list()} == {
        first["id"]: "granted",
        second["id"]: "lapsed",
        badge["id"]: "proposed",
    }
    assert stacking.decide(badge["id"], "grant").status_code == 201


def test_a_list_reads_each_agreement_once(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    stacking = Stacking(workshop, rule(), rule(id="badge", kind="badge"))
    stacking.complete()
    read: list[Any] = []

    def counted(*asked: Any) -> Any:
        read.append(asked[1:])
        return kept_document(*asked)

    monkeypatch.setattr(stack_views, "kept_document", counted)
    assert len({stack["rule"]["id"] for stack in stacking.list()}) == 2
    assert len(read) == 1


def test_the_database_counts_no_credits_twice(stacking: Stacking) -> None:
    """The negative control of the rule in the domain."""
    stacking.granted()
    (row, *_) = stacking.workshop.rows(counted_credits)
    with pytest.raises(sa.exc.IntegrityError), stacking.workshop.database.write() as connection:
        connection.execute(counted_credits.insert().values(**row._mapping))


def test_a_part_that_falls_is_proposed_for_review_and_suspends_nothing(stacking: Stacking) -> None:
    """CRT-24."""
    stack = stacking.granted()
    (part,) = [part for part in stack["parts"] if part["issuer"] == OTHER_BODY]
    stacking.revoke(part["certificate_id"], OTHER_BODY)
    found = stacking.one()
    assert (found["state"], found["allowed"]) == ("in_review", ["keep", "suspend", "revoke"])
    assert [p["standing"] for p in found["parts"] if p["issuer"] == OTHER_BODY] == ["revoked"]
    larger = stacking.certificate(stack["certificate_id"])
    assert larger["state"] == "issued"
    page = stacking.workshop.get(
        larger["verify_url"].partition("org")[2], accept="application/json"
    ).get_json()
    assert page["verdict"] == "valid_with_remark"
    (remark,) = [check for check in page["checks"] if check["outcome"] == "remark"]
    assert "was revoked" in remark["detail"]
    html = stacking.workshop.get(larger["verify_url"].partition("org")[2]).get_data(as_text=True)
    assert "Part 1" in html
    assert "Part 2" in html


def test_the_deciding_body_keeps_the_award(stacking: Stacking) -> None:
    stack = stacking.granted()
    stacking.revoke(stack["parts"][0]["certificate_id"], stack["parts"][0]["issuer"])
    answer = stacking.review(stack["id"], "keep")
    assert (answer.status_code, answer.get_json()["state"]) == (201, "granted")
    stacking.workshop.work()
    assert stacking.names() == ["proposed", "granted", "review_proposed", "kept"]
    assert stacking.certificate(stack["certificate_id"])["state"] == "issued"


def test_the_deciding_body_suspends_and_reinstates(stacking: Stacking) -> None:
    stack = stacking.granted()
    part = stack["parts"][0]
    stacking.suspend(part["certificate_id"], part["issuer"])
    answer = stacking.review(stack["id"], "suspend")
    assert (answer.status_code, answer.get_json()["state"]) == (201, "suspended")
    assert stacking.certificate(stack["certificate_id"])["state"] == "suspended"
    stacking.reinstate(part["certificate_id"], part["issuer"])
    assert stacking.one()["state"] == "suspended", "a person suspended it, a person lifts it"
    assert stacking.review(stack["id"], "keep").status_code == 201
    stacking.workshop.work()
    assert stacking.certificate(stack["certificate_id"])["state"] == "issued"
    assert stacking.one()["state"] == "granted"


def test_a_revocation_of_the_larger_award_takes_two_people(stacking: Stacking) -> None:
    stack = stacking.granted()
    part = stack["parts"][0]
    stacking.revoke(part["certificate_id"], part["issuer"])
    answer = stacking.review(stack["id"], "revoke")
    assert (answer.status_code, answer.get_json()["state"]) == (201, "in_review")
    assert stacking.certificate(stack["certificate_id"])["state"] == "issued"
    decision = answer.get_json()["decision_id"]
    same = stacking.workshop.post(
        f"/decisions/{decision}/confirmation", {"agrees": True}, "registrar", "rita", BODY
    )
    assert same.status_code == 409
    stacking.confirm(decision)
    assert stacking.certificate(stack["certificate_id"])["state"] == "revoked"
    assert stacking.one()["state"] == "withdrawn"
    assert stacking.workshop.rows(counted_credits) == []
    assert stacking.names()[-1] == "withdrawn"


def test_a_part_that_stands_again_settles_its_review(stacking: Stacking) -> None:
    stack = stacking.granted()
    part = stack["parts"][0]
    stacking.suspend(part["certificate_id"], part["issuer"])
    assert stacking.one()["state"] == "in_review"
    stacking.reinstate(part["certificate_id"], part["issuer"])
    assert (stacking.one()["state"], stacking.names()[-1]) == ("granted", "review_settled")
    assert stacking.review(stack["id"], "keep").status_code == 409


def test_a_replaced_part_counts_by_its_successor(stacking: Stacking) -> None:
    stack = stacking.granted()
    workshop = stacking.workshop
    body = {"reason_code": "name_changed", **WHY}
    old = next(part for part in stack["parts"] if part["issuer"] == BODY)["certificate_id"]
    answer = workshop.post(f"/certificates/{old}/replacement", body, "registrar", "rita")
    assert answer.status_code == 201, answer.get_json()
    stacking.first.known(family_name="Νέα")
    workshop.deliver(workshop.changed(stacking.first))
    workshop.work()
    found = stacking.one()
    assert found["state"] == "granted"
    new = next(part for part in found["parts"] if part["issuer"] == BODY)["certificate_id"]
    assert new != old
    assert stacking.certificate(old)["superseded_by"] == new


def test_other_results_in_a_part_are_reviewed(stacking: Stacking) -> None:
    stacking.granted()
    workshop, learner = stacking.workshop, stacking.first
    workshop.deliver(learner.completion("overturned"))
    learner.results(OTHER, mark="60")
    workshop.deliver(learner.completion("achieved", 2, OTHER))
    workshop.work()
    found = stacking.one()
    assert found["state"] == "in_review"
    assert sorted(part["standing"] for part in found["parts"]) == ["replaced", "stands"]


def test_a_part_that_falls_before_the_larger_certificate_is_signed_holds_it_up(stacking: Stacking) -> None:
    stacking.complete()
    workshop = stacking.workshop
    stack = stacking.one()
    part = stack["parts"][0]
    workshop.elsewhere.away.add("admission")
    assert stacking.decide(stack["id"], "grant").status_code == 201
    workshop.work()
    stacking.suspend(part["certificate_id"], part["issuer"])
    workshop.elsewhere.away.clear()
    workshop.wait()
    larger = stacking.certificate(stacking.one()["certificate_id"])
    assert larger["state"] == "incomplete"
    assert [need["from"] for need in larger["missing"]] == [BODY]
    assert stacking.review(stack["id"], "keep").status_code == 201
    workshop.work()
    assert stacking.certificate(larger["id"])["state"] == "issued"


def test_what_was_not_signed_yet_is_given_up_by_one_person(stacking: Stacking) -> None:
    stacking.complete()
    workshop = stacking.workshop
    stack = stacking.one()
    workshop.elsewhere.away.add("admission")
    stacking.decide(stack["id"], "grant")
    part = stack["parts"][0]
    stacking.suspend(part["certificate_id"], part["issuer"])
    answer = stacking.review(stack["id"], "revoke")
    assert (answer.status_code, answer.get_json()["decision_id"]) == (201, None)
    workshop.elsewhere.away.clear()
    workshop.wait()
    found = stacking.one()
    assert (found["state"], found["certificate_id"]) == ("withdrawn", None)


def test_a_learner_sees_what_counts_towards_what_and_what_is_missing(stacking: Stacking) -> None:
    """CRT-26."""
    stacking.complete(stacking.first)
    token = stacking.workshop.token("learner", subject="1")
    (path,) = stacking.workshop.get("/certification/v1/stacking-paths", token).get_json()["items"]
    assert path["satisfied"] is False
    assert [lack["offerings"] for lack in path["missing"]] == [["urban-climate"]]
    assert [each["offering_id"] for each in path["counting"]] == ["sustainability"]
    assert path["automatic_entitlement"] is False
    stacking.complete(stacking.second)
    (path,) = stacking.workshop.get("/certification/v1/stacking-paths", token).get_json()["items"]
    assert (path["satisfied"], [each["state"] for each in path["stacks"]]) == (True, ["proposed"])
    other = stacking.workshop.token("learner", subject="9")
    assert stacking.workshop.get("/certification/v1/stacking-paths", other).get_json() == {"items": []}


def test_what_the_holder_rejects_counts_towards_nothing(stacking: Stacking) -> None:
    stacking.complete(stacking.first)
    token = stacking.workshop.token("learner", subject="1")
    (row,) = stacking.workshop.get("/certification/v1/certificates", token).get_json()["items"]
    answer = stacking.workshop.post(
        f"/certificates/{row['id']}/acceptance", {"answer": "reject"}, "learner", "1"
    )
    assert answer.status_code == 201
    stacking.complete(stacking.second)
    assert stacking.names() == []


def test_the_preview_of_a_larger_award_shows_its_elements(stacking: Stacking) -> None:
    stack = stacking.granted()
    token = stacking.workshop.token("learner", subject="1")
    answer = stacking.workshop.get(f"/certification/v1/awards/{stack['award_id']}/certificate-preview", token)
    assert answer.status_code == 200, answer.get_json()
    filled = {each["element"] for each in answer.get_json()["elements"] if each["filled"]}
    assert filled == {1, 2, 3, 4, 6, 7, 8, 9, 10, 11}
    award = stacking.workshop.get(f"/certification/v1/awards/{stack['award_id']}", token).get_json()
    assert (award["track"], award["stack_id"]) == ("stacked", stack["id"])


def test_the_deciding_body_hears_of_the_larger_certificate(stacking: Stacking) -> None:
    stack = stacking.granted()
    with stacking.workshop.database.read() as connection:
        rows = connection.execute(sa.select(outbox.c.data, outbox.c.audience, outbox.c.type)).all()
    told = [
        row.audience
        for row in rows
        if row.type.endswith("certificate.issued.v1") and json.loads(row.data).get("stack_id") == stack["id"]
    ]
    assert told == [[BODY]]


def test_the_history_says_who_decided(stacking: Stacking) -> None:
    stack = stacking.granted()
    token = stacking.workshop.token("registrar", BODY, "rita")
    steps = stacking.workshop.get(f"/certification/v1/stacks/{stack['id']}/history", token).get_json()[
        "items"
    ]
    assert [(step["trigger"], step["actor"]) for step in steps] == [("propose", "system"), ("grant", "rita")]
