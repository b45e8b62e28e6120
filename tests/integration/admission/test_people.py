"""Learners' records, who may read them, searching by name, possible duplicates (checks 6 and 27, S1)."""

from datetime import timedelta
from typing import Any

import pytest

from tests.integration.admission.conftest import DIPLOMA, IELTS, ON_SQLITE, OPEN, PERSON, REVIEWER, START
from tests.support.documents import offering_draft

GREEK = {"given_name": "Ελένη", "family_name": "Παπαδοπούλου", "latin_family_name": "Papadopoulou"}


def read(
    service: Any, learner: str, role: str, institution: str | None = None, subject: str = "staff"
) -> Any:
    return service.call("GET", f"/learners/{learner}", role, institution, subject=subject)


def test_the_answer_to_a_new_record_is_the_record(service: Any):
    made = service.call("POST", "/learners", "learner", subject="fresh", body=PERSON)
    read_again = service.call("GET", f"/learners/{made.body['id']}", "learner", subject="fresh")
    assert (made.status, made.body, made.etag) == (201, read_again.body, read_again.etag)


def test_a_learner_makes_and_changes_the_own_record_only(service: Any):
    subject = service.learner(given_name="Małgorzata", family_name="Łącka-Żółć")
    mine = f"/learners/{service.learner_id(subject)}"
    record = service.call("GET", mine, "learner", subject=subject)
    assert (record.status, record.body["family_name"]) == (200, "Łącka-Żółć")
    assert service.call("POST", "/learners", "learner", subject=subject, body=PERSON).status == 409
    patch = {"email": "new@example.org", "phone": None}
    assert service.call("PATCH", mine, "learner", subject=subject, body=patch).status == 428
    changed = service.call("PATCH", mine, "learner", subject=subject, body=patch, If_Match=record.etag)
    assert (changed.body["email"], changed.body["version"]) == ("new@example.org", 2)
    assert (
        service.call("PATCH", mine, "learner", subject=subject, body=patch, If_Match=record.etag).status
        == 412
    )
    other = service.call("PATCH", mine, "learner", subject="somebody", body=patch, If_Match="*")
    assert other.status == 404
    name, data = service.published()[-1]
    assert (name, {k: v for k, v in data.items() if k != "_to"}) == (
        "learner.changed",
        {"learner_id": service.learner_id(subject), "version": 2},
    )


@ON_SQLITE
@pytest.mark.parametrize(
    "wrong",
    [
        {"given_name": " "},
        {"family_name": "A\u202eB"},
        {"email": "nobody"},
        {"date_of_birth": "1986-02-30"},
        {"date_of_birth": "0001-01-01"},
        {"nationality": "Lithuania"},
        {"esi": "12345"},
        {"id": "chosen"},
    ],
)
def test_a_malformed_record_is_refused(service: Any, wrong: dict[str, Any]):
    answer = service.call("POST", "/learners", "learner", subject="new", body={**PERSON, **wrong})
    assert (answer.status, answer.pointers) == (422, {f"/{name}" for name in wrong})


def test_a_record_is_read_by_those_concerned_and_looks_missing_to_others(service: Any):
    service.publish()
    subject = service.learner()
    learner = service.learner_id(subject)

    def status(role: str, institution: str | None = None) -> int:
        return int(read(service, learner, role, institution).status)

    assert (status("service"), status("learner")) == (200, 404)
    application = service.draft(subject, IELTS, DIPLOMA)
    assert status("admissions_officer", REVIEWER) == 404
    service.submit(application, subject)
    assert status("admissions_officer", REVIEWER) == 200
    assert status("admissions_officer", "kuleuven.be") == 404
    assert status("registrar", "kuleuven.be") == 404
    service.step(application, "review")
    service.step(application, "offers", {})
    assert status("partner", "kuleuven.be") == 404
    service.respond(application, subject, "accept")
    assert (status("registrar", "kuleuven.be"), status("partner", "unibo.it")) == (200, 200)
    assert status("registrar", "uu.nl") == 404
    foreign = read(service, learner, "registrar", "uu.nl")
    missing = read(service, "no-such-learner", "registrar", "kuleuven.be")
    assert (foreign.status, foreign.body["detail"]) == (missing.status, missing.body["detail"])
    for role in ("coordinator", "assessor", "confirmer"):
        assert status(role, REVIEWER) == 403


def test_nobody_is_born_on_a_day_to_come(service: Any):
    today, tomorrow = START.date(), START.date() + timedelta(days=1)
    subject = service.learner(date_of_birth=today.isoformat())
    path = f"/learners/{service.learner_id(subject)}"
    patch = {"date_of_birth": tomorrow.isoformat()}
    changed = service.call("PATCH", path, "learner", subject=subject, body=patch, If_Match="*")
    made = service.call("POST", "/learners", "learner", subject="unborn", body={**PERSON, **patch})
    for refused in (changed, made):
        assert (refused.status, refused.pointers) == (422, {"/date_of_birth"})


