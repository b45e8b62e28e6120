"""Agreements and offerings as immutable, versioned documents (SHR-01 to SHR-27, ADM-03, checks 15, 20, 23, 25)."""

from typing import Any

import pytest

from services.admission.domain.documents import digest_of
from tests.integration.admission.conftest import ON_SQLITE, REVIEWER
from tests.support.documents import agreement, agreement_draft, offering, offering_draft, partner


def test_an_offering_is_published_as_an_immutable_version_and_listed(service: Any):
    service.publish()
    answer = service.call("GET", "/offerings/sustainability/versions/1")
    assert answer.body == offering()
    assert "immutable" in answer.headers["Cache-Control"]
    assert digest_of(answer.body) == answer.body["digest"]
    names = [name for name, _ in service.published()]
    assert names == ["agreement.published", "offering.published"]
    data = service.published()[-1][1]
    assert data["digest"] == answer.body["digest"]
    assert data["_to"] == data["institutions"] == ["helsinki.fi", "kuleuven.be", "ucm.es", "unibo.it"]


def test_a_further_version_leaves_the_earlier_one_byte_for_byte(service: Any):
    service.publish()
    before = service.call("GET", "/offerings/sustainability/versions/1").text
    service.publish(title={"en": "Sustainability, revised"})
    assert service.call("GET", "/offerings/sustainability/versions/1").text == before
    latest = service.ok("GET", "/offerings/sustainability")
    assert (latest["version"], latest["title"]["en"]) == (2, "Sustainability, revised")
    listed = service.ok("GET", "/offerings/sustainability/versions")["versions"]
    assert [each["version"] for each in listed] == [1, 2]


def test_a_refusal_to_publish_names_every_place(service: Any):
    """Check 20: a missing element of the certificate is refused by name."""
    draft = offering_draft(quality_assurance=None, participation=None)
    assert service.coordinator("POST", "/offerings", draft).status == 201
    answer = service.coordinator("POST", "/offerings/sustainability/publication")
    assert answer.status == 422
    assert {"/quality_assurance", "/participation"} <= answer.pointers
    assert "Element 11 of the certificate (type of quality assurance)" in answer.text
    assert "Element 10" in answer.text
    assert service.call("GET", "/offerings/sustainability").status == 404
    assert service.ok("GET", "/offerings")["items"] == []
    mended = service.coordinator("PUT", "/offerings/sustainability", offering_draft(), If_Match='"1"')
    assert mended.status == 200
    assert service.coordinator("POST", "/offerings/sustainability/publication").status == 201


@ON_SQLITE
@pytest.mark.parametrize(
    ("overrides", "pointer"),
    [
        ({"admission__decide_within": "two weeks"}, "/admission/decide_within"),
        (
            {"admission__rule_set": {"criteria": [{"id": "x", "kind": "age"}]}},
            "/admission/rule_set/criteria/0/kind",
        ),
        ({"workload__ects": 10}, "/workload/ects"),
        ({"workload__ects": "ten"}, "/workload/ects"),
        ({"languages": []}, "/languages"),
        ({"title": None}, "/title"),
        ({"title": {"en": ""}}, "/title/en"),
        ({"title": {"klingon!": "x"}}, "/title/klingon!"),
        ({"reviewing_institution": "Helsinki"}, "/reviewing_institution"),
        ({"unknown": 1}, "/unknown"),
        ({"timing": {"from": "2026-02-30"}}, "/timing/from"),
        ({"admission__window": {"until": "2026-12-01T00:00:00"}}, "/admission/window/until"),
        ({"participation": "telepathic"}, "/participation"),
        ({"tracks": ["assessed", "assessed"]}, "/tracks"),
    ],
)
def test_a_malformed_draft_is_refused_with_a_pointer(service: Any, overrides: dict[str, Any], pointer: str):
    answer = service.coordinator("POST", "/offerings", offering_draft(**overrides))
    assert answer.status == 422
    assert pointer in answer.pointers


