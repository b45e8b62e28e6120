"""Random histories of one plan: whatever people do, in whatever order, the rules of D4 to D6 hold after each step."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.assessment.domain import attempts, confirmation, enrolment, lifecycle
from services.assessment.domain.machines import ATTEMPT, MARKING, PLAN, VERIFICATION
from services.assessment.domain.plan import Dispute, Plan
from services.assessment.domain.standing import standing
from shared.domain import DomainError
from tests.unit.assessment.stories import (
    ASSESSOR,
    CONFIRMER,
    OTHER_CONFIRMER,
    SECOND,
    START,
    THIRD,
    Story,
    instrument,
    template,
)

TABLES = {"assessment_plan": PLAN, "attempt": ATTEMPT, "marking": MARKING, "verification": VERIFICATION}
TEMPLATES = [
    template(instrument("exam", "a", max_attempts=2), instrument("essay", "b", max_attempts=1)),
    template(
        instrument("exam", "a", "b", identity_verification=True, max_attempts=3),
        instrument("oral", "b", booking_required=True),
        groups=[
            {"id": "one", "outcomes": ["a"], "requires": []},
            {"id": "two", "outcomes": ["b"], "requires": ["one"]},
        ],
        confirmation={"quorum": 2, "dispute_window": "P1D"},
    ),
    template(
        instrument("exam", "a", markers=2, duration="P2D", max_attempts=None),
        instrument("drill", "a", purpose="formative"),
    ),
]
PEOPLE = [ASSESSOR, SECOND, THIRD]
CONFIRMERS = [CONFIRMER, OTHER_CONFIRMER]
MARKS = ["0", "49.99", "50", "52", "100"]


def _attempt(story, n) -> str:
    known = story.plan.attempts
    return known[n % len(known)].id if known else "none"


def _open(story, n, m) -> None:
    instruments = story.plan.template.instruments
    story.open(instruments[n % len(instruments)].id)


def _mark(story, n, m) -> None:
    attempt = story.plan.attempt(_attempt(story, n))
    outcomes = story.plan.instrument_of(attempt).outcomes
    marks = {o: MARKS[(m + i) % len(MARKS)] for i, o in enumerate(outcomes)}
    who = PEOPLE[m % len(PEOPLE)]
    story.begin(attempt.id, who) if m % 2 else story.mark(attempt.id, who=who, **marks)


def _judge(story, n, m) -> None:
    attempt = story.plan.attempt(_attempt(story, n))
    outcomes = story.plan.instrument_of(attempt).outcomes
    story.judged(attempt.id, **dict.fromkeys(outcomes, MARKS[m % len(MARKS)]))


def _appoint(story, n, m) -> None:
    story.apply(
        attempts.appoint(
            story.plan,
            _attempt(story, n),
            opens_at=story.now,
            closes_at=story.now + timedelta(days=2),
            place=None,
            now=story.now,
        )
    )


def _verify(story, n, m) -> None:
    verdict = ["verified", "rejected", "second_review_required"][m % 3]
    reviewer = [ASSESSOR, CONFIRMER][n % 2]
    story.apply(attempts.verify(story.plan, _attempt(story, n), verdict, "seen", reviewer))


def _dispute(story, n, m) -> None:
    attempt = _attempt(story, n)
    if m % 2:
        raised = Dispute(story.new("dispute"), story.plan.attempt(attempt).round, "why", story.now)
        story.apply(confirmation.dispute(story.plan, attempt, raised))
    else:
        story.apply(confirmation.dismiss(story.plan, attempt, "because", CONFIRMER, story.now))


def _end(story, n, m) -> None:
    if n % 3 == 0 and m % 3 == 0:
        story.enrolment(over="withdrawn")
    else:
        story.apply(lifecycle.lapse(story.plan, story.now))


STEPS = {
    "open": _open,
    "appoint": _appoint,
    "submit": lambda s, n, m: s.submit(_attempt(s, n)),
    "cancel": lambda s, n, m: s.apply(
        attempts.cancel(s.plan, _attempt(s, n), s.now, by_learner=bool(m % 2), reason="asked")
    ),
    "mark": _mark,
    "judge": _judge,
    "verify": _verify,
    "release": lambda s, n, m: s.release(_attempt(s, n)),
    "confirm": lambda s, n, m: s.confirm(_attempt(s, n), CONFIRMERS[m % 2]),
    "remark": lambda s, n, m: s.remark(_attempt(s, n)),
    "propose": lambda s, n, m: s.propose_overturn(_attempt(s, n)),
    "overturn": lambda s, n, m: s.apply(
        confirmation.overturn(s.plan, _attempt(s, n), OTHER_CONFIRMER, s.now)
    ),
    "dispute": _dispute,
    "recognise": lambda s, n, m: s.recognise(["a", "b"][m % 2]),
    "hold": lambda s, n, m: s.hold() if m % 2 else s.lift(),
    "suspend": lambda s, n, m: s.suspend() if m % 2 else s.resume(),
    "wait": lambda s, n, m: s.passes(timedelta(days=[0, 1, 2, 3, 400][m % 5])),
    "time_out": lambda s, n, m: s.apply(attempts.time_out(s.plan, _attempt(s, n), s.now)),
    "end": _end,
    "extend": lambda s, n, m: s.apply(
        lifecycle.extend(s.plan, s.now + timedelta(days=400), "illness", s.now)
    ),
}


def _verdict(plan, chosen, outcome) -> tuple[str, bool]:
    used = [a for a in plan.attempts if a.instrument_id == chosen.id and a.state != "cancelled"]
    results = [a for a in used if a.marking in {"released", "final"}]
    passed = [a for a in results if float(a.marks[outcome]) >= 50]
    if passed:
        return "achieved", passed[0].marking == "final"
    if chosen.max_attempts is not None and len(used) >= chosen.max_attempts:
        return "failed", all(a.marking == "final" for a in results)
    return "open", False


def _decided(plan, outcome) -> tuple[str, bool]:
    if any(r.outcome == outcome for r in plan.recognitions):
        return "achieved", True
    verdicts = [
        _verdict(plan, chosen, outcome)
        for chosen in plan.template.instruments
        if outcome in chosen.outcomes and chosen.purpose == "summative"
    ]
    for word in ("failed", "open", "achieved"):
        if finals := [final for verdict, final in verdicts if verdict == word]:
            return word, all(finals)
    raise AssertionError("an outcome without a summative instrument")


def _waiting(plan, attempt) -> bool:
    lost = attempt.state == "finished" and attempt.verification == "rejected"
    shown = attempt.marking in {"released", "final"}
    counts = plan.instrument_of(attempt).purpose == "summative"
    return counts and attempt.state != "cancelled" and not (lost or shown)


def _expected_state(plan) -> str:
    """The state that results alone demand, worked out without the code under test."""
    decided = [_decided(plan, outcome) for outcome in plan.template.outcomes]
    words = {word for word, _ in decided}
    if "open" in words or any(_waiting(plan, attempt) for attempt in plan.attempts):
        return "in_progress"
    on_hold = any(hold.lifted_at is None for hold in plan.holds)
    if on_hold or not all(final for _, final in decided):
        return "awaiting_confirmation"
    return "achieved" if words == {"achieved"} else "not_achieved"


def _check(story) -> None:
    plan = story.plan
    if plan.state in {"in_progress", "awaiting_confirmation"}:
        assert plan.state == _expected_state(plan)
    elif plan.state in {"achieved", "not_achieved"}:
        # An integrity hold placed on a settled plan takes nothing back.
        assert plan.state == _expected_state(_without_holds(plan))
    for change in story.changes:
        if change.source != change.target:
            rows = TABLES[change.subject_type].table
            assert any(
                (r.source, r.trigger, r.target) == (change.source, change.trigger, change.target)
                for r in rows
            )
    moves = [c for c in story.changes if c.source != c.target]
    mains = [e for e in story.events if e.name in {row.event for t in TABLES.values() for row in t.table}]
    assert len(moves) == len(mains), "every transition emits exactly one main event"
    completions = [e for e in story.events if e.name in {"completion.achieved", "completion.not_achieved"}]
    assert [e.data["completion_number"] for e in completions] == list(range(1, plan.completion_number + 1))
    for chosen in plan.template.instruments:
        if chosen.max_attempts is not None:
            assert len(plan.attempts_at(chosen.id)) <= chosen.max_attempts


def _without_holds(plan) -> Plan:
    return replace(plan, holds=())


def _play(chosen, steps) -> Story:
    story = Story(chosen)
    for name, n, m in steps:
        before = {a.id: (a.submitted_at, a.evidence) for a in story.plan.attempts if a.submitted_at}
        try:
            STEPS[name](story, n, m)
        except DomainError:
            continue
        _check(story)
        after = {a.id: (a.submitted_at, a.evidence) for a in story.plan.attempts if a.submitted_at}
        assert before.items() <= after.items(), "what a learner handed in never changes"
    return story


# Most steps of real histories are these; without the weight few random ones would get far.
NAMES = [*sorted(STEPS), *["open", "judge", "confirm"] * 3]
_STEP = st.tuples(st.sampled_from(NAMES), st.integers(0, 5), st.integers(0, 9))


@given(st.sampled_from(TEMPLATES), st.lists(_STEP, max_size=50))
@settings(max_examples=150)
def test_completion_iff_every_outcome_is_settled_and_final(chosen, steps):
    """AST-05, AST-24, D4: the plan's state is what its results demand, by listed transitions only."""
    _play(chosen, steps)


