"""POST /certification/v1/checks and the published schemas: the gate for anybody's credential (issue 4, section 1)."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from shared.annex1.schemas import PUBLISHED, published
from tests.integration.certification.workshop import Workshop
from tests.unit.annex1.credentials import DELETIONS, RENDERED, compact, deleted, rendered, sd_jwt


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite alone: nothing here is read from a database."""
    return f"sqlite:///{tmp_path / 'database.sqlite'}"


def ask(workshop: Workshop, body: Any, role: str = "learner") -> Any:
    token = workshop.token(role, "helsinki.fi")
    return workshop.client.post(
        "/certification/v1/checks", json=body, headers={"Authorization": f"Bearer {token}"}
    )


@pytest.mark.parametrize("format_name", RENDERED)
def test_a_complete_credential_of_each_format_is_said_to_be_complete(
    workshop: Workshop, format_name: str
) -> None:
    document = rendered(format_name)
    document.pop("displayParameter", None)  # its picture alone is larger than a body may be
    answer = ask(workshop, {"credential": document, "awarding_bodies": ["helsinki.fi"]})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    told = answer.get_json()
    assert (told["format"], told["complete"], told["missing"]) == (format_name, True, [])
    assert [element["element"] for element in told["elements"]] == list(range(1, 12))
    assert "grade achieved" in told["optional"]


@pytest.mark.parametrize("number", DELETIONS["sd_jwt_vc"])
def test_what_is_missing_is_named_by_number_and_place(workshop: Workshop, number: int) -> None:
    told = ask(workshop, {"credential": sd_jwt(deleted("sd_jwt_vc", number))}).get_json()
    assert {missing["element"] for missing in told["missing"]} == {number}
    assert all(missing["name"] and missing["pointer"] for missing in told["missing"])


def test_the_agreement_is_compared_where_it_is_given(workshop: Workshop) -> None:
    credential = compact(rendered("open_badges_3"))
    told = ask(workshop, {"credential": credential, "awarding_bodies": ["helsinki.fi", "kuleuven.be"]})
    assert [missing["element"] for missing in told.get_json()["missing"]] == [4]


def test_nothing_of_the_learner_is_repeated(workshop: Workshop) -> None:
    answer = ask(workshop, {"credential": deleted("open_badges_3", 3)})
    assert "Παπαδοπούλου" not in json.dumps(answer.get_json(), ensure_ascii=False)
    assert "1990-02-28" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"credential": None},
        {"credential": 7},
        {"credential": ["x"]},
        {"credential": {}},
        {"credential": "not one"},
        {"credential": {"type": ["VerifiableCredential"]}},
        {"credential": {"type": "OpenBadgeCredential"}, "awarding_bodies": [""]},
        {"credential": {"type": "OpenBadgeCredential"}, "awarding_bodies": "helsinki.fi"},
        {"credential": {"type": "OpenBadgeCredential"}, "issuer": "x"},
        {"credential": f'{{"type": "OpenBadgeCredential", "issuer": {"[" * 5000}{"]" * 5000}}}'},
        {"credential": f'{{"type": "OpenBadgeCredential", "issuer": {"[" * 600}{"]" * 600}}}'},
        {"credential": f'{{"type": "OpenBadgeCredential", "validFrom": {"1" * 5000}}}'},
    ],
)
def test_what_cannot_be_read_is_the_clients_to_mend(workshop: Workshop, body: Any) -> None:
    answer = ask(workshop, body)
    assert answer.status_code in {200, 422}
    if answer.status_code == 422:
        assert answer.content_type == "application/problem+json"


def test_time_to_search_a_text_is_in_proportion_to_its_length(workshop: Workshop) -> None:
    """Texts that make a careless pattern look everywhere from everywhere."""
    for text in ("1" * 60_000, "1." * 30_000, "a " * 30_000):
        for member in ("expected_study_time", "level_of_learning_experience", "date_of_issuance"):
            document = {"vct": rendered("sd_jwt_vc")["vct"], member: text}
            began = time.thread_time()
            assert ask(workshop, {"credential": document}).status_code == 200
            assert time.thread_time() - began < 5


def test_a_body_beyond_256_kib_is_refused(workshop: Workshop) -> None:
    """A sealed credential in two languages has more than 64 KiB: it shows its face in both."""
    assert ask(workshop, {"credential": "x" * 200_000}).status_code == 422
    assert ask(workshop, {"credential": "x" * 270_000}).status_code == 413


def test_it_takes_a_token_of_any_role(workshop: Workshop) -> None:
    body = {"credential": rendered("sd_jwt_vc")}
    assert workshop.client.post("/certification/v1/checks", json=body).status_code == 401
    for role in ("learner", "partner", "assessor", "administrator"):
        assert ask(workshop, body, role).status_code == 200


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_rules_are_published_for_anybody(workshop: Workshop, name: str) -> None:
    answer = workshop.client.get(f"/certification/v1/schemas/annex1/{name}")
    assert answer.status_code == 200
    assert answer.content_type.partition(";")[0] == PUBLISHED[name]
    assert answer.get_data(as_text=True) == published(name)
    again = workshop.client.get(
        f"/certification/v1/schemas/annex1/{name}", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304


@pytest.mark.parametrize("name", ["elements.py", "..%2Felements.py", "open-badges-3"])
def test_nothing_else_is_published(workshop: Workshop, name: str) -> None:
    assert workshop.client.get(f"/certification/v1/schemas/annex1/{name}").status_code == 404
