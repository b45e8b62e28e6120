"""Rules of stacking as part of a published agreement, and what the catalogue says of them (CRT-24 to CRT-26)."""

from typing import Any

from services.admission.domain.stacking_checks import DEEPEST
from tests.integration.admission.conftest import REVIEWER
from tests.support.documents import agreement_draft, partner
from tests.support.stacking import rule


def publish_with_rule(service: Any, **differences: Any) -> Any:
    """The next version of the agreement, with a rule about two published offerings."""
    service.publish()
    service.publish(id="urban-climate")
    draft = agreement_draft(stacking=[rule(**differences)])
    answer = service.coordinator("PUT", "/agreements/una-europa", draft, If_Match="*")
    assert answer.status == 200, answer.text
    return service.coordinator("POST", "/agreements/una-europa/publication")


def test_what_stacks_on_what_is_public(service: Any) -> None:
    assert publish_with_rule(service).status == 201
    for offering in ("sustainability", "urban-climate"):
        (found,) = service.ok("GET", f"/offerings/{offering}/stacking-rules")["items"]
        assert found["rule"] == rule()
        assert found["agreement"] == {"id": "una-europa", "version": 2}
        assert found["automatic_entitlement"] is False
        assert "no automatic entitlement" in found["statement"]
    path = "/agreements/una-europa/versions/2/stacking-rules/green-transition"
    answer = service.call("GET", path)
    assert (answer.status, answer.body) == (200, found)
    assert "immutable" in answer.headers["Cache-Control"]
    assert service.ok("GET", "/agreements/una-europa/versions/2")["stacking"] == [rule()]


def test_what_is_not_there_is_not_found(service: Any) -> None:
    assert publish_with_rule(service).status == 201
    for path in (
        "/agreements/una-europa/versions/1/stacking-rules/green-transition",
        "/agreements/una-europa/versions/2/stacking-rules/nothing",
        "/agreements/una-europa/versions/99999999999/stacking-rules/green-transition",
        "/offerings/nothing/stacking-rules",
    ):
        assert service.call("GET", path).status == 404, path


def test_a_rule_that_falls_away_is_in_force_no_more(service: Any) -> None:
    assert publish_with_rule(service).status == 201
    assert service.coordinator("PUT", "/agreements/una-europa", agreement_draft(), If_Match="*").status == 200
    assert service.coordinator("POST", "/agreements/una-europa/publication").status == 201
    assert service.ok("GET", "/offerings/sustainability/stacking-rules")["items"] == []
    other = agreement_draft(stacking=[rule(entails={"en": "Something else."})])
    assert service.coordinator("PUT", "/agreements/una-europa", other, If_Match="*").status == 200
    back = service.coordinator("POST", "/agreements/una-europa/publication")
    assert (back.status, back.pointers) == (422, {"/stacking/0/version"}), "what it said before stays said"


def test_a_bad_rule_is_refused_by_name_and_nothing_is_published(service: Any) -> None:
    wanted = {"kind": "offering", "offering": "nothing"}
    answer = publish_with_rule(service, requirement=wanted, deciding_body="uu.nl")
    assert answer.status == 422
    assert answer.pointers == {"/stacking/0/requirement/offering", "/stacking/0/deciding_body"}
    assert service.ok("GET", "/agreements/una-europa")["version"] == 1


def test_a_partner_joins_and_the_rules_stay_as_they_are(service: Any) -> None:
    assert publish_with_rule(service).status == 201
    joined = service.call(
        "POST",
        "/agreements/una-europa/addenda",
        "coordinator",
        REVIEWER,
        body={"partner": partner("uu.nl")},
        If_Match="*",
    )
    assert joined.status == 201, joined.text
    (found,) = service.ok("GET", "/offerings/sustainability/stacking-rules")["items"]
    assert (found["agreement"]["version"], found["rule"]) == (3, rule())


def test_requirements_as_deep_as_json_may_be_are_refused_by_name(service: Any) -> None:
    """No depth that the door lets in leads to more than a refusal."""
    statuses = set()
    for depth in range(1, 40):
        nested: Any = {"kind": "offering", "offering": "sustainability"}
        for _ in range(depth):
            nested = {"kind": "all", "of": [nested]}
        draft = agreement_draft(id=f"deep-{depth}", stacking=[rule(requirement=nested)])
        drafted = service.coordinator("POST", "/agreements", draft)
        statuses.add(drafted.status)
        if drafted.status == 201 and depth >= DEEPEST:
            answer = service.coordinator("POST", f"/agreements/deep-{depth}/publication")
            assert answer.status == 422, depth
            assert any(pointer.count("/of/0") == DEEPEST for pointer in answer.pointers), answer.pointers
    assert statuses <= {201, 400, 422}
    assert {201, 400} <= statuses
