"""Score the active customers of a day with the registered model, and say why."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ml import frames, store
from ml.blend import Blend
from ml.evaluate import NaiveRates, naive_values
from ml.explain import Explanation, explain
from ml.files import read_model
from ml.frames import Rows
from ml.members import logit, member_logits, threads_of
from ml.reports import ScoreReport
from ml.spec import ModelSpec
from ml.store import StoredModel

if TYPE_CHECKING:
    import duckdb

EXPLAINED_SHARE = 0.10  # of each category, by probability; attrition explains everybody
EXPLANATION_SEED = 0
COLUMNS = [
    "customer_id",
    "score",
    "subject",
    "probability",
    "percentile",
    "model_version",
    "used",
    "reasons",
    "as_of_date",
]


def score(
    con: duckdb.DuckDBPyConnection,
    spec: ModelSpec,
    *,
    as_of: date,
    models_dir: Path,
    threads: int = 2,
) -> ScoreReport:
    """Replace ml.scores of one score by the active customers of `as_of`.

    A model that did not beat its naive rule leaves the rule's observed rate, marked as not used and
    without reasons. A refused model (too little data) leaves no row.
    Raises ModelRejected when nothing was trained yet or the model file is not the registered one.
    """
    from ml.errors import ModelRejected

    store.prepare(con)
    current = store.current_model(con, spec.name)
    if current is None:
        raise ModelRejected(f"ml.models: no model for {spec.name}. Train it first.")
    scores = pd.DataFrame(columns=COLUMNS)
    drivers = pd.DataFrame()
    if current.path is not None:
        model = read_model(models_dir / current.path, str(current.sha256))
        rows = frames.scoring_rows(con, spec, as_of=as_of)
        if len(rows):
            with threads_of(threads):
                scores, drivers = _scored(spec, current, model, rows)
    store.write_scores(con, spec.name, scores, drivers)
    return ScoreReport(
        score=spec.name,
        model_version=current.model_version,
        as_of=as_of,
        row_count=len(scores),
        explained_count=int(scores["reasons"].notna().sum()),
        used=current.used,
        mean_probability=float(scores["probability"].mean()) if len(scores) else None,
    )


def log_odds(model: dict[str, Any], values: Any) -> Any:
    """The model's calibrated log-odds of a matrix with the model's columns."""
    return logit(_blend(model).probabilities(member_logits(model["members"], values)))


def _blend(model: dict[str, Any]) -> Blend:
    return Blend(np.array(model["weights"]), model["slope"], model["intercept"])


def _scored(
    spec: ModelSpec, current: StoredModel, model: dict[str, Any], rows: Rows
) -> tuple[pd.DataFrame, pd.DataFrame]:
    known = frames.select(rows, tuple(model["names"]))
    scores = rows.keys.copy()
    if current.used:
        logits = member_logits(model["members"], known.values)
        scores["probability"] = _blend(model).probabilities(logits)
    else:
        naive = NaiveRates(model["naive_edges"], model["naive_rates"])
        scores["probability"] = naive.probabilities(naive_values(spec, rows))
    scores["score"] = spec.name
    scores["percentile"] = scores.groupby("subject")["probability"].rank(pct=True)
    scores["model_version"] = current.model_version
    scores["used"] = current.used
    scores["reasons"] = None
    drivers = pd.DataFrame()
    if current.used:
        chosen = _explained(spec, scores)
        found: Explanation = explain(
            known,
            chosen,
            lambda values: log_odds(model, values),
            is_risk=spec.is_risk,
            seed=EXPLANATION_SEED,
        )
        reasons = np.full(len(scores), None, dtype="object")
        reasons[chosen] = found.reasons
        scores["reasons"] = reasons
        drivers = found.drivers
    return scores[COLUMNS], drivers


def _explained(spec: ModelSpec, scores: pd.DataFrame) -> Any:
    if not spec.has_subject:
        return np.arange(len(scores))
    return np.flatnonzero(scores["percentile"].to_numpy() > 1 - EXPLAINED_SHARE)