def test_shr_25_an_institution_that_registers_others_of_the_offering_reads_nothing_of_this_learner(
    service: Any,
):
    """Each target group names where its learners are registered; the others are not concerned."""
    groups = offering_draft()["target_groups"]
    own = [
        {**group, "registration_profile": ["helsinki.fi"]}
        for group in groups
        if group["code"] == "professional"
    ]
    others = [group for group in groups if group["code"] != "professional"]
    service.publish(target_groups=[*own, *others], admission=OPEN)
    _, subject = service.admitted()
    path = f"/learners/{service.learner_id(subject)}"
    assert service.call("GET", path, "registrar", "helsinki.fi").status == 200
    assert service.call("GET", path, "registrar", "kuleuven.be").status == 404


def test_a_registrar_reads_only_what_the_profile_asks_for(service: Any):
    """Data minimisation: the registration profile's list is the limit."""
    service.publish(admission=OPEN)
    _, subject = service.admitted(service.learner(phone="+370 600 00000", nationality="LT"))
    body = read(service, service.learner_id(subject), "registrar", "kuleuven.be").body
    assert body["family_name"].startswith("Žemaitytė")
    assert "phone" not in body
    assert set(body) == {
        "id",
        "version",
        "given_name",
        "family_name",
        "latin_given_name",
        "latin_family_name",
        "date_of_birth",
        "email",
    }


def test_an_identity_that_was_verified_is_verified_anew_after_a_change_of_name(service: Any):
    service.publish()
    subject = service.learner()
    learner = service.learner_id(subject)
    path = f"/learners/{learner}/identity-verification"
    assert service.officer("POST", path).status == 404
    service.apply(subject, IELTS)
    verified = service.officer("POST", path)
    assert (verified.status, verified.body["identity_verification"]) == (201, "by_person")
    assert service.officer("POST", path, at="kuleuven.be").status == 404
    for patch, expected in (({"phone": "+370 600 1"}, "by_person"), ({"family_name": "Nowa"}, "unverified")):
        changed = service.call(
            "PATCH", f"/learners/{learner}", "learner", subject=subject, body=patch, If_Match="*"
        )
        assert changed.body["identity_verification"] == expected


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"name": "zemaityte"}, True),
        ({"name": "Žemaitytė Živilė"}, True),
        ({"name": "ZEMAI"}, True),
        ({"name": "Kučinskas"}, False),
        ({"date_of_birth": "1986-11-02"}, True),
        ({"email": "ZIVILE@example.org"}, True),
        ({"name": "100%"}, False),
    ],
)
def test_officers_search_their_applicants_by_name(service: Any, query: dict[str, Any], *, found: bool):
    service.publish()
    subject = service.learner(family_name="Žemaitytė", email="zivile@example.org")
    application = service.apply(subject, IELTS)
    answer = service.officer("POST", "/learners/searches", query)
    assert answer.status == 200
    assert [each["applications"][0]["id"] for each in answer.body["items"]] == [application] * found
    assert service.officer("POST", "/learners/searches", query, at="kuleuven.be").body["items"] == []


def test_a_search_finds_greek_names_in_both_scripts_and_pages(service: Any):
    service.publish()
    for _ in range(3):
        service.apply(service.learner(**GREEK, date_of_birth=None), IELTS)
    assert len(service.officer("POST", "/learners/searches", {"name": "παπαδοπουλου"}).body["items"]) == 3
    first = service.officer("POST", "/learners/searches", {"name": "Papadopoulou", "limit": 2}).body
    rest = {"name": "Papadopoulou", "limit": 2, "after": first["next"]}
    second = service.officer("POST", "/learners/searches", rest).body
    assert (len(first["items"]), len(second["items"]), second["next"]) == (2, 1, None)
    assert service.officer("POST", "/learners/searches", {"offering": "sustainability"}).status == 422


def test_a_possible_duplicate_holds_the_application_until_a_person_has_looked(service: Any):
    """Check 6: held only towards an offer; once resolved, not asked again after a change of address."""
    service.publish(admission=OPEN)
    same = {"given_name": "Šarūnas", "family_name": "Kučinskas", "date_of_birth": "1983-06-06"}
    first = service.apply(service.learner(**same))
    assert service.state(first) == "offer"
    subject = service.learner(**{**same, "given_name": "Sarunas Jonas", "family_name": "Kucinskas"})
    second = service.apply(subject)
    case = service.application(second)
    assert (case["state"], case["duplicate_hold"], case["next"]["what"]) == (
        "submitted",
        True,
        "look_into_a_possible_duplicate",
    )
    listed = service.officer("GET", "/applications?duplicate_hold=true").body["items"]
    assert [each["id"] for each in listed] == [second]
    resolved = service.step(second, "duplicate-resolution", {"resolution": "different_people"})
    assert (resolved["state"], resolved["duplicate_hold"]) == ("offer", False)
    service.learner_step(second, "withdrawal", subject, {})
    learner = f"/learners/{service.learner_id(subject)}"
    patch = {"address": "Vilnius, Universiteto 3", "email": "moved@example.org"}
    assert service.call("PATCH", learner, "learner", subject=subject, body=patch, If_Match="*").status == 200
    assert service.state(service.apply(subject)) == "offer"


