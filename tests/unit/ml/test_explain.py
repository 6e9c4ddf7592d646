from __future__ import annotations

import json
from pathlib import Path

import duckdb
import numpy as np
import pytest
import yaml

from ml import frames
from ml.explain import LABELS, explain
from ml.files import read_model
from ml.frames import Rows
from ml.score import log_odds, score
from ml.train import train

from .conftest import AS_OF, SPEC

FEATURES = Path(__file__).parents[3] / "dbt_project/models/features"
NO_FEATURE = {
    "as_of_date",
    "customer_id",
    "category",
    "computed_at",
    "cut_off_at",
    "is_active",
    "observed_days",
    "is_bought_in_28_days",
}


def test_setting_the_top_driver_to_the_median_moves_the_score_as_stated(
    store: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    train(store, SPEC, as_of=AS_OF, seed=3, models_dir=tmp_path, threads=1)
    score(store, SPEC, as_of=AS_OF, models_dir=tmp_path, threads=1)
    path, sha256 = store.execute("select path, sha256 from ml.models").fetchall()[0]
    model = read_model(tmp_path / path, sha256)
    rows = frames.select(frames.scoring_rows(store, SPEC, as_of=AS_OF), tuple(model["names"]))
    stated = dict(store.execute("select customer_id, reasons from ml.scores").fetchall())
    before = log_odds(model, rows.values)
    medians = np.nanmedian(rows.values, axis=0)
    right, told = 0, 0
    for position, customer in enumerate(rows.keys["customer_id"]):
        reasons = json.loads(stated[customer])
        if not reasons:
            continue
        told += 1
        column = rows.names.index(reasons[0]["feature"])
        changed = rows.values[[position]].copy()
        changed[0, column] = medians[column]
        falls = log_odds(model, changed)[0] < before[position]
        right += falls == (reasons[0]["direction"] == "raises")
    assert told >= 0.9 * len(rows)
    assert right / told >= 0.95


def test_a_reason_names_value_and_usual_value_in_both_languages() -> None:
    values = np.array([[10.0], [20.0], [90.0]], dtype="float32")
    keys = __import__("pandas").DataFrame({"customer_id": list("abc")})
    rows = Rows(keys, values, ("days_since_last_order",))
    found = explain(rows, np.array([2]), lambda x: x[:, 0] / 10, is_risk=True, seed=0)
    reason = json.loads(str(found.reasons[0]))[0]
    assert reason["en"] == "Days since the last purchase: 90 (usually 20), raises the risk"
    assert reason["fr"] == "Jours depuis le dernier achat : 90 (d’ordinaire 20), augmente le risque"


def test_a_value_that_reads_as_the_usual_one_is_no_reason() -> None:
    values = np.array([[0.0, 1], [0.001, 2], [0.004, 9]], dtype="float32")
    keys = __import__("pandas").DataFrame({"customer_id": list("abc")})
    rows = Rows(keys, values, ("category_amount_share_84_days", "days_since_last_order"))
    found = explain(rows, np.array([2]), lambda x: x @ [1000, 0.1], is_risk=False, seed=0)
    told = [reason["feature"] for reason in json.loads(str(found.reasons[0]))]
    assert told == ["days_since_last_order"]


@pytest.mark.parametrize("table", ["customer_features", "customer_category_features"])
def test_every_feature_has_words_in_both_languages(table: str) -> None:
    model = yaml.safe_load((FEATURES / f"{table}.yml").read_text())["models"][0]
    names = {column["name"] for column in model["columns"]} - NO_FEATURE
    assert names - set(LABELS.keys()) == set()
