"""The figures of the bench of identity, by hand; and what it says without its files."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from demo.bench import identity_febrl
from demo.bench.agreement import agreement


def test_agreement_counts_pairs_of_records() -> None:
    # Clusters 1,1,1 and 2,2 over persons a,a,b and b,c: four pairs found, two true, one both.
    placed = "select unnest([1, 1, 1, 2, 2]) as cluster_id, unnest(list_value('a','a','b','b','c'))"
    with duckdb.connect() as con:
        agreed = agreement(con, f"{placed} as person_id")
    assert (agreed.found_count, agreed.true_count, agreed.both_count) == (4, 2, 1)
    assert (agreed.precision, agreed.recall) == (0.25, 0.5)
    assert agreed.f1 == pytest.approx(1 / 3)


def test_a_folder_without_the_files_of_febrl_meets_no_goal_and_says_which(tmp_path: Path) -> None:
    said: list[str] = []
    assert not identity_febrl.measure(tmp_path, said.append)
    assert sum("no dataset3.csv" in line for line in said) == 2
    assert identity_febrl.measure(None, said.append)
    assert "not run" in said[-1]
