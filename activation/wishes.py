"""What people asked for: how many messages at most, and which topics they do not want."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from activation.caps import Cap

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_WEEK = 7


@dataclass(frozen=True)
class Wishes:
    """caps: person → their own cap, over all channels; refused: person → topics."""

    caps: Mapping[str, Cap] = field(default_factory=dict)
    refused: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def is_unwanted(self, customer_id: str, topic: str | None) -> bool:
        """Whether the person does not want to hear about the topic."""
        return topic is not None and topic in self.refused.get(customer_id, frozenset())


def own_cap(most_per_week: float) -> Cap:
    """The cap that a wish stands for: 2 a week, or a quarter of one, which is one in four weeks."""
    if most_per_week >= 1:
        return Cap(int(most_per_week), _WEEK)
    return Cap(1, round(_WEEK / most_per_week)) if most_per_week > 0 else Cap(0, _WEEK)


def load_wishes(con: DuckDBPyConnection) -> Wishes:
    """The last word of everybody, from core.customer_preferences."""
    rows = con.execute(
        "select customer_id, kind, name, is_wanted, most_per_week from core.customer_preferences"
    ).fetchall()
    refused: dict[str, set[str]] = {}
    caps = {}
    for customer_id, kind, name, is_wanted, most in rows:
        if kind == "topic" and not is_wanted:
            refused.setdefault(customer_id, set()).add(name)
        if kind == "frequency" and most is not None:
            caps[customer_id] = own_cap(float(most))
    return Wishes(caps, {one: frozenset(topics) for one, topics in refused.items()})
