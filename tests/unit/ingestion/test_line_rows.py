"""JSON lines are read whatever they hold, each with its number; empty lines are no rows."""

import gzip
import json
import math

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion import limits, line_rows
from ingestion.feed import Reading
from ingestion.line_rows import line_batches, top_keys
from ingestion.nested import json_row_sql

UTF8 = Reading("jsonl", encoding="utf-8-sig")


def _rows(path, *paths, reading=UTF8):
    """One dictionary per line, with the values of the paths."""
    rows = []
    with duckdb.connect() as con:
        for batch in line_batches(path, reading):
            con.register("lines", batch)
            sql = json_row_sql("lines", paths, frozenset())
            rows += con.execute(sql).fetch_arrow_table().to_pylist()
    return rows


def _file(tmp_path, content, name="file.jsonl"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_values_nested_ones_and_what_is_broken(tmp_path):
    path = _file(tmp_path, '\ufeff{"a": 1}\r\n\r\n{"b": {"c": [2]}}\n{"a": \n[1]\n')
    assert top_keys(path, UTF8) == ("a", "b")
    rows = _rows(path, "a", "b", "b.c")
    found = [
        (row["a"], row["b"], row["b.c"], row["_file_line"], bool(row["_problem"])) for row in rows
    ]
    assert found == [
        ("1", None, None, 1, False),
        (None, '{"c":[2]}', "[2]", 3, False),
        (None, None, None, 4, True),
        (None, None, None, 5, True),
    ]
    assert rows[2]["_raw_text"] == '{"a": '


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-16-le"])
def test_a_declared_encoding_is_used(tmp_path, encoding):
    path = _file(tmp_path, '{"ville": "Orléans"}\n'.encode(encoding))
    assert _rows(path, "ville", reading=Reading("jsonl", encoding))[0]["ville"] == "Orléans"


def test_a_line_that_is_no_text_costs_itself_only(tmp_path):
    path = _file(tmp_path, b'{"a": "x"}\n{"a": "\xe9"}\n{"a": "\\ud800"}\n{"a": "y"}\n')
    rows = _rows(path, "a")
    assert [row["a"] for row in rows] == ["x", None, None, "y"]
    assert rows[1]["_problem"] == "the line is not utf-8"
    assert rows[2]["_problem"] == "the line is not a JSON object"


@pytest.mark.parametrize("chunk_bytes", [1, 3, 7, 64])
def test_lines_and_numbers_do_not_depend_on_how_the_file_is_cut(tmp_path, monkeypatch, chunk_bytes):
    content = "".join(f'{{"n": "é{n}"}}\n' + "\n" * (n % 3) for n in range(30)) + '{"n": "last"}'
    path = _file(tmp_path, content)
    whole = _rows(path, "n")
    monkeypatch.setattr(line_rows, "CHUNK_BYTES", chunk_bytes)
    assert _rows(path, "n") == whole
    assert len(whole) == 31


def test_a_line_beyond_the_limit_costs_itself_only(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "LINE_BYTES", 1000)
    monkeypatch.setattr(line_rows, "CHUNK_BYTES", 100)
    path = _file(tmp_path, '{"a": 1}\n{"a": "' + "x" * 50_000 + '"}\n{"a": 2}\n')
    rows = _rows(path, "a")
    assert [(row["a"], row["_file_line"]) for row in rows] == [("1", 1), (None, 2), ("2", 3)]
    assert "longer than" in rows[1]["_problem"]


def test_a_line_that_nests_too_deep_costs_itself_only(tmp_path):
    deep = '{"a": ' + "[" * 200 + "]" * 200 + "}"
    wide = json.dumps({"a": [[]] * 200, "b": "[" * 300})
    rows = _rows(_file(tmp_path, f"{wide}\n{deep}\n{wide}\n"), "b")
    assert [bool(row["_problem"]) for row in rows] == [False, True, False]
    assert "deeper" in rows[1]["_problem"]


def test_gzip_is_known_by_its_content_and_may_come_in_members(tmp_path):
    packed = gzip.compress(b'{"a": 1}\n') + gzip.compress(b'{"a": 2}\n')
    assert [row["a"] for row in _rows(_file(tmp_path, packed), "a")] == ["1", "2"]


SCALAR = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(st.characters(codec="utf-8"), max_size=6),
    st.floats(allow_nan=False, allow_infinity=False),
)  # fmt: skip


@settings(deadline=None, print_blob=True)
@given(rows=st.lists(st.dictionaries(st.sampled_from("abc"), SCALAR), max_size=6))
def test_every_scalar_comes_back_as_python_reads_it(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("lines") / "file.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    for row, found in zip(rows, _rows(path, "a", "b", "c"), strict=True):
        assert found["_problem"] is None
        for name in "abc":
            _is_same(row.get(name), found[name])


def _is_same(value, text):
    if isinstance(value, bool) or value is None:
        assert text == {True: "true", False: "false", None: None}[value]
    elif isinstance(value, float):
        assert math.isclose(float(text), value, rel_tol=1e-15)
    else:
        assert text == str(value)
