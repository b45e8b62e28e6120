"""SHR-12: each state of a certificate says what is next and by whom."""

from typing import Any

import pytest

from services.certification.domain.machines import CERTIFICATE
from services.certification.domain.next_step import Next, what_is_next


def following(state: str, **more: Any) -> Next | None:
    return what_is_next(state, **{"acceptance": "unaccepted", "issuer": "helsinki.fi", **more})


@pytest.mark.parametrize(
    ("state", "more", "expected"),
    [
        ("draft", {}, Next("issue", "system")),
        ("ready", {}, Next("issue", "system")),
        (
            "incomplete",
            {"missing_from": ["uu.nl", "admission", "uu.nl"]},
            Next("supply_what_is_missing", "sources", ("admission", "uu.nl")),
        ),
        ("issued", {}, Next("accept_or_reject", "learner")),
        ("issued", {"acceptance": "accepted"}, None),
        ("issued", {"acceptance": "rejected"}, None),
        ("suspended", {"held": True}, Next("reinstate_or_revoke", "institution", ("helsinki.fi",))),
        ("suspended", {}, Next("confirm_the_results_again", "assessment")),
        ("revoked", {}, None),
        ("superseded", {}, None),
        ("cancelled", {}, None),
    ],
)
def test_each_state_says_what_is_next_and_by_whom(
    state: str, more: dict[str, Any], expected: Next | None
) -> None:
    assert following(state, **more) == expected


def test_only_what_is_over_or_answered_has_nothing_next() -> None:
    over = {state for state in CERTIFICATE.states if following(state) is None}
    assert over == {"revoked", "superseded", "cancelled"}


@pytest.mark.parametrize("state", ["issued", "suspended"])
def test_a_decision_that_waits_for_its_second_person_is_next(state: str) -> None:
    told = following(state, proposed=True)
    assert told == Next("confirm_or_drop_the_proposed_decision", "institution", ("helsinki.fi",))
