"""The demonstration says what failed, keeps its hands off foreign folders, and prints a table that lines up."""

import json
from datetime import date

import pytest

from deploy.demo.awards import judged_on, next_sitting
from deploy.demo.expect import NeverCameError, Teller, until
from deploy.demo.home import HomeTakenError, fresh_home
from deploy.demo.table import Row, rendered, write


def _row(**values):
    base = {
        "learner": "Γιώργος Χατζηνικολάου",
        "offering": "sustainability",
        "application": "admitted",
        "enrolment": "completed",
        "plan": "achieved",
        "document": "micro_credential",
        "certificate": "issued",
        "reason": "",
        "days_saved": 17,
        "verified": True,
    }
    return Row(**{**base, **values})


def test_a_fact_that_does_not_hold_is_named_and_the_story_goes_on():
    lines = []
    teller = Teller(lines.append)
    assert teller.expect(1 + 1 == 2, "sums are right")
    assert not teller.expect_equal("waitlisted", "offer", "the state of the case")
    assert teller.failures == ["the state of the case: 'waitlisted', not 'offer'"]
    assert "NOT the state of the case" in lines[-1]
    assert "ok  sums are right" in lines[0]


def test_waiting_ends_with_the_condition_and_says_what_was_seen_last_where_it_never_comes():
    looks = iter(range(100))
    assert until(lambda: next(looks), lambda seen: seen == 3, "three") == 3
    with pytest.raises(NeverCameError, match=r"the state: not within 0\.1 s; last seen: 'pending'"):
        until(lambda: "pending", lambda seen: seen == "enrolled", "the state", seconds=0.1)


def test_the_folder_of_an_earlier_demonstration_is_emptied(tmp_path):
    home = fresh_home(tmp_path / "demo")
    (home / "log.txt").write_text("earlier")
    assert fresh_home(home) == home
    assert not (home / "log.txt").exists()


def test_a_folder_with_anything_else_in_it_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(HomeTakenError):
        fresh_home(tmp_path)
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_the_table_lines_up_whatever_the_script():
    decomposed = "Z\u030cilvinas"  # takes eight columns, has nine characters
    lines = rendered(
        [_row(), _row(learner=decomposed, certificate="", reason="waits", verified=None)]
    ).splitlines()
    column = lines[0].index("offering")
    assert lines[2][column:].startswith("sustainability")
    assert lines[3].replace("\u030c", "")[column:].startswith("sustainability")
    assert "waits" in lines[3]


def test_the_outcome_is_written_for_people_and_for_comparison(tmp_path):
    write([_row(), _row(verified=False)], tmp_path)
    assert "Γιώργος Χατζηνικολάου" in (tmp_path / "outcome.txt").read_text(encoding="utf-8")
    facts = json.loads((tmp_path / "outcome.json").read_text(encoding="utf-8"))
    assert [row["verified"] for row in facts] == [True, False]


def test_the_next_board_is_the_first_on_or_after_the_day():
    sits = ["2026-01-31", "2026-07-15", "2027-01-31"]
    assert next_sitting(sits, date(2026, 7, 15)) == date(2026, 7, 15)
    assert next_sitting(sits, date(2026, 7, 16)) == date(2027, 1, 31)


def test_the_last_work_judged_counts():
    plan = {"results": [{"assessed_on": "2026-03-09"}, {"assessed_on": "2026-05-07"}]}
    assert judged_on(plan) == date(2026, 5, 7)
