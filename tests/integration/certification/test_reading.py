"""Who may read what, in which format; lists for holders and for the staff of awarding bodies."""

import json
from typing import Any

import pytest
import sqlalchemy as sa

from services.certification.formats.renderer import CREDENTIAL_TYPE
from services.certification.store.awards import load_award, load_awards
from services.certification.store.tables import certificates
from shared.annex1.readers.baked import baked_in
from shared.ids import derived_id
from tests.integration.certification.workshop import Workshop
from tests.support.documents import agreement, offering


@pytest.fixture
def certificate_id(workshop: Workshop) -> str:
    workshop.deliver(workshop.published())
    workshop.work()
    workshop.deliver(*workshop.learner().usual())
    workshop.work()
    identifier: str = workshop.rows(certificates)[0].id
    return identifier


def test_the_awarding_body_reads_it_as_json(workshop: Workshop, certificate_id: str) -> None:
    answer = workshop.get(
        f"/certification/v1/certificates/{certificate_id}", workshop.token("registrar", "helsinki.fi")
    )
    body = answer.get_json()
    assert (body["state"], body["formats"]) == ("issued", ["open_badges_3", "open_badges_3_jwt", "pdf"])
    assert body["title"] == {"en": "Sustainability", "fi": "Kestävyys"}
    assert body["verify_url"].startswith("https://certificates.example.org/verify/v")
    assert "Παπαδοπούλου" not in answer.get_data(as_text=True)
    assert answer.headers["ETag"]
    assert answer.headers["Vary"] == "Accept"


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        (CREDENTIAL_TYPE, CREDENTIAL_TYPE),
        ("application/vc", "application/vc"),
        ("application/ld+json", "application/ld+json"),
        ("application/pdf", "application/pdf"),
        ("application/pdf;q=0.1, application/vc+ld+json;q=0.9", CREDENTIAL_TYPE),
        ("image/png", "image/png"),
        ("image/svg+xml", "image/svg+xml"),
    ],
)
def test_the_format_is_the_one_that_is_accepted(
    workshop: Workshop, certificate_id: str, accept: str, content_type: str
) -> None:
    token = workshop.token("coordinator", "helsinki.fi")
    answer = workshop.get(f"/certification/v1/certificates/{certificate_id}", token, accept)
    assert (answer.status_code, answer.content_type) == (200, content_type)
    if content_type == "application/pdf":
        assert answer.data.startswith(b"%PDF-")
    elif content_type != "application/json":
        signed = baked_in(answer.data) if content_type.startswith("image/") else answer.data
        assert json.loads(signed)["id"] == f"urn:uuid:{certificate_id}"


def test_html_leads_to_the_public_page(workshop: Workshop, certificate_id: str) -> None:
    answer = workshop.get(
        f"/certification/v1/certificates/{certificate_id}",
        workshop.token("registrar", "helsinki.fi"),
        "text/html",
    )
    assert answer.status_code == 303
    assert workshop.get(answer.headers["Location"]).status_code == 200


def test_a_format_that_is_had_already_is_not_sent_again(workshop: Workshop, certificate_id: str) -> None:
    token = workshop.token("registrar", "helsinki.fi")
    path = f"/certification/v1/certificates/{certificate_id}"
    tag = workshop.get(path, token, "application/pdf").headers["ETag"]
    answer = workshop.client.get(
        path,
        headers={"Authorization": f"Bearer {token}", "Accept": "application/pdf", "If-None-Match": tag},
    )
    assert (answer.status_code, answer.data) == (304, b"")


def test_the_holder_reads_it_and_nobody_else_learns_that_it_is_there(
    workshop: Workshop, certificate_id: str
) -> None:
    path = f"/certification/v1/certificates/{certificate_id}"
    readers = {
        "stranger": workshop.token("learner", subject="2"),
        "another institution": workshop.token("registrar", "unibo.it"),
        "a platform": workshop.token("partner", "kuleuven.be"),
    }
    missing = workshop.get("/certification/v1/certificates/missing", readers["stranger"])
    for who, token in readers.items():
        for suffix in ("", "/history"):
            answer = workshop.get(path + suffix, token)
            assert answer.status_code == missing.status_code == 404, who
            assert answer.get_json()["detail"] == missing.get_json()["detail"]
    assert workshop.get(path).status_code == 401
    assert workshop.get(path, workshop.token("assessor", "helsinki.fi")).status_code == 403


