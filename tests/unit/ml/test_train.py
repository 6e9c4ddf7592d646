from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from ml.blend import Past
from ml.errors import ModelRejected
from ml.evaluate import BacktestReport
from ml.frames import labelled_cut_offs, training_rows
from ml.score import score
from ml.train import _notice, train

from .conftest import AS_OF, CUT_OFFS, SPEC, feature_store


def trained(con: duckdb.DuckDBPyConnection, folder: Path, seed: int = 3):  # type: ignore[no-untyped-def]
    return train(con, SPEC, as_of=AS_OF, seed=seed, models_dir=folder, threads=1)


def shuffle_labels(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        """
        create or replace table features.labels as
        select own.* replace (other.value as value)
        from (
            select *, row_number() over (order by as_of_date, customer_id) as n
            from features.labels
        ) as own
        inner join (
            select value, row_number() over (order by md5(customer_id || as_of_date::text)) as n
            from features.labels
        ) as other using (n)
        """
    )


def test_the_planted_signal_is_learnt_and_beats_the_naive_rule(
    store: duckdb.DuckDBPyConnection, models_dir: Path
) -> None:
    report = trained(store, models_dir)
    assert report.is_trained
    assert report.used
    assert report.metrics["champion"]["auc"] > report.metrics["naive"]["auc"] + 0.005
    assert report.test_cut_offs == (CUT_OFFS[4], CUT_OFFS[5])
    assert report.cut_offs == tuple(CUT_OFFS[:6])


def test_shuffled_labels_teach_nothing(store: duckdb.DuckDBPyConnection, models_dir: Path) -> None:
    shuffle_labels(store)
    report = trained(store, models_dir)
    assert abs(report.metrics["champion"]["auc"] - 0.5) < 0.08


def test_a_model_that_does_not_beat_its_naive_rule_says_so_and_shows_the_rules_rate(
    models_dir: Path,
) -> None:
    con = feature_store()
    # The truth is the recency rule itself: nothing can rank better than it.
    con.execute(
        "update features.labels set value = (select (f.days_since_last_order > 30)::int from "
        "features.customer_features f where f.customer_id = labels.customer_id "
        "and f.as_of_date = labels.as_of_date)"
    )
    report = trained(con, models_dir)
    assert not report.used
    assert "does not beat" in report.notice_en
    assert "ne fait pas mieux" in report.notice_fr
    score(con, SPEC, as_of=AS_OF, models_dir=models_dir, threads=1)
    rows = con.execute(
        "select count(*), count(probability), bool_or(used), count(reasons) from ml.scores"
    ).fetchall()
    assert rows == [(400, 400, False, 0)]


def test_too_little_data_is_refused_with_a_notice_and_leaves_no_score(models_dir: Path) -> None:
    con = feature_store(customers=15)
    report = trained(con, models_dir)
    assert report.is_refused
    assert not report.used
    assert "Too little data" in report.notice_en
    assert "Trop peu de données" in report.notice_fr
    assert score(con, SPEC, as_of=AS_OF, models_dir=models_dir).row_count == 0


def test_a_company_without_any_label_is_refused_too(models_dir: Path) -> None:
    con = feature_store(customers=15)
    con.execute("delete from features.labels")
    assert trained(con, models_dir).is_refused


def test_test_days_on_which_nothing_could_be_ranked_are_too_little_data(
    store: duckdb.DuckDBPyConnection,
) -> None:
    days = labelled_cut_offs(store, SPEC, scoring_day=AS_OF)
    rows = training_rows(store, SPEC, scoring_day=AS_OF, cut_offs=days)
    found = pd.DataFrame(
        [(days[-1], "brier", "champion", 0.1)], columns=["cut_off", "metric", "model", "value"]
    )
    tests = BacktestReport(SPEC.name, found, pd.DataFrame(), Past(), [days[-1]])
    notice = _notice(SPEC, rows, tests)
    assert notice is not None
    assert notice[0] == "too_little_data"


def test_training_is_skipped_until_data_or_seed_change(
    store: duckdb.DuckDBPyConnection, models_dir: Path
) -> None:
    first = trained(store, models_dir)
    again = trained(store, models_dir)
    assert (first.is_trained, again.is_trained) == (True, False)
    assert again.model_version == first.model_version
    assert again.metrics == first.metrics
    assert trained(store, models_dir, seed=4).is_trained
    store.execute("update features.labels set value = 1 - value where customer_id = 'c_0001'")
    assert trained(store, models_dir, seed=4).is_trained