def test_random_histories_reach_every_state_that_has_a_way_to_it():
    """D4 to D6: moderation by sample has rows but no handler yet, so `inreview` alone stays empty."""
    chance = random.Random(7)
    reached = {name: set() for name in TABLES}
    for number in range(150):
        steps = [(chance.choice(NAMES), chance.randrange(6), chance.randrange(10)) for _ in range(80)]
        story = _play(TEMPLATES[number % len(TEMPLATES)], steps)
        for change in story.changes:
            reached[change.subject_type] |= {change.source, change.target}
    assert {n: TABLES[n].states - states for n, states in reached.items()} == {
        "assessment_plan": set(),
        "attempt": set(),
        "marking": {"inreview"},
        "verification": set(),
    }


def test_the_oracle_of_these_tests_notices_a_plan_that_completes_too_early():
    """Negative control: a plan pushed to `achieved` while an outcome is open fails the check."""
    story = Story(TEMPLATES[0])
    story.final("exam", a="60")
    story.plan = replace(story.plan, state="achieved")
    with pytest.raises(AssertionError):
        _check(story)
    assert not standing(story.plan).settled


FACTS = [
    enrolment.Fact("0000000001", "activated", START),
    enrolment.Fact("0000000003", "suspended", START + timedelta(days=1)),
    enrolment.Fact("0000000004", "resumed", START + timedelta(days=3)),
    enrolment.Fact("0000000007", "suspended", START + timedelta(days=4)),
    enrolment.Fact("0000000008", "ended", START + timedelta(days=5), "lapsed"),
    enrolment.Fact("0000000009", "reopened", START + timedelta(days=6)),
    enrolment.Fact("0000000010", "resumed", START + timedelta(days=7)),
    enrolment.Fact("0000000011", "withdrawn", START + timedelta(days=8)),
]


