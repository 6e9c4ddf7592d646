"""What a person does in the Dagster UI: run months again, one asset again, one segment alone."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb

from tests.fixtures.command import ROOT, habitue
from tests.fixtures.contents import tables
from tests.fixtures.inside import inside

BACKFILL = """
months = ["2017-10", "2017-11", "2017-12"]
names = ["raw_files/order_lines", "features/customer_features"]
answer["done"] = [materialise(here, month, name) for name in names for month in months]
found = here.fetch_materializations(dg.AssetKey(names[1].split("/")), limit=3).records
answer["partitions"] = sorted(record.partition_key for record in found)
"""

RENAMED = """
try:
    launch(settings, Request(), ConsoleProgress())
except RunFailed as failed:
    answer["message"] = str(failed)
answer["publication"] = settings.published.readlink()
"""

AGAIN = """
answer["done"] = materialise(here, "2018-01", "raw_files/campaigns")
answer["publication"] = settings.published.readlink()
latest = here.get_latest_materialization_event(dg.AssetKey(["raw_files", "campaigns"]))
metadata = latest.asset_materialization.metadata
answer["loaded"] = metadata["rows_loaded"].value
"""


def test_three_months_backfilled_succeed_and_change_no_table(
    small_company: Path, copy_of: Callable[[Path], Path]
) -> None:
    home = copy_of(small_company)
    answer = inside(home, BACKFILL)
    assert answer["done"] == [True] * 6
    assert answer["partitions"] == ["2017-10", "2017-11", "2017-12"]
    assert tables(home) == tables(small_company)


def deliver_campaigns(landing: Path, header: str) -> None:
    """A delivery of January with one file: two campaigns under this header."""
    text = f"{header}\n31;Campaign 31;Type A;2018-01-08;2018-02-08\n"
    path = landing / "campaigns-2018-01.csv"
    path.write_text(text)
    manifest = json.loads((landing / "2017-12.manifest.json").read_text())
    manifest |= {
        "delivered_at": "2018-01-01T12:00:00Z",
        "covers_from": "2018-01-01T05:00:00Z",
        "covers_until": "2018-02-01T05:00:00Z",
        "files": [
            {
                "name": path.name,
                "rows": 1,
                "bytes": len(text),
                "sha256": hashlib.sha256(text.encode()).hexdigest(),
            }
        ],
    }
    (landing / "2018-01.manifest.json").write_text(json.dumps(manifest))


def test_a_renamed_column_keeps_yesterdays_publication_until_its_asset_is_run_again(
    small_company: Path, copy_of: Callable[[Path], Path]
) -> None:
    home = copy_of(small_company)
    landing = home / "landing" / "complete_journey"
    yesterday = (home / "published").readlink()
    deliver_campaigns(landing, "campaign_id;title;campaign_type;start_date;end_date")
    failed = inside(home, RENAMED)
    assert "raw_files" in failed["message"]
    assert "campaign_name" in failed["message"]
    assert "title" in failed["message"]
    assert failed["publication"] == str(yesterday)
    deliver_campaigns(landing, "campaign_id;campaign_name;campaign_type;start_date;end_date")
    again = inside(home, AGAIN)
    assert again == {"done": True, "publication": str(yesterday), "loaded": 1}


def members(home: Path) -> dict[str, int]:
    with duckdb.connect(str(home / "warehouse" / "habitue.duckdb"), read_only=True) as con:
        return dict(con.execute("select segment, member_count from segments.sizes").fetchall())


def test_one_changed_segment_is_materialised_alone(
    small_company: Path, copy_of: Callable[[Path], Path], tmp_path: Path
) -> None:
    home, segments = copy_of(small_company), tmp_path / "segments"
    shutil.copytree(ROOT / "activation" / "segments", segments)
    path = segments / "lapsed_big_spenders.yml"
    before = path.read_text()
    path.write_text(before.replace("at_least: 1000", "at_least: 1"))
    assert path.read_text() != before
    done = habitue(
        home,
        *("run", "--select", "segments/lapsed_big_spenders"),
        more={"HABITUE_SEGMENTS_DIR": str(segments)},
    )
    assert done.code == 0, done.output[-3000:]
    was, now = members(small_company), members(home)
    assert now["lapsed_big_spenders"] > was["lapsed_big_spenders"]
    assert {n: c for n, c in now.items() if n != path.stem} == {
        n: c for n, c in was.items() if n != path.stem
    }
    with duckdb.connect(str(home / "published" / "public.duckdb"), read_only=True) as con:
        (kept,) = con.execute(
            "select member_count from segments.sizes where segment = 'lapsed_big_spenders'"
        ).fetchall()
    assert kept == (was["lapsed_big_spenders"],)  # a publication is not part of one segment's run
