"""How one cell becomes a typed value: numbers, dates, keys and signs as the source writes them."""

from dataclasses import replace

import duckdb
import pytest

from contract.entity import Column
from ingestion.column_rules import ColumnRule, parse_rule
from ingestion.column_sql import SourceColumns, column_sql
from ingestion.feed import Reading

FRENCH = Reading("csv", decimal=",", date_format="%d/%m/%Y", time_zone="Europe/Paris")
PLAIN = Reading("csv")


def _value(cell, kind, reading=PLAIN, rule=None, cell_type="VARCHAR"):
    """(value as text, given) of one cell."""
    column = Column("c", kind, "", "public")
    built = column_sql(
        rule or ColumnRule("c", sources=("x",)), column, SourceColumns({"x": cell_type}, reading)
    )
    query = (
        f"select cast({built.value} as varchar), {built.given} from (select ?::{cell_type} as x)"
    )
    return duckdb.execute(query, [cell]).fetchone()


@pytest.mark.parametrize(
    ("cell", "reading", "expected"),
    [
        ("12.50", PLAIN, "12.50"),
        ("12,50", FRENCH, "12.50"),
        ("1 234,56", FRENCH, "1234.56"),
        ("1\u00a0234,56", FRENCH, "1234.56"),
        ("1\u202f234,56", FRENCH, "1234.56"),
        ("-3", FRENCH, "-3.00"),
        ("12.50", FRENCH, None),
        ("12,50", PLAIN, None),
        ("1E+15", PLAIN, None),
        ("nan", PLAIN, None),
        ("12 €", PLAIN, None),
        ("1.234,56", replace(FRENCH, thousands="."), "1234.56"),
    ],
)
def test_an_amount_is_read_with_the_declared_marks_only(cell, reading, expected):
    assert _value(cell, "decimal(18,2)", reading) == (expected, True)


@pytest.mark.parametrize(
    ("cell", "expected"), [("7", "7"), ("7.0", "7"), ("1.5", None), ("x", None), ("+7", "7")]
)
def test_a_whole_number_is_never_rounded(cell, expected):
    assert _value(cell, "integer") == (expected, True)


@pytest.mark.parametrize(
    ("cell", "reading", "expected"),
    [
        ("01/07/2029", FRENCH, "2029-06-30 22:00:00"),
        ("01/12/2029", FRENCH, "2029-11-30 23:00:00"),
        ("31/02/2029", FRENCH, None),
        ("2029-07-01 10:00:00", PLAIN, "2029-07-01 10:00:00"),
        ("2029-07-01T10:00:00+02:00", PLAIN, "2029-07-01 08:00:00"),
        ("2029-07-01T10:00:00Z", replace(PLAIN, time_zone="Europe/Paris"), "2029-07-01 10:00:00"),
        ("2029-07-01 10:00", replace(PLAIN, time_zone="Europe/Paris"), "2029-07-01 08:00:00"),
        ("infinity", PLAIN, None),
        ("12/31/2029", FRENCH, None),
    ],
)
def test_a_time_is_utc_whatever_its_zone(cell, reading, expected):
    assert _value(cell, "timestamp", reading) == (expected, True)


def test_an_empty_cell_and_a_declared_null_mark_are_missing_not_wrong():
    assert _value("  ", "integer") == (None, False)
    assert _value("N/A", "integer", replace(PLAIN, nulls=("N/A",))) == (None, False)


def test_a_key_keeps_its_leading_zeros_and_a_float_key_loses_its_point():
    assert _value(" 00042 ", "text") == ("00042", True)
    assert _value(42.0, "text", cell_type="DOUBLE") == ("42", True)
    assert _value(42, "text", cell_type="BIGINT") == ("42", True)


def test_typed_cells_that_are_no_values_are_refused():
    assert _value(float("nan"), "decimal(18,2)", cell_type="DOUBLE") == (None, True)
    assert _value("infinity", "timestamp", cell_type="TIMESTAMP") == (None, True)
    assert _value(1.5, "integer", cell_type="DOUBLE") == (None, True)
    assert _value(1.39, "decimal(18,2)", cell_type="DOUBLE") == ("1.39", True)


def _rule(body, kind="text"):
    return parse_rule("here", Column("c", kind, "", "public"), body)


def test_a_sign_a_product_a_map_and_a_condition():
    assert (
        _value("5", "integer", rule=_rule({"from": "x", "sign": "negative"}, "integer"))[0] == "-5"
    )
    assert _value("1.5", "decimal(18,2)", rule=_rule({"multiply": ["x", "x"]}))[0] == "2.25"
    assert _value("a", "text", rule=_rule({"from": "x", "map": {"a": "b"}})) == ("b", True)
    assert _value("z", "text", rule=_rule({"from": "x", "map": {"a": "b"}})) == (None, True)
    other = _rule({"from": "x", "map": {"a": "b"}, "otherwise": "c"})
    assert _value("z", "text", rule=other) == ("c", True)
    begins = _rule({"when": [{"column": "x", "begins_with": "C", "value": "k"}], "otherwise": "s"})
    assert _value("C12", "text", rule=begins)[0] == "k"
    assert _value("12", "text", rule=begins)[0] == "s"


def test_a_quote_in_a_name_or_a_value_stays_data():
    column = Column("c", "text", "", "public")
    source = SourceColumns({'a"b': "VARCHAR"}, PLAIN)
    rule = ColumnRule("c", sources=('a"b',), values=(("it's", "yes"),))
    value = column_sql(rule, column, source).value
    assert duckdb.execute(f"""select {value} from (select 'it''s' as "a""b")""").fetchone() == (
        "yes",
    )