def test_the_holder_lists_their_own(workshop: Workshop, certificate_id: str) -> None:
    issuer = workshop.settings.oidc_issuer
    learner = workshop.learner(7)
    mine = derived_id("learner", issuer, "me")
    events = [
        workshop.event(event.type.split(".")[2], name_of(event.type), {**event.data, "learner_id": mine})
        for event in learner.usual()
    ]
    workshop.elsewhere.documents[f"/admission/v1/learners/{mine}"] = workshop.elsewhere.documents[
        f"/admission/v1/learners/{learner.learner_id}"
    ]
    workshop.deliver(*events)
    workshop.work()
    token = workshop.token("learner", subject="me")
    (listed,) = workshop.get("/certification/v1/certificates", token).get_json()["items"]
    assert listed["learner_id"] == mine
    assert workshop.get(f"/certification/v1/certificates/{listed['id']}", token).status_code == 200
    (award,) = workshop.get("/certification/v1/awards", token).get_json()["items"]
    assert award["id"] == learner.award_id


def test_a_list_of_awards_says_what_each_says_in_as_few_queries_as_one(workshop: Workshop) -> None:
    for number in (1, 2, 3):
        workshop.deliver(*workshop.learner(number).usual())
    workshop.work()
    token, path = workshop.token("registrar", "helsinki.fi"), "/certification/v1/awards"
    listed = workshop.get(path, token).get_json()["items"]
    assert len(listed) == 3
    assert all(award["registrations"] and award["certificates"] for award in listed)
    assert listed == [workshop.get(f"{path}/{award['id']}", token).get_json() for award in listed]
    asked: list[str] = []
    with workshop.database.read() as connection:
        sa.event.listen(connection, "before_cursor_execute", lambda *args: asked.append(args[2]))
        assert len(load_awards(connection, [award["id"] for award in listed])) == 3
        several = len(asked)
        load_award(connection, listed[0]["id"])
    assert several == len(asked) - several == 3


def name_of(type_: str) -> str:
    return ".".join(type_.split(".")[3:5])


def test_the_work_list_names_what_is_missing_and_from_whom_the_longest_waiting_first(
    workshop: Workshop,
) -> None:
    for number in (1, 2):
        learner = workshop.learner(number)
        workshop.deliver(*[e for e in learner.usual() if e.data.get("state") != "associated"])
        workshop.work()
        workshop.wait(60)
    token = workshop.token("registrar", "helsinki.fi")
    page = workshop.get("/certification/v1/certificates?state=incomplete&limit=1", token).get_json()
    (first,) = page["items"]
    assert first["missing"] == [
        {
            "element": None,
            "name": "registration at helsinki.fi",
            "reason": "the registration at helsinki.fi is pending",
            "from": "helsinki.fi",
        }
    ]
    assert first["next"] == {"what": "supply_what_is_missing", "who": "sources", "whom": ["helsinki.fi"]}
    (second,) = workshop.get(page["next"], token).get_json()["items"]
    assert first["changed_at"] < second["changed_at"]
    assert first["id"] != second["id"]
    nobody = workshop.get("/certification/v1/certificates?state=issued", token).get_json()
    assert nobody == {"items": [], "next": None}


def test_every_awarding_body_of_a_joint_award_sees_it(workshop: Workshop) -> None:
    bodies = ["helsinki.fi", "kuleuven.be"]
    workshop.elsewhere.publish(
        offering(awarding_bodies=bodies), agreement(certificate_clause={"awarding_bodies": bodies})
    )
    workshop.deliver(*workshop.learner().usual())
    workshop.work()
    for body in bodies:
        items = workshop.get(
            "/certification/v1/certificates", workshop.token("coordinator", body)
        ).get_json()["items"]
        assert [item["state"] for item in items] == ["issued"]


