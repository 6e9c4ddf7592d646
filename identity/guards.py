"""What no person may be, whatever joins the records; and how a cluster that is gets divided.

A cluster that breaks a bound, or holds two records that are never the same, is built again from
nothing: its evidence is taken from the most trusted to the least, and a join that would break a
bound is refused with its reason. So the weakest evidence is what is cut, whatever the order of
the rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

NEVER_SAME = "never_same"


@dataclass(frozen=True)
class Bounds:
    """The most a person may have of each (seed identity_guards)."""

    record_count: int
    birth_date_count: int
    first_name_count: int


@dataclass(frozen=True)
class Traits:
    """What a record says about the person that a bound counts; None: nothing."""

    birth_date: date | None = None
    first_name: str | None = None


@dataclass(frozen=True)
class Edge:
    """One piece of evidence. value: what the two share; edges of one value and rule are a star."""

    record_id: str
    other_record_id: str
    rule: str
    identifier_kind: str
    value: str
    trust: float
    match_probability: float | None = None
    is_decided: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of one piece of evidence between two records."""

    record_id: str
    other_record_id: str
    edge: Edge
    cut_reason: str | None


@dataclass
class _Part:
    """Records joined so far, with what the bounds count."""

    size: int
    birth_dates: set[date]
    first_names: set[str]
    apart_from: set[str] = field(default_factory=set)


class Parts:
    """Records that find together, never beyond the bounds."""

    def __init__(
        self,
        records: Mapping[str, Traits],
        apart: Iterable[tuple[str, str]],
        bounds: Bounds,
    ) -> None:
        self._above = {record: record for record in records}
        self._bounds = bounds
        self._parts = {
            record: _Part(
                1,
                {traits.birth_date} if traits.birth_date else set(),
                {traits.first_name} if traits.first_name else set(),
            )
            for record, traits in records.items()
        }
        for one, other in apart:
            if one in records and other in records:
                self._parts[one].apart_from.add(other)
                self._parts[other].apart_from.add(one)

    def find(self, record: str) -> str:
        """The smallest record of the part."""
        root = record
        while self._above[root] != root:
            root = self._above[root]
        while self._above[record] != root:
            self._above[record], record = root, self._above[record]
        return root

    def refusal(self, one: str, other: str, *, is_decided: bool) -> str | None:
        """Why two parts, given by their smallest records, must not be one; None when they may.

        What a person decided is bound by nothing but the opposite decision.
        """
        left, right = self._parts[one], self._parts[other]
        small, great = (
            (left, other) if len(left.apart_from) < len(right.apart_from) else (right, one)
        )
        if any(self.find(record) == great for record in small.apart_from):
            return NEVER_SAME
        if is_decided:
            return None
        if len(left.birth_dates | right.birth_dates) > self._bounds.birth_date_count:
            return "too_many_birth_dates"
        if len(left.first_names | right.first_names) > self._bounds.first_name_count:
            return "too_many_first_names"
        if left.size + right.size > self._bounds.record_count:
            return "too_many_records"
        return None

    def join(self, one: str, other: str) -> None:
        """Make one part of two, given by their smallest records."""
        small, great = sorted((one, other))
        part, gone = self._parts[small], self._parts.pop(great)
        self._above[great] = small
        part.size += gone.size
        part.birth_dates |= gone.birth_dates
        part.first_names |= gone.first_names
        part.apart_from |= gone.apart_from


def divide(parts: Parts, edges: Iterable[Edge]) -> list[Outcome]:
    """Join what the edges join, the most trusted first, and say what became of each.

    The records of one value come in order, each to the first part of the value that takes it: a
    refused centre does not tear its star apart.
    """
    stars: dict[tuple[str, str], list[Edge]] = defaultdict(list)
    for edge in edges:
        stars[edge.rule, edge.value].append(edge)
    ordered = sorted(stars.values(), key=_rank)
    return [outcome for star in ordered for outcome in _join_star(parts, star)]


def _rank(star: Sequence[Edge]) -> tuple[bool, float, str, str]:
    edge = star[0]
    return (not edge.is_decided, -edge.trust, edge.rule, edge.value)


def _join_star(parts: Parts, star: Sequence[Edge]) -> Iterable[Outcome]:
    edge = star[0]
    ends = (end for one in star for end in (one.record_id, one.other_record_id))
    first, *others = sorted(set(ends))
    held = [first]
    for record in others:
        reasons = []
        for other in held:
            reason = _joined(parts, record, other, edge)
            if reason is None:
                yield Outcome(record, other, edge, None)
                break
            reasons.append(reason)
        else:
            yield Outcome(record, first, edge, reasons[0])
            held.append(record)


def _joined(parts: Parts, record: str, other: str, edge: Edge) -> str | None:
    """Join the parts of two records unless refused; the reason when they were."""
    one, two = parts.find(record), parts.find(other)
    if one == two:
        return None
    reason = parts.refusal(one, two, is_decided=edge.is_decided)
    if reason is None:
        parts.join(one, two)
    return reason
