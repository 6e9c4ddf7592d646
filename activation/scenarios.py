"""Where each person stands in a scenario, and what the day changes: a pure function.

due (asked next) → asked → accepted, refused, or the default once the deadline has passed: removed
or ended. Who leaves the segment before being asked has left. Nothing else moves anybody: an open
is no answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from activation.scenario_files import REMOVED, Scenario

DUE, ASKED, ACCEPTED, REFUSED = "due", "asked", "accepted", "refused"
LEFT, MERGED = "left", "merged"
DEADLINE = "deadline"  # why somebody was removed or the question ended
OPEN = (DUE, ASKED)
# Of two records found to be one person the standing that says most about their word is kept.
_RANK = {REFUSED: 6, REMOVED: 5, ACCEPTED: 4, ASKED: 3, "ended": 2, LEFT: 1, DUE: 0}


@dataclass(frozen=True)
class Standing:
    """One step of one person in one scenario; episode counts entries, step the steps of each.

    due_at: when the answer is due, while asked. Times naive UTC.
    """

    customer_id: str
    episode: int
    step: int
    state: str
    since: datetime
    due_at: datetime | None
    reason: str

    def then(
        self, state: str, since: datetime, reason: str, due_at: datetime | None = None
    ) -> Standing:
        """The next step of the same episode."""
        return replace(
            self, step=self.step + 1, state=state, since=since, due_at=due_at, reason=reason
        )


@dataclass(frozen=True)
class Facts:
    """What is known today. Times naive UTC, each list oldest first.

    asked: when the question was last delivered, before today; answers and refusals: when the
    person acted.
    known_through: up to when the sources of answers are known; no deadline passes before.
    current_ids: every id ever published → the id of that person now.
    """

    now: datetime
    known_through: datetime
    members: frozenset[str] = frozenset()
    asked: Mapping[str, datetime] = field(default_factory=dict)
    answers: Mapping[str, Sequence[tuple[datetime, str]]] = field(default_factory=dict)
    refusals: Mapping[str, Sequence[datetime]] = field(default_factory=dict)
    current_ids: Mapping[str, str] = field(default_factory=dict)


def advance(
    scenario: Scenario, history: Mapping[str, Sequence[Standing]], facts: Facts
) -> list[Standing]:
    """The steps to append: none when nothing changed since they were computed last.

    history: every step of every person so far, oldest first.
    """
    steps = list(followed(history, facts.current_ids))
    last = {one: stands[-1] for one, stands in history.items() if stands}
    last |= {step.customer_id: step for step in steps}
    for customer_id in sorted(facts.members | last.keys()):
        standing = last.get(customer_id)
        for step in _moves(scenario, customer_id, standing, facts):
            steps.append(step)
    return steps


def followed(
    history: Mapping[str, Sequence[Standing]], current_ids: Mapping[str, str]
) -> Iterator[Standing]:
    """What merges and unmerges do: the older standing moves to the person's id, and back."""
    last = {one: stands[-1] for one, stands in history.items() if stands}
    for customer_id in sorted(last):
        mine, current = last[customer_id], current_ids.get(customer_id, customer_id)
        if mine.state == MERGED:
            before = [one for one in history[customer_id] if one.state != MERGED]
            if current == customer_id and before:
                yield mine.then(before[-1].state, before[-1].since, "unmerged", before[-1].due_at)
            continue
        if current == customer_id:
            continue
        yield mine.then(MERGED, mine.since, current)
        theirs = last.get(current)
        if theirs is None or _RANK.get(theirs.state, -1) < _RANK[mine.state]:
            base = theirs or replace(mine, customer_id=current, step=0)
            last[current] = base.then(mine.state, mine.since, customer_id, mine.due_at)
            yield last[current]


def _moves(
    scenario: Scenario, customer_id: str, standing: Standing | None, facts: Facts
) -> Iterator[Standing]:
    """The steps of one person today: a person may be asked and have answered since."""
    if standing is None or _may_enter_again(scenario, standing, facts):
        if customer_id not in facts.members:
            return
        episode = 1 if standing is None else standing.episode + 1
        standing = Standing(customer_id, episode, 1, DUE, facts.now, None, scenario.segment)
        yield standing
    while (step := _next(scenario, standing, facts)) is not None:
        yield step
        standing = step


def _may_enter_again(scenario: Scenario, standing: Standing, facts: Facts) -> bool:
    if standing.state in (*OPEN, MERGED):
        return False
    rest = facts.now - standing.since
    return standing.state == LEFT or rest >= scenario.again_after


def _next(scenario: Scenario, standing: Standing, facts: Facts) -> Standing | None:
    """The step that follows, if any. A refusal wins over an answer, an answer over the deadline."""
    if standing.state not in OPEN:
        return None
    said_no = _first(facts.refusals.get(standing.customer_id, ()), standing.since)
    if said_no is not None:
        return standing.then(REFUSED, said_no, "refused")
    return (_to_be_asked if standing.state == DUE else _answered)(scenario, standing, facts)


def _to_be_asked(scenario: Scenario, standing: Standing, facts: Facts) -> Standing | None:
    asked_at = facts.asked.get(standing.customer_id)
    if asked_at is not None and asked_at >= standing.since:
        return standing.then(ASKED, asked_at, scenario.campaign, asked_at + scenario.deadline)
    is_member = standing.customer_id in facts.members
    return None if is_member else standing.then(LEFT, facts.now, scenario.segment)


def _answered(scenario: Scenario, standing: Standing, facts: Facts) -> Standing | None:
    due_at = standing.due_at or standing.since + scenario.deadline
    for answered_at, kind in facts.answers.get(standing.customer_id, ()):
        if standing.since < answered_at <= due_at:
            return standing.then(ACCEPTED, answered_at, kind)
    if due_at <= min(facts.now, facts.known_through):
        return standing.then(scenario.by_default, due_at, DEADLINE)
    return None


def _first(times: Sequence[datetime], since: datetime) -> datetime | None:
    return next((one for one in times if one > since), None)
