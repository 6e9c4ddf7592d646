"""What a model is: its question, its rows, its rivals and the least data it accepts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Member = Literal["logistic", "boosting", "forest"]


@dataclass(frozen=True)
class NaiveRule:
    """The rule that a marketer would use instead: rank by one feature."""

    feature: str
    is_higher_likelier: bool


@dataclass(frozen=True)
class ModelSpec:
    """One score. `name` is also the task whose labels it learns.

    known_after_days: days after a cut-off at which its labels are fully known.
    features: columns of features.customer_features; empty means every number in it.
    has_subject: rows are customer × category and metrics are means over the categories.
    training_cut_offs: only the latest so many; None for all. max_rows: a seeded sample above it.
    """

    name: str
    known_after_days: int
    naive: NaiveRule
    rfm: tuple[str, ...]
    members: tuple[Member, ...]
    is_risk: bool
    features: tuple[str, ...] = ()
    has_subject: bool = False
    test_cut_offs: int = 5
    training_cut_offs: int | None = None
    max_rows: int = 200_000
    min_positives: int = 100
    boosting_leaves: int = 8
    boosting_rate: float = 0.03
    boosting_iterations: int = 200
    suspicious_auc: float = 1.0
