"""Train one score: back-test it, decide whether it may be used, fit it on all that is known."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from contract.texts import Texts
from ml import frames, store
from ml.blend import learn
from ml.cards import card_of, markdown_of, versions
from ml.evaluate import BacktestReport, backtest_rows, naive_rates, training_part
from ml.files import digest_of, write_card, write_model
from ml.frames import Rows
from ml.members import fit_members, recipe, threads_of
from ml.reports import TrainingReport
from ml.spec import ModelSpec

if TYPE_CHECKING:
    import duckdb

TEXTS = Texts.load(Path(__file__).with_name("train.texts.yml"))
Progress = Callable[[str], None]


def train(  # noqa: PLR0913 - the seam that orchestration calls: every input by name
    con: duckdb.DuckDBPyConnection,
    spec: ModelSpec,
    *,
    as_of: date,
    seed: int,
    models_dir: Path,
    threads: int = 2,
    on_progress: Progress = lambda _: None,
) -> TrainingReport:
    """Train a score from the cut-offs known on `as_of`, register it, and write its file and card.

    Nothing is trained when data, spec, seed and library versions are those of the current model.
    Too little data is not an error: the report and ml.models say so and the score stays empty.
    """
    store.prepare(con)
    known = frames.labelled_cut_offs(con, spec, scoring_day=as_of)
    rows = frames.training_rows(con, spec, scoring_day=as_of, cut_offs=known)
    version = training_digest(spec, rows, seed)[:12]
    kept = _kept(con, spec, version, models_dir, rows)
    if kept is not None:
        on_progress(f"{spec.name}: data, spec and versions unchanged, training skipped")
        return kept
    with threads_of(threads):
        return _train(con, spec, rows, version, (as_of, seed, models_dir, on_progress))


def training_digest(spec: ModelSpec, rows: Rows, seed: int) -> str:
    """SHA-256 of everything that decides the model: data, spec, seed, library versions."""
    decided = (spec, seed, rows.names, recipe(spec, seed=seed), sorted(versions().items()))
    digest = hashlib.sha256(repr(decided).encode())
    for column in rows.keys.columns:
        digest.update("\n".join(map(str, rows.keys[column])).encode())
    digest.update(np.ascontiguousarray(rows.values).tobytes())
    digest.update(np.ascontiguousarray(rows.labels).tobytes())
    return digest.hexdigest()


def _kept(
    con: duckdb.DuckDBPyConnection, spec: ModelSpec, version: str, models_dir: Path, rows: Rows
) -> TrainingReport | None:
    current = store.current_model(con, spec.name)
    if current is None or current.model_version != version:
        return None
    if current.path is not None:
        path = models_dir / current.path
        if not path.is_file() or digest_of(path) != current.sha256:
            return None
    tested = con.execute(
        "select distinct cut_off from ml.backtests where score = ? order by cut_off", [spec.name]
    ).fetchall()
    return TrainingReport(
        score=spec.name,
        model_version=version,
        is_trained=False,
        is_refused=current.path is None,
        used=current.used,
        row_count=len(rows),
        positive_count=_positives(rows),
        cut_offs=current.cut_offs,
        test_cut_offs=tuple(day for (day,) in tested),
        metrics=current.metrics,
        notice_en=current.notice_en,
        notice_fr=current.notice_fr,
    )


def _train(
    con: duckdb.DuckDBPyConnection,
    spec: ModelSpec,
    rows: Rows,
    version: str,
    run: tuple[date, int, Path, Progress],
) -> TrainingReport:
    as_of, seed, models_dir, on_progress = run
    tests = backtest_rows(spec, rows, seed=seed, on_progress=on_progress)
    notice = _notice(spec, rows, tests)
    is_refused = notice is not None and notice[0] == "too_little_data"
    days = np.array(rows.keys["as_of_date"], dtype="object")
    part = training_part(spec, rows, days, scoring_day=as_of, seed=seed)
    report = TrainingReport(
        score=spec.name,
        model_version=version,
        is_trained=not is_refused,
        is_refused=is_refused,
        used=notice is None,
        row_count=len(rows),
        positive_count=_positives(rows),
        cut_offs=tuple(sorted(set(part.keys["as_of_date"]))),
        test_cut_offs=tuple(tests.cut_offs),
        metrics=tests.means(),
        notice_en=TEXTS(notice[0], "en", **notice[1]) if notice else "",
        notice_fr=TEXTS(notice[0], "fr", **notice[1]) if notice else "",
    )
    if is_refused:
        on_progress(f"{spec.name}: {report.notice_en}")
        store.register(con, report, None, (tests.results, tests.bins), as_of)
        return report
    on_progress(f"{spec.name}: final fit on {len(part)} rows")
    file = _write(spec, report, _model(spec, part, tests, seed), models_dir)
    store.register(con, report, file, (tests.results, tests.bins), as_of)
    return report


def _model(spec: ModelSpec, part: Rows, tests: BacktestReport, seed: int) -> dict[str, Any]:
    members = fit_members(spec, part, seed=seed)
    blend = learn(len(members), tests.past, seed=seed)
    naive = naive_rates(spec, part)
    return {
        "members": members,
        "names": list(part.names),
        "weights": [float(weight) for weight in blend.weights],
        "slope": blend.slope,
        "intercept": blend.intercept,
        "naive_edges": naive.edges,
        "naive_rates": naive.rates,
    }


def _write(
    spec: ModelSpec, report: TrainingReport, model: dict[str, Any], models_dir: Path
) -> tuple[str, str]:
    folder = models_dir / spec.name
    name, sha256 = write_model(folder, report.model_version, model)
    card = card_of(spec, report, model, sha256)
    write_card(folder, report.model_version, card, markdown_of(card))
    return f"{spec.name}/{name}", sha256


def _notice(
    spec: ModelSpec, rows: Rows, tests: BacktestReport
) -> tuple[str, dict[str, object]] | None:
    positives = _positives(rows)
    means = tests.means()
    # Without an auc no subject had both a yes and a no on any test day.
    if positives < spec.min_positives or "auc" not in means.get("champion", {}):
        return "too_little_data", {"positives": positives, "needed": spec.min_positives}
    champion, naive = means["champion"], means["naive"]
    if any(champion[metric] <= naive[metric] for metric in ("auc", "pr_auc")):
        found = {metric: champion[metric] for metric in ("auc", "pr_auc")}
        return "not_better", {**found, "naive_auc": naive["auc"], "naive_pr_auc": naive["pr_auc"]}
    return None


def _positives(rows: Rows) -> int:
    return int(pd.Series(rows.labels).sum()) if len(rows) else 0
