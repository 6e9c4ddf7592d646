"""A row carries the newest score of a model in use, of the people who are asked for."""

from __future__ import annotations

import json
from datetime import date

import duckdb

from activation.payloads import Score, load_scores

OLD, NEW = date(2026, 1, 1), date(2026, 2, 1)
REASONS = json.dumps([{"en": "buys less", "fr": "achète moins"}, {"en": "b", "fr": "c"}])


def test_the_newest_used_scores_of_the_asked_come_with_their_reasons() -> None:
    con = duckdb.connect()
    assert load_scores(con, "attrition", "", ["c_1"]) == {}
    con.execute(
        "create schema ml; create table ml.scores (score varchar, subject varchar, used boolean, "
        "as_of_date date, customer_id varchar, probability double, reasons varchar)"
    )
    con.executemany(
        "insert into ml.scores values (?, ?, ?, ?, ?, ?, ?)",
        [
            ["attrition", "", True, NEW, "c_1", 0.7, REASONS],
            ["attrition", "", True, NEW, "c_2", 0.6, None],
            ["attrition", "", True, OLD, "c_3", 0.5, None],
            ["attrition", "", False, NEW, "c_4", 0.4, None],
            ["appetence", "COFFEE", True, OLD, "c_1", 0.3, None],
        ],
    )
    told = {"en": "buys less; b", "fr": "achète moins; c"}
    asked = ["c_1", "c_3", "c_4"]
    assert load_scores(con, "attrition", "", asked) == {"c_1": Score("attrition", 0.7, told)}
    [appetence] = load_scores(con, "appetence", "COFFEE", asked).values()
    assert (appetence.name, appetence.probability) == ("appetence:COFFEE", 0.3)
    assert load_scores(con, "attrition", "", []) == {}
