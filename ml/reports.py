"""What training, back-testing and scoring say about themselves."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, TypeAlias

Metrics: TypeAlias = dict[str, dict[str, float]]  # model → metric → mean over the test cut-offs


@dataclass(frozen=True)
class TrainingReport:
    """One model trained, kept or refused. notice_* is empty when there is nothing to say."""

    score: str
    model_version: str
    is_trained: bool
    is_refused: bool
    used: bool
    row_count: int
    positive_count: int
    cut_offs: tuple[date, ...]
    test_cut_offs: tuple[date, ...]
    metrics: Metrics
    notice_en: str
    notice_fr: str

    def as_metadata(self) -> dict[str, Any]:
        """Plain values for an orchestrator."""
        return _plain(asdict(self))


@dataclass(frozen=True)
class ScoreReport:
    """One score table written. row_count is 0 when the model was refused."""

    score: str
    model_version: str
    as_of: date
    row_count: int
    explained_count: int
    used: bool
    mean_probability: float | None

    def as_metadata(self) -> dict[str, Any]:
        """Plain values for an orchestrator."""
        return _plain(asdict(self))


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: [day.isoformat() for day in value]
        if isinstance(value, tuple)
        else value.isoformat()
        if isinstance(value, date)
        else value
        for name, value in values.items()
    }