@ON_SQLITE
def test_params_of_a_criterion_are_checked_by_its_kind(service: Any):
    rules = offering()["admission"]["rule_set"]["criteria"]
    rules[1]["alternatives"][0]["params"] = {"months": 0}
    answer = service.coordinator(
        "POST", "/offerings", offering_draft(admission__rule_set={"criteria": rules})
    )
    assert answer.pointers == {"/admission/rule_set/criteria/1/alternatives/0/params/months"}


def test_an_offering_needs_a_published_agreement_version(bare: Any):
    assert bare.coordinator("POST", "/offerings", offering_draft()).status == 201
    answer = bare.coordinator("POST", "/offerings/sustainability/publication")
    assert (answer.status, answer.pointers) == (422, {"/agreement"})


def test_an_ended_agreement_takes_no_new_offering(bare: Any):
    """Check 25."""
    bare.publish_agreement(term__until="2026-11-01")
    assert bare.coordinator("POST", "/offerings", offering_draft()).status == 201
    answer = bare.coordinator("POST", "/offerings/sustainability/publication")
    assert answer.status == 409
    assert "ended" in answer.body["detail"]


def test_documents_are_drafted_by_the_institutions_they_name(service: Any):
    foreign = service.call("POST", "/offerings", "coordinator", "unibo.it", body=offering_draft())
    assert (foreign.status, foreign.pointers) == (422, {"/coordinating_institution"})
    service.publish()
    for method, path in (
        ("GET", "/offerings/sustainability/draft"),
        ("POST", "/offerings/sustainability/publication"),
        ("GET", "/agreements/una-europa/draft"),
    ):
        assert service.call(method, path, "coordinator", "unibo.it").status == 404
        assert service.call(
            method, path.replace("sustainability", "nothing-here"), "coordinator", REVIEWER
        ).status in {
            404,
            200,
        }


def test_a_draft_is_put_with_the_version_that_was_read(service: Any):
    service.publish()
    tag = service.call("GET", "/offerings/sustainability").etag
    path = "/offerings/sustainability"
    assert service.coordinator("PUT", path, offering_draft()).status == 428
    assert service.coordinator("PUT", path, offering_draft(), If_Match='"1"').status == 412
    assert service.coordinator("PUT", path, offering_draft(), If_Match=tag).status == 200
    assert service.coordinator("PUT", path, offering_draft(id="another"), If_Match="*").pointers == {"/id"}


def test_a_partner_joins_by_addendum_and_the_next_offering_version_names_it(service: Any):
    """SHR-03, check 25."""
    service.publish()
    before = service.call("GET", "/agreements/una-europa/versions/1").text
    joining = {"partner": partner("uj.edu.pl", country="PL", time_zone="Europe/Warsaw")}
    answer = service.coordinator("POST", "/agreements/una-europa/addenda", joining)
    assert (answer.status, answer.body["published_version"]) == (201, 2)
    assert service.call("GET", "/agreements/una-europa/versions/1").text == before
    joined = service.ok("GET", "/agreements/una-europa/versions/2")
    assert joined["partners"][-1]["institution"] == "uj.edu.pl"
    name, data = service.published()[-1]
    assert (name, data["institution"]) == ("agreement.partner_joined", "uj.edu.pl")
    assert "uj.edu.pl" in data["_to"]
    assert service.coordinator("POST", "/agreements/una-europa/addenda", joining).status == 409
    service.publish(
        agreement={"version": 2},
        registration_profiles=[
            *offering()["registration_profiles"],
            {**offering()["registration_profiles"][2], "institution": "uj.edu.pl"},
        ],
    )
    assert "uj.edu.pl" in service.published()[-1][1]["institutions"]