def test_history_tells_each_step_of_this_certificate(workshop: Workshop, certificate_id: str) -> None:
    token = workshop.token("registrar", "helsinki.fi")
    steps = workshop.get(f"/certification/v1/certificates/{certificate_id}/history", token).get_json()[
        "items"
    ]
    assert [(step["from"], step["trigger"], step["to"]) for step in steps] == [
        ("draft", "assemble", "ready"),
        ("ready", "issue", "issued"),
    ]
    assert {step["role"] for step in steps} == {"system"}


def test_both_ends_of_a_replacement_point_at_each_other(workshop: Workshop, certificate_id: str) -> None:
    learner = workshop.learner()
    other = "sha256:" + "c" * 64
    learner.results(other, "88")
    workshop.deliver(learner.completion("overturned"), learner.completion("achieved", 2, other))
    workshop.work()
    token = workshop.token("registrar", "helsinki.fi")
    items = workshop.get("/certification/v1/certificates", token).get_json()["items"]
    old, new = sorted(items, key=lambda item: item["state"], reverse=True)
    assert (old["state"], old["superseded_by"]) == ("superseded", new["id"])
    assert (new["state"], new["supersedes"]) == ("issued", old["id"])


def test_an_unsigned_certificate_has_no_signed_form(workshop: Workshop) -> None:
    learner = workshop.learner()
    workshop.deliver(*[e for e in learner.usual() if e.data.get("state") != "associated"])
    workshop.work()
    (row,) = workshop.rows(certificates)
    token = workshop.token("registrar", "helsinki.fi")
    for accept in ("application/pdf", CREDENTIAL_TYPE, "text/html", "image/png"):
        answer = workshop.get(f"/certification/v1/certificates/{row.id}", token, accept)
        assert answer.status_code == 404
        assert "incomplete" in answer.get_json()["detail"]


def test_the_preview_says_that_a_name_cannot_be_printed(workshop: Workshop) -> None:
    """CRT-28: from enrolment on, and by the sign alone."""
    workshop.deliver(workshop.published())
    workshop.work()
    learner = workshop.learner()
    learner.known(given_name="漢字", family_name="Example")
    workshop.deliver(*learner.usual()[:4])
    path = f"/certification/v1/awards/{learner.award_id}/certificate-preview"
    first = workshop.get(path, workshop.token("registrar", "helsinki.fi")).get_json()["elements"][0]
    assert (first["element"], first["filled"]) == (1, False)
    (missing,) = first["missing"]
    assert (missing["from"], "漢" in missing["reason"]) == ("learner", True)
    assert "Example" not in missing["reason"]
    learner.known(given_name="Kanji", family_name="Example")
    again = workshop.get(path, workshop.token("registrar", "helsinki.fi")).get_json()["elements"][0]
    assert again["filled"]


def test_the_preview_shows_filled_and_open_elements_from_enrolment_on(workshop: Workshop) -> None:
    """CRT-28."""
    workshop.deliver(workshop.published())
    workshop.work()
    learner = workshop.learner()
    plan: dict[str, Any] = workshop.elsewhere.documents[f"/assessment/v1/plans/{learner.plan_id}"]
    plan.update(results=plan["results"][:2], results_digest=None)
    workshop.deliver(*learner.usual()[:4])
    path = f"/certification/v1/awards/{learner.award_id}/certificate-preview"
    preview = workshop.get(path, workshop.token("registrar", "helsinki.fi")).get_json()
    open_ones = {e["element"]: e["missing"] for e in preview["elements"] if not e["filled"]}
    assert set(open_ones) == {5, 6}
    sources = {e["element"]: e["from"] for e in preview["elements"]}
    assert (sources[1], sources[4], sources[9]) == (
        ["learner"],
        ["offering", "agreement"],
        ["offering", "assessment"],
    )
    assert {missing["from"] for missing in open_ones[6]} == {"assessment"}
    assert len(open_ones[6]) == 3
    assert [need["from"] for need in preview["missing"]] == ["helsinki.fi"]
    assert workshop.get(path, workshop.token("registrar", "unibo.it")).status_code == 404
    workshop.elsewhere.away.add("admission")
    assert workshop.get(path, workshop.token("registrar", "helsinki.fi")).status_code == 503