@given(st.integers(0, len(FACTS)), st.randoms(use_true_random=False))
def test_facts_fold_alike_in_every_order(known, chance):
    """Check 11: out of order and repeated facts lead to the same standing."""
    told = FACTS[:known]
    shuffled = told + told
    chance.shuffle(shuffled)
    assert enrolment.fold(dict.fromkeys(shuffled)) == enrolment.fold(told)


def test_followed_as_they_come_they_would_not(monkeypatch):
    """Negative control: without the order of sequence numbers a late suspension would stay for good."""
    monkeypatch.setattr(enrolment, "sorted", lambda facts, key: list(facts), raising=False)
    late = [FACTS[0], FACTS[2], FACTS[1]]
    assert enrolment.fold(late).suspended_since is not None
    monkeypatch.undo()
    assert enrolment.fold(late).suspended_since is None


def test_facts_say_who_is_suspended_and_who_left():
    assert enrolment.fold(FACTS[:1]) == enrolment.EnrolmentStanding(activated=True)
    assert enrolment.fold(FACTS[:4]).suspended_since == START + timedelta(days=4)
    assert enrolment.fold(FACTS[:5]).over is None, "an enrolment that ended with its plan voids nothing"
    assert enrolment.fold(FACTS).paused == timedelta(days=5)
    assert enrolment.fold(FACTS).over == "withdrawn"
    no_show = enrolment.Fact("0000000002", "ended", START, "no_show")
    assert enrolment.fold([FACTS[0], no_show]).over == "no_show"
