"""Formats of cells follow the type of the column."""

from pathlib import Path

import pytest

from activation.cells import number_format
from activation.columns import load_columns

TEXT = """
models:
  - name: m
    columns:
      - {name: asked, data_type: "%s"}
      - {name: some_share, data_type: double}
"""


@pytest.mark.parametrize(
    ("data_type", "shown"),
    [
        ("bigint", "#,##0"),
        ("integer", "#,##0"),
        ("decimal(18,0)", "#,##0"),
        ("decimal(18,2)", "#,##0.00"),
        ("decimal(18, 4)", "#,##0.00"),
        ("double", "#,##0.00"),
        ("varchar", "@"),
    ],
)
def test_a_whole_number_has_no_decimal_mark_and_an_amount_has_two_decimals(
    tmp_path: Path, data_type: str, shown: str
) -> None:
    (tmp_path / "m.yml").write_text(TEXT % data_type)
    columns = load_columns(tmp_path)["m"]
    assert number_format(columns["asked"], "fr") == shown
    assert number_format(columns["some_share"], "en") == "0.0%"