def test_an_agreement_is_drafted_by_who_governs_it(bare: Any):
    answer = bare.call("POST", "/agreements", "coordinator", "unibo.it", body=agreement_draft())
    assert (answer.status, answer.pointers) == (422, {"/governance/coordinators"})
    assert bare.coordinator("POST", "/agreements", agreement_draft()).status == 201
    assert bare.coordinator("POST", "/agreements", agreement_draft()).status == 409
    assert bare.coordinator("POST", "/agreements/una-europa/publication").status == 201
    assert bare.ok("GET", "/agreements/una-europa") == agreement()
    assert bare.coordinator("POST", "/agreements/una-europa/publication").status == 409


def test_the_catalogue_filters(service: Any):
    """SHR-27."""
    service.publish()
    service.publish(id="open-course", **_attendance())

    def found(**filters: Any) -> list[str]:
        query = "&".join(f"{name}={value}" for name, value in filters.items())
        return [entry["id"] for entry in service.ok("GET", f"/offerings?{query}")["items"]]

    assert found() == ["open-course", "sustainability"]
    assert found(track="attendance") == ["open-course"]
    assert found(open="true") == ["open-course"]
    assert found(open="false") == ["sustainability"]
    assert found(institution="kuleuven.be") == ["open-course", "sustainability"]
    assert found(language="fi") == []
    assert found(isced_f="05") == ["open-course", "sustainability"]
    assert found(isced_f="07") == []
    assert found(eqf="7", max_ects="5") == ["open-course"]
    assert found(min_ects="6") == ["sustainability"]
    assert found(text="PLANETARY") == ["open-course", "sustainability"]
    assert found(text="100%25_") == []
    assert found(target_group="professional", mode="online") == ["open-course", "sustainability"]
    assert service.call("GET", "/offerings?colour=green").status == 422


def test_the_catalogue_pages_by_cursor(service: Any):
    for number in range(3):
        service.publish(id=f"course-{number}")
    first = service.ok("GET", "/offerings?limit=2")
    assert [entry["id"] for entry in first["items"]] == ["course-0", "course-1"]
    rest = service.ok("GET", first["next"].removeprefix("/admission/v1"))
    assert ([entry["id"] for entry in rest["items"]], rest["next"]) == (["course-2"], None)


def _attendance() -> dict[str, Any]:
    """An offering of the attendance track only: no plan, few credits."""
    return {
        "tracks": ["attendance"],
        "assessment": None,
        "components": [],
        "outcomes": [{**outcome, "component": None} for outcome in offering()["outcomes"]],
        "workload__ects": "3",
        "recognition": [],
        "admission": {"open": True, "review_mode": "automatic", "rule_set": {"criteria": []}},
    }


def test_a_cancelled_offering_leaves_the_catalogue_and_takes_nobody(service: Any):
    service.publish()
    subject = service.learner()
    draft = service.draft(subject)
    answer = service.coordinator("POST", "/offerings/sustainability/cancellation", {"reason": "too few"})
    assert (answer.status, answer.body["state"]) == (201, "cancelled")
    assert service.names()[-1] == "offering.cancelled"
    assert service.ok("GET", "/offerings")["items"] == []
    assert service.submit(draft, subject).status == 409
    other = service.learner()
    body = {"offering_id": "sustainability", "target_group": "professional"}
    assert service.call("POST", "/applications", "learner", subject=other, body=body).status == 409
    assert service.ok("GET", "/offerings/sustainability/versions/1") == offering()


def test_changed_criteria_of_recognition_need_another_version(service: Any):
    """CRT-43: the version that a decision names means one thing."""
    clause = agreement()["recognition_clause"]
    for version, status in (("2026-1", 422), ("2026-2", 201)):
        criteria = {"version": version, "text": {"en": "Outcomes alone."}}
        draft = agreement_draft(recognition_clause={**clause, "criteria": criteria})
        path = "/agreements/una-europa"
        assert service.coordinator("PUT", path, draft, If_Match="*").status == 200
        assert service.coordinator("POST", f"{path}/publication").status == status