def test_the_same_seed_gives_the_same_scores(tmp_path: Path) -> None:
    found = []
    for run in ("a", "b"):
        con = feature_store()
        trained(con, tmp_path / run)
        score(con, SPEC, as_of=AS_OF, models_dir=tmp_path / run, threads=1)
        found.append(
            con.execute("select * from ml.scores order by customer_id").fetchall()
            + con.execute("select * from ml.backtests order by all").fetchall()
        )
    assert found[0] == found[1]


def test_a_cut_off_that_was_not_known_is_refused(store: duckdb.DuckDBPyConnection) -> None:
    day = CUT_OFFS[3]
    assert labelled_cut_offs(store, SPEC, scoring_day=day) == CUT_OFFS[:3]
    with pytest.raises(ModelRejected, match=f"{day} is not known on {day}"):
        training_rows(store, SPEC, scoring_day=day, cut_offs=[day])


def test_a_day_between_the_spaced_cut_offs_never_trains(store: duckdb.DuckDBPyConnection) -> None:
    store.execute(
        "insert into features.labels select * replace (as_of_date + 3 as as_of_date) "
        "from features.labels"
    )
    assert labelled_cut_offs(store, SPEC, scoring_day=AS_OF) == CUT_OFFS[:6]


def test_scores_are_probabilities_with_ranks_reasons_and_the_models_version(
    store: duckdb.DuckDBPyConnection, models_dir: Path
) -> None:
    report = trained(store, models_dir)
    score(store, SPEC, as_of=AS_OF, models_dir=models_dir, threads=1)
    low, high, first, last, count, days = store.execute(
        "select min(probability), max(probability), min(percentile), max(percentile), count(*), "
        "min(as_of_date) from ml.scores where used and subject = '' and model_version = ?",
        [report.model_version],
    ).fetchall()[0]
    assert 0 < low < high < 1
    assert 0 < first < last == 1
    assert (count, days) == (400, AS_OF)
    reasons = [json.loads(r) for (r,) in store.execute("select reasons from ml.scores").fetchall()]
    assert all(len(found) <= 3 for found in reasons)
    assert set(reasons[0][0]) == {"feature", "direction", "en", "fr"}


def test_scoring_twice_replaces_the_rows(
    store: duckdb.DuckDBPyConnection, models_dir: Path
) -> None:
    trained(store, models_dir)
    for _ in range(2):
        score(store, SPEC, as_of=AS_OF, models_dir=models_dir, threads=1)
    assert store.execute("select count(*) from ml.scores").fetchall() == [(400,)]


def test_the_card_lies_beside_the_model(store: duckdb.DuckDBPyConnection, models_dir: Path) -> None:
    report = trained(store, models_dir)
    folder = models_dir / "attrition_28d"
    card = json.loads((folder / f"{report.model_version}.json").read_text())
    sha256 = store.execute("select sha256 from ml.models").fetchall()[0][0]
    assert card["sha256"] == sha256
    assert card["training_cut_offs"] == [day.isoformat() for day in CUT_OFFS[:6]]
    assert card["data_window"][0] == CUT_OFFS[0].isoformat()
    assert card["data_window"][1] > CUT_OFFS[5].isoformat()
    text = (folder / f"{report.model_version}.md").read_text()
    assert "this file is fitted on all cut-offs whose outcomes are known: " in text
    assert f"data window: {' to '.join(card['data_window'])}" in text
    assert "each by an earlier fit of this" in text
    assert "scikit-learn" in card["library_versions"]
    assert "redemption_count_84_days" not in card["features"]
    assert sha256 in (folder / f"{report.model_version}.md").read_text()


def test_scoring_before_any_training_says_what_to_do(
    store: duckdb.DuckDBPyConnection, models_dir: Path
) -> None:
    with pytest.raises(ModelRejected, match="Train it first"):
        score(store, SPEC, as_of=AS_OF, models_dir=models_dir)


def test_a_model_file_that_was_changed_is_refused_and_trained_again(
    store: duckdb.DuckDBPyConnection, models_dir: Path
) -> None:
    report = trained(store, models_dir)
    path = models_dir / "attrition_28d" / f"{report.model_version}.skops"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelRejected, match="the file was changed"):
        score(store, SPEC, as_of=AS_OF, models_dir=models_dir)
    assert trained(store, models_dir).is_trained
