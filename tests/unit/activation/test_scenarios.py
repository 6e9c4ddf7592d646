"""Where people stand in a scenario: asked, and then only an act of theirs keeps them."""

# ruff: noqa: DTZ001 - the state database keeps naive UTC

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activation.scenario_files import ENDED, REMOVED, Scenario
from activation.scenarios import Facts, Standing, advance

DAY = timedelta(days=1)
START = datetime(2026, 1, 1, 9)
RUPTURE = Scenario(
    name="rupture", title={}, aim={}, segment="rupture_due", campaign="rupture_email",
    channel="email", accept_link="/stay", accept_contacts=("consent", "order"),
    deadline=30 * DAY, by_default=REMOVED, again_after=365 * DAY,
)  # fmt: skip
HISTORY = dict[str, list[Standing]]


def facts(day: int, **known: object) -> Facts:
    now = START + day * DAY
    return Facts(now=now, known_through=now, **known)  # type: ignore[arg-type]


def play(history: HISTORY, today: Facts, scenario: Scenario = RUPTURE) -> list[str]:
    """Append the day's steps, and show that the same day again appends none."""
    steps = advance(scenario, history, today)
    for step in steps:
        history[step.customer_id].append(step)
    assert advance(scenario, history, today) == []
    return [f"{step.customer_id} {step.state}" for step in steps]


def asked(history: HISTORY) -> dict[str, datetime]:
    """Everybody enters on day 0 and is asked on day 1."""
    play(history, facts(0, members=frozenset("ab")))
    at = {"a": START + DAY, "b": START + DAY}
    assert play(history, facts(2, members=frozenset("ab"), asked=at)) == ["a asked", "b asked"]
    return at


def test_who_accepts_stays_and_who_says_nothing_is_removed_by_default() -> None:
    history: HISTORY = defaultdict(list)
    at = asked(history)
    answers = {"a": [(START + 5 * DAY, "click")]}
    assert play(history, facts(6, asked=at, answers=answers)) == ["a accepted"]
    assert play(history, facts(30, asked=at, answers=answers)) == []
    assert play(history, facts(31, asked=at, answers=answers)) == ["b removed"]
    assert history["b"][-1].since == START + 31 * DAY
    # Removed is for good: they are not asked again before a year has passed.
    assert play(history, facts(200, members=frozenset("ab"), asked=at)) == []
    assert play(history, facts(400, members=frozenset("b"), asked=at)) == ["b due"]


def test_an_answer_before_the_question_or_after_the_deadline_is_none() -> None:
    history: HISTORY = defaultdict(list)
    at = asked(history)
    answers = {"a": [(START, "click"), (START + 32 * DAY, "click")]}
    assert play(history, facts(40, asked=at, answers=answers)) == ["a removed", "b removed"]


def test_a_refusal_wins_over_an_answer() -> None:
    history: HISTORY = defaultdict(list)
    at = asked(history)
    both = {"a": [(START + 3 * DAY, "click")]}
    refusals = {"a": [START + 4 * DAY]}
    today = facts(6, asked=at, answers=both, refusals=refusals)
    assert play(history, today) == ["a refused"]


def test_no_deadline_passes_while_the_sources_of_answers_are_late() -> None:
    history: HISTORY = defaultdict(list)
    at = asked(history)
    late = replace(facts(40, asked=at), known_through=START + 20 * DAY)
    assert play(history, late) == []


def test_who_leaves_the_segment_before_being_asked_has_left() -> None:
    history: HISTORY = defaultdict(list)
    play(history, facts(0, members=frozenset("a")))
    assert play(history, facts(1)) == ["a left"]
    assert play(history, facts(2, members=frozenset("a"))) == ["a due"]
    assert history["a"][-1].episode == 2


def test_without_removal_a_question_only_ends() -> None:
    history: HISTORY = defaultdict(list)
    scenario = replace(RUPTURE, by_default=ENDED)
    play(history, facts(0, members=frozenset("a")), scenario)
    at = {"a": START + DAY}
    assert play(history, facts(50, asked=at), scenario) == ["a asked", "a ended"]


def test_a_merge_takes_the_standing_along_and_an_unmerge_gives_it_back() -> None:
    history: HISTORY = defaultdict(list)
    at = asked(history)
    play(history, facts(3, members=frozenset("c")))
    merged = facts(4, members=frozenset("c"), asked=at, current_ids={"a": "c"})
    assert play(history, merged) == ["a merged", "c asked"]
    assert history["c"][-1].due_at == START + 31 * DAY
    apart = facts(5, members=frozenset("c"), asked=at)
    assert play(history, apart) == ["a asked"]
    assert history["a"][-1].due_at == START + 31 * DAY


def test_of_two_standings_the_one_that_says_most_is_kept() -> None:
    history: HISTORY = defaultdict(list)
    at = asked(history)
    play(history, facts(40, asked=at, answers={"b": [(START + 2 * DAY, "order")]}))
    assert [history[one][-1].state for one in "ab"] == ["removed", "accepted"]
    play(history, facts(41, current_ids={"a": "b"}))
    assert history["b"][-1].state == "removed"


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["enter", "leave", "ask", "answer", "refuse", "merge", "unmerge"]),
        st.sampled_from("abc"),
        st.integers(0, 25),
    ),
    max_size=40,
)


@settings(derandomize=True, max_examples=300, print_blob=True)
@given(EVENTS)
def test_whatever_happens_steps_are_only_appended_and_the_end_needs_its_reason(
    events: list[tuple[str, str, int]],
) -> None:
    history: HISTORY = defaultdict(list)
    members: set[str] = set()
    known: dict[str, dict[str, list[datetime]]] = {"answer": {}, "refuse": {}, "ask": {}}
    ids: dict[str, str] = {}
    day = 0
    for act, who, days in events:
        day += days
        now = START + day * DAY
        if act in known:
            known[act].setdefault(who, []).append(now)
        elif act in ("merge", "unmerge"):
            ids = {"a": "b"} if act == "merge" else {}
        else:
            (members.add if act == "enter" else members.discard)(who)
        current = frozenset(ids.get(one, one) for one in members)
        today = facts(
            day,
            members=current,
            asked={one: times[-1] for one, times in known["ask"].items()},
            answers={o: [(t, "click") for t in times] for o, times in known["answer"].items()},
            refusals=known["refuse"],
            current_ids=ids,
        )
        play(history, today)
    for steps in history.values():
        assert [(s.episode, s.step) for s in steps] == sorted({(s.episode, s.step) for s in steps})
        for before, after in pairwise(steps):
            if after.state == REMOVED and after.reason == "deadline":
                assert before.state == "asked"
                assert before.due_at is not None
                assert before.due_at <= after.since
            if after.state == "accepted" and after.reason == "click":
                assert before.state == "asked"


@pytest.mark.parametrize("kind", ["open", "machine_open", "machine_click", "visit"])
def test_an_open_can_not_even_be_written_as_an_answer(kind: str) -> None:
    from activation.scenario_files import CONTACTS

    assert kind not in CONTACTS
