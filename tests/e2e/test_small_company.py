"""The whole graph on a small company: what it makes, and what a second run leaves alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.fixtures.command import Watched, habitue, run_demo
from tests.fixtures.contents import effects, exported, tables

Copy = Callable[[Path], Path]


def test_every_layer_has_rows_and_every_named_file_opens(small_company: Path) -> None:
    found = tables(small_company)
    for table in ("raw_files.order_lines", "core.fct_orders", "marts.customer_360",
                  "marts.rfm", "marts.pmg", "ml.scores", "segments.members"):  # fmt: skip
        assert found[table][0] > 0, table
    with duckdb.connect(str(small_company / "published" / "public.duckdb"), read_only=True) as con:
        assert con.execute("select count(*) from marts.customer_360").fetchall() == [(200,)]
    for page in ("site/en/overview.html", "site/fr/overview.html", "exports/index.html"):
        assert (small_company / page).stat().st_size > 1000
    assert effects(small_company)


def test_a_run_speaks_to_this_machine_only(watched_run: Watched) -> None:
    assert watched_run.network == []
    assert watched_run.finished.code == 0


def test_a_run_changes_no_file_outside_its_home(watched_run: Watched) -> None:
    assert watched_run.changed_files == []


def test_a_second_run_with_nothing_new_changes_and_delivers_nothing(
    small_company: Path, copy_of: Copy
) -> None:
    home = copy_of(small_company)
    before = tables(home), effects(home), exported(home), (home / "published").readlink()
    done = run_demo(home)
    assert (tables(home), effects(home), exported(home), (home / "published").readlink()) == before
    assert done.output.count("unchanged since run") >= 5


def run_again(home: Path, *flags: str) -> None:
    done = habitue(home, "run", *flags)
    assert done.code == 0, done.output[-4000:]


def sizes(home: Path, columns: str) -> list[tuple[object, ...]]:
    path = str(home / "warehouse" / "habitue.duckdb")
    with duckdb.connect(path, read_only=True) as con:
        return con.execute(f"select segment, {columns} from segments.sizes order by all").fetchall()


@pytest.mark.slow
def test_what_is_skipped_equals_what_is_built_again(small_company: Path, copy_of: Copy) -> None:
    home = copy_of(small_company)
    run_again(home, "--force")  # its models are of its first run: they are kept for a week
    before, counted = tables(home), sizes(home, "member_count")
    run_again(home)
    assert tables(home) == before
    run_again(home, "--force")
    after = tables(home)
    assert {name for name in before if after[name] != before[name]} <= {"segments.sizes"}
    # What may differ is who moved since the count before: on a second count of one day, nobody.
    assert sizes(home, "member_count") == counted
    moved = "member_count, entered_count, stayed_count, left_count"
    assert sizes(home, moved) == sizes(home, "member_count, 0, member_count, 0")


@pytest.mark.slow
def test_one_delivery_more_equals_a_company_that_had_it_from_the_start(
    small_company: Path, tmp_path: Path
) -> None:
    home = tmp_path / "var"
    run_demo(home)
    ours, theirs = tables(home), tables(small_company)
    # A model is kept for a week, so the company that grew scores with the model it has.
    same = {name for name in ours if not name.startswith(("ml.", "segments."))}
    differing = {n for n in same if ours[n] != theirs.get(n)}
    assert differing <= {"marts.customer_360", "marts.customer_categories"}
