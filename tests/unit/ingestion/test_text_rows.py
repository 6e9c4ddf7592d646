"""Text files are read whatever they hold, each row with the line where it begins."""

import pytest

from ingestion.feed import Reading
from ingestion.text_rows import csv_batches, csv_header

CSV = Reading("csv", encoding="utf-8-sig", separator=";")


def _rows(path, reading=CSV, read=csv_batches):
    return [row for batch in read(path, reading) for row in batch.to_pylist()]


def _file(tmp_path, content):
    path = tmp_path / "file.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path):
    path = _file(tmp_path, "\ufeffclé;ville\r\n1;Nîmes\r\n")
    assert csv_header(path, CSV) == ("clé", "ville")
    assert _rows(path)[0]["ville"] == "Nîmes"


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "utf-16"])
def test_a_declared_encoding_is_used(tmp_path, encoding):
    path = _file(tmp_path, "clé;ville\n1;Orléans\n".encode(encoding))
    reading = Reading("csv", encoding=encoding, separator=";")
    assert _rows(path, reading)[0]["ville"] == "Orléans"


def test_line_numbers_survive_cells_over_several_lines_and_empty_lines(tmp_path):
    path = _file(tmp_path, 'a;b\n"x\ny";1\n\n2;"p;q"\n')
    assert [(row["a"], row["b"], row["_file_line"]) for row in _rows(path)] == [
        ("x\ny", "1", 2),
        ("2", "p;q", 5),
    ]


def test_a_ragged_row_keeps_its_text_and_its_line(tmp_path):
    rows = _rows(_file(tmp_path, "a;b\n1;2\n3\n4;5;6\n7;8\n"))
    assert [row["_file_line"] for row in rows if row["_problem"]] == [3, 4]
    assert rows[2]["_raw_text"] == "4;5;6"
    assert rows[3]["b"] == "8"


@pytest.mark.parametrize("tail", [3, 500])
def test_a_quote_never_closed_costs_one_row_only(tmp_path, tail):
    good = "".join(f"{n};x\n" for n in range(tail))
    rows = _rows(_file(tmp_path, f'a;b\n"open;1\n{good}'))
    assert len(rows) == tail + 1
    assert [row["_file_line"] for row in rows if row["_problem"]] == [2]
    assert rows[-1]["_file_line"] == tail + 2


def test_a_byte_that_is_not_text_costs_its_row_only(tmp_path):
    rows = _rows(_file(tmp_path, b"a;b\n1;ok\n2;\xe9\n3;ok\n"))
    assert [row["_file_line"] for row in rows if row["_problem"]] == [3]
    assert "utf-8" in rows[1]["_problem"]


def test_an_empty_file_has_no_column_and_no_row(tmp_path):
    path = _file(tmp_path, "")
    assert csv_header(path, CSV) == ()
    assert _rows(path) == []
