"""The macro that recognises telephone numbers in models agrees with the normaliser of the load."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment

from contract.normalisation import normalise_phone

MACROS = Path(__file__).parents[3] / "dbt_project" / "macros" / "keys.sql"
TRUNK = {"FR": "0612345678", "BE": "0470123456", "CH": "0791234567", "DE": "01701234567"}
CODES = {"FR": "33", "BE": "32", "CH": "41", "DE": "49"}


@pytest.fixture(scope="module")
def sql() -> str:
    macros = Environment(autoescape=False).from_string(MACROS.read_text()).module  # noqa: S701
    expression: str = macros.normalised_phone("raw.phone", "raw.country")  # type: ignore[attr-defined]
    return f"select {expression} from (select ? as phone, ? as country) as raw"


@settings(max_examples=60, derandomize=True, print_blob=True, deadline=None)
@given(
    country=st.sampled_from(sorted(TRUNK)),
    gap=st.sampled_from(["", " ", ".", "-", " / "]),
    form=st.sampled_from(["national", "plus", "zeros", "plus with (0)"]),
    tail=st.from_regex(r"[0-9]{6}", fullmatch=True),
)
def test_a_number_has_one_writing_in_the_load_and_in_the_models(
    sql: str, country: str, gap: str, form: str, tail: str
) -> None:
    national = TRUNK[country][:-6] + tail
    head = {
        "national": "0",
        "plus": f"+{CODES[country]}",
        "zeros": f"00{CODES[country]}",
        "plus with (0)": f"+{CODES[country]} (0)",
    }[form]
    raw = head + gap + gap.join(national[1:])
    found = duckdb.sql(sql, params=[raw, country]).fetchone()
    assert found == (normalise_phone(raw, country),)
    assert found == (f"+{CODES[country]}{national[1:]}",)
