"""Decisions are appended, never changed: the last about a pair holds, whatever order it names."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from contract.errors import ConfigError
from identity.overrides import COLUMNS, Decision, append, read, standing

APART = Decision("never_same", "shop|1", "tills|7", "Anne", date(2026, 1, 5), "Father, and son")


def test_a_decision_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "identity" / "overrides.csv"
    append(path, APART)
    append(path, replace(APART, decision="same", other_record_id="shop|2", reason="Elle l’a dit"))
    assert [row.decision for row in read([tmp_path / "absent.csv", path])] == ["never_same", "same"]
    assert read([path])[0] == APART
    assert path.read_text().splitlines()[0] == ",".join(COLUMNS)


def test_the_last_word_about_a_pair_holds_and_a_withdrawn_one_is_none(tmp_path: Path) -> None:
    turned = replace(APART, record_id="tills|7", other_record_id="shop|1")
    path = tmp_path / "overrides.csv"
    append(path, APART)
    append(path, replace(turned, decision="same", decided_on=date(2026, 1, 6)))
    assert [row.decision for row in standing(read([path]))] == ["same"]
    append(path, replace(APART, decision="withdrawn", decided_on=date(2026, 1, 7)))
    assert standing(read([path])) == []
    # Kept all the same: who decided what, and when, can be asked for ever.
    assert len(read([path])) == 3


def test_an_earlier_decision_in_another_file_does_not_win(tmp_path: Path) -> None:
    project, home = tmp_path / "project.csv", tmp_path / "home.csv"
    append(project, APART)
    append(home, replace(APART, decision="withdrawn", decided_on=date(2026, 1, 4)))
    assert standing(read([project, home])) == [APART]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("never,shop|1,tills|7,Anne,2026-01-05,why", "no decision 'never'. Did you mean"),
        ("same,shop|1,shop|1,Anne,2026-01-05,why", "needs two different records"),
        ("same,shop|1,shop|2,,2026-01-05,why", "needs a name in decided_by"),
        ("same,shop|1,shop|2,Anne,5/1/2026,why", "decided_on must be a date"),
        ("same,shop|1,shop|2,Anne,2026-01-05", "has 5 values, expected 6"),
    ],
)
def test_a_row_of_no_use_is_refused_with_its_line(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "overrides.csv"
    path.write_text(",".join(COLUMNS) + "\n" + line + "\n")
    with pytest.raises(ConfigError, match="line 2") as refused:
        read([path])
    assert said in str(refused.value)


def test_a_row_without_a_reason_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "overrides.csv"
    with pytest.raises(ConfigError, match="a reason"):
        append(path, replace(APART, reason=" "))
    assert not path.exists()
