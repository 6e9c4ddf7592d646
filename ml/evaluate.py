"""Back-tests: at each past cut-off, learn from what was known then and predict what came after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ml import frames
from ml.blend import Blend, Past, learn
from ml.frames import Rows
from ml.members import fit_members, member_logits, rfm_logistic, rfm_values
from ml.metrics import calibration, probability_quality, ranking
from ml.reports import Metrics
from ml.spec import ModelSpec

if TYPE_CHECKING:
    import duckdb

NAIVE_BINS = 20
MIN_TRAINING_POSITIVES = 30


@dataclass(frozen=True)
class NaiveRates:
    """The naive rule as a probability: the observed rate in each twentieth of its feature."""

    edges: Any
    rates: Any

    def probabilities(self, values: Any) -> Any:
        """The rate of each value's bin."""
        return self.rates[np.searchsorted(self.edges, values, side="right")]


@dataclass
class BacktestReport:
    """results: cut_off, metric, model, value.

    bins: cut_off, bin, predicted, observed, row_count.
    """

    score: str
    results: pd.DataFrame
    bins: pd.DataFrame
    past: Past
    cut_offs: list[date] = field(default_factory=list)

    def means(self) -> Metrics:
        """Model → metric → mean over the test cut-offs."""
        found: Metrics = {}
        if len(self.results):
            grouped = self.results.groupby(["model", "metric"], as_index=False)["value"].mean()
            for model, metric, value in grouped.itertuples(index=False):
                found.setdefault(str(model), {})[str(metric)] = round(float(value), 6)
        return found


def backtest(
    con: duckdb.DuckDBPyConnection,
    spec: ModelSpec,
    *,
    as_of: date,
    seed: int,
    on_progress: Callable[[str], None] = lambda _: None,
) -> BacktestReport:
    """Back-test on the latest cut-offs whose labels were known on `as_of`."""
    known = frames.labelled_cut_offs(con, spec, scoring_day=as_of)
    rows = frames.training_rows(con, spec, scoring_day=as_of, cut_offs=known)
    return backtest_rows(spec, rows, seed=seed, on_progress=on_progress)


def backtest_rows(
    spec: ModelSpec, rows: Rows, *, seed: int, on_progress: Callable[[str], None]
) -> BacktestReport:
    """Back-test on labelled rows of several cut-offs."""
    days = np.array(rows.keys["as_of_date"], dtype="object")
    known = sorted(set(days))
    past, bins, results = Past(), [], []
    tested: list[date] = []
    for cut_off in known[-spec.test_cut_offs :]:
        train = training_part(spec, rows, days, scoring_day=cut_off, seed=seed)
        test = rows.at(days == cut_off)
        if not (_can_learn(train) and 0 < test.labels.mean() < 1):  # type: ignore[union-attr]
            continue
        on_progress(f"{spec.name}: back-test {cut_off} on {len(train)} rows")
        earlier = [i for i, day in enumerate(tested) if frames.is_known_by(day, spec, cut_off)]
        seen = Past([past.logits[i] for i in earlier], [past.labels[i] for i in earlier])
        outcome, logits = _test_at(spec, train, test, seen, seed)
        results += [(cut_off, metric, model, value) for model, metric, value in outcome.values]
        bins.append(outcome.bins.assign(cut_off=cut_off))
        past.logits.append(logits)
        past.labels.append(test.labels)
        tested.append(cut_off)
    table = pd.DataFrame(results, columns=["cut_off", "metric", "model", "value"])
    return BacktestReport(
        spec.name, table, pd.concat(bins) if bins else pd.DataFrame(), past, tested
    )


def training_part(spec: ModelSpec, rows: Rows, days: Any, *, scoring_day: date, seed: int) -> Rows:
    """The rows whose labels were known on a day: latest cut-offs, sampled to the spec's maximum."""
    known = [day for day in sorted(set(days)) if frames.is_known_by(day, spec, scoring_day)]
    latest = known[-spec.training_cut_offs :] if spec.training_cut_offs else known
    part = np.flatnonzero(np.isin(days, np.array(latest, dtype="object")))
    if len(part) > spec.max_rows:
        chosen = np.random.default_rng(seed).permutation(len(part))[: spec.max_rows]
        part = part[np.sort(chosen)]
    train = rows.at(part)
    return frames.select(train, frames.usable_names(train)) if len(train) else train


def naive_rates(spec: ModelSpec, train: Rows) -> NaiveRates:
    """The naive rule's observed rates on training rows."""
    values = naive_values(spec, train)
    edges = np.unique(np.quantile(values, np.arange(1, NAIVE_BINS) / NAIVE_BINS))
    bins = np.searchsorted(edges, values, side="right")
    counts = np.bincount(bins, minlength=len(edges) + 1)
    positives = np.bincount(bins, weights=train.labels, minlength=len(edges) + 1)
    overall = train.labels.mean()  # type: ignore[union-attr]
    return NaiveRates(edges, (positives + overall) / (counts + 1))


def naive_values(spec: ModelSpec, rows: Rows) -> Any:
    """The naive rule's feature, signed so that higher is likelier."""
    values = np.nan_to_num(rows.column(spec.naive.feature), nan=0.0)
    return values if spec.naive.is_higher_likelier else -values


@dataclass(frozen=True)
class _Outcome:
    values: list[tuple[str, str, float]]
    bins: pd.DataFrame


def _can_learn(train: Rows) -> bool:
    return bool(len(train)) and int(train.labels.sum()) >= MIN_TRAINING_POSITIVES  # type: ignore[union-attr]


def _test_at(
    spec: ModelSpec, train: Rows, test: Rows, seen: Past, seed: int
) -> tuple[_Outcome, Any]:
    members = fit_members(spec, train, seed=seed)
    logits = member_logits(members, frames.select(test, train.names).values)
    blend: Blend = learn(len(members), seen, seed=seed)
    champion = blend.probabilities(logits)
    rfm = rfm_logistic(spec, train).predict_proba(rfm_values(spec, test))[:, 1]
    naive = naive_rates(spec, train).probabilities(naive_values(spec, test))
    subjects = test.keys["subject"].to_numpy() if spec.has_subject else None
    ranked_by = {"champion": champion, "lr_rfm": rfm, "naive": naive_values(spec, test)}
    predicted = {"champion": champion, "lr_rfm": rfm, "naive": naive}
    values = []
    for model, scores in ranked_by.items():
        found = ranking(scores, test.labels, subjects)
        found |= probability_quality(predicted[model], test.labels, seed=seed)
        values += [(model, metric, value) for metric, value in found.items()]
    return _Outcome(values, calibration(champion, test.labels)), logits