def test_the_same_person_stays_held(service: Any):
    service.publish(admission=OPEN)
    same = {"given_name": "Šarūnas", "family_name": "Kučinskas", "date_of_birth": "1983-06-06"}
    service.apply(service.learner(**same))
    second = service.apply(service.learner(**same))
    held = service.step(second, "duplicate-resolution", {"resolution": "same_person"})
    assert (held["state"], held["duplicate_hold"]) == ("submitted", True)


@ON_SQLITE
@pytest.mark.parametrize(
    "differs",
    [
        {"date_of_birth": "1983-06-07"},
        {"family_name": "Kučinskienė"},
        {"given_name": "Rūta", "email": "r@example.org"},
    ],
)
def test_another_person_is_not_held(service: Any, differs: dict[str, Any]):
    service.publish(admission=OPEN)
    same = {"given_name": "Šarūnas", "family_name": "Kučinskas", "date_of_birth": "1983-06-06"}
    service.apply(service.learner(**same))
    assert service.state(service.apply(service.learner(**{**same, **differs}))) == "offer"


def test_officers_see_what_their_institution_reviews_and_no_drafts(service: Any):
    service.publish()
    subject = service.learner()
    application = service.draft(subject, IELTS)
    path = f"/applications/{application}"
    assert service.officer("GET", path).status == 404
    service.submit(application, subject)
    assert service.officer("GET", path).status == 200
    foreign = service.officer("GET", path, at="kuleuven.be")
    missing = service.officer("GET", "/applications/no-such-case", at="kuleuven.be")
    assert (foreign.status, foreign.body["detail"]) == (404, missing.body["detail"])
    assert service.call("GET", path, "learner", subject="another").status == 404
    assert service.call("GET", path, "learner", subject=subject).status == 200
    for noun, body in (("review", None), ("offers", {}), ("information-request", {"request": "?"})):
        assert service.officer("POST", f"{path}/{noun}", body, at="kuleuven.be").status == 404
    proof = service.application(application)["evidence"][0]["id"]
    assert service.officer("POST", f"/evidence/{proof}/verification", {}, at="kuleuven.be").status == 404
    proposal = {"application_id": application, "kind": "rejection", "reason": "x"}
    assert service.officer("POST", "/decisions", proposal, at="kuleuven.be").status == 404
    service.step(application, "review")
    decision = service.officer("POST", "/decisions", proposal).body["id"]
    assert service.officer("GET", f"/decisions/{decision}", at="kuleuven.be").status == 404
    assert service.officer("GET", "/decisions", at="kuleuven.be").body["items"] == []
    confirmed = service.officer(
        "POST", f"/decisions/{decision}/confirmation", {}, at="kuleuven.be", who="bert"
    )
    assert confirmed.status == 404
    for noun, body in (("withdrawal", {}), ("submission", {"terms_version": "1"})):
        assert service.learner_step(application, noun, "another", body).status == 404


def test_work_lists_show_the_next_deadline_first_and_page(service: Any):
    """For the people: by state and deadline."""
    service.publish()
    late = service.apply(service.learner(), IELTS)
    soon = service.apply(service.learner(), IELTS)
    service.step(soon, "review")
    service.step(soon, "information-request", {"request": "?"})
    third = service.apply(service.learner(), IELTS)
    first = service.officer("GET", "/applications?limit=2").body
    rest = service.officer("GET", first["next"].removeprefix("/admission/v1")).body
    listed = [each["id"] for each in (*first["items"], *rest["items"])]
    assert listed[0] == soon
    assert set(listed[1:]) == {late, third}
    assert rest["next"] is None
    submitted = service.officer("GET", "/applications?state=submitted&offering=sustainability").body["items"]
    assert {each["id"] for each in submitted} == {late, third}
    assert service.officer("GET", "/applications?offering=another-one").body["items"] == []
    deadline = first["items"][0]["deadline_at"].replace("+00:00", "Z")
    before = service.officer("GET", f"/applications?deadline_before={deadline}").body["items"]
    assert before == []


def test_no_personal_data_is_in_any_event(service: Any):
    service.publish(admission=OPEN)
    application, subject = service.admitted(service.learner(given_name="Canary", email="canary@example.org"))
    service.call(
        "PATCH",
        f"/learners/{service.learner_id(subject)}",
        "learner",
        subject=subject,
        body={"given_name": "Canary-Two"},
        If_Match="*",
    )
    text = repr(service.published())
    assert application in text
    assert "anary" not in text
    assert "Žemaitytė" not in text
