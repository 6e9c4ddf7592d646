"""A publication says who nobody is, and is whole or not there at all."""

from __future__ import annotations

import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from contract.crash_points import KILLED
from contract.errors import ConfigError
from governance.publishing.build import Stamp
from governance.publishing.documents import TableDocument
from governance.publishing.pseudonyms import pseudonym
from governance.publishing.publish import current_publication, publish, read_meta

Stamps = Callable[[str], Stamp]
Documents = dict[str, TableDocument]
QUASI = ["age_band", "income_band", "home_ownership", "marital_status", "household_size"]


def change(warehouse: Path) -> None:
    with duckdb.connect(str(warehouse)) as con:
        con.execute("update marts.customer_360 set net_amount = net_amount + 1")


def test_no_direct_identifier_and_no_real_id_is_in_the_public_files(
    warehouse: Path, tmp_path: Path, documents: Documents, stamp: Stamps
) -> None:
    folder = publish(warehouse, tmp_path, stamp("run-1"), documents).folder
    with duckdb.connect(str(folder / "public.duckdb"), read_only=True) as con:
        columns = {
            row[0] for row in con.execute("select column_name from duckdb_columns()").fetchall()
        }
        ids = {row[0] for row in con.execute("select customer_id from marts.rfm").fetchall()}
    assert not columns & {"customer_key", "email", "first_name"}
    assert pseudonym("c_0000000000000001", b"k" * 32) in ids
    for path in [folder / "public.duckdb", *(folder / "parquet").iterdir()]:
        assert b"c_0000000000000001" not in path.read_bytes()
    with duckdb.connect(str(folder / "named.duckdb"), read_only=True) as con:
        assert con.execute(
            "select max(customer_key), min(customer_id) from marts.customer_360"
        ).fetchall()


def test_every_combination_of_quasi_identifiers_is_shared_by_ten_people(
    warehouse: Path, tmp_path: Path, documents: Documents, stamp: Stamps
) -> None:
    folder = publish(warehouse, tmp_path, stamp("run-1"), documents).folder
    with duckdb.connect(str(folder / "public.duckdb"), read_only=True) as con:
        groups = con.execute(
            f"select {', '.join(QUASI)}, count(*) from marts.customer_360 group by all"
        ).fetchall()
    assert [g for g in groups if g[-1] < 10 and any(g[:-1])] == []
    assert any(any(g[:-1]) for g in groups), "the rule emptied everything"


def test_the_named_file_is_for_its_owner_only(
    warehouse: Path, tmp_path: Path, documents: Documents, stamp: Stamps
) -> None:
    folder = publish(warehouse, tmp_path, stamp("run-1"), documents).folder
    assert stat.S_IMODE((folder / "named.duckdb").stat().st_mode) == 0o600


def test_meta_is_the_same_in_every_file(
    warehouse: Path, tmp_path: Path, documents: Documents, stamp: Stamps
) -> None:
    folder = publish(warehouse, tmp_path, stamp("run-1"), documents).folder
    sources = [
        f"'{folder}/parquet/meta.parquet'",
        *(f"{name}.main.meta" for name in ("public", "named")),
    ]
    with duckdb.connect() as con:
        for name in ("public", "named"):
            con.execute(f"attach '{folder}/{name}.duckdb' as {name} (read_only)")
        metas = {con.execute(f"select * from {source}").fetchone() for source in sources}
    assert len(metas) == 1


def test_every_published_column_is_in_the_dictionary(
    warehouse: Path, tmp_path: Path, documents: Documents, stamp: Stamps
) -> None:
    folder = publish(warehouse, tmp_path, stamp("run-1"), documents).folder
    with duckdb.connect(str(folder / "public.duckdb"), read_only=True) as con:
        built = con.execute(
            "select schema_name || '.' || table_name, column_name from duckdb_columns() "
            "where schema_name not in ('main', 'information_schema', 'pg_catalog')"
        ).fetchall()
        described = con.execute("select table_name, column_name from dictionary").fetchall()
    assert sorted(built) == sorted(described)


def test_nothing_new_rewrites_nothing(
    warehouse: Path, tmp_path: Path, documents: Documents, stamp: Stamps
) -> None:
    first = publish(warehouse, tmp_path, stamp("run-1"), documents)
    with duckdb.connect(str(warehouse)) as con:
        con.execute("update segments.sizes set run_id = 'run-2'")  # bookkeeping only
    second = publish(warehouse, tmp_path, stamp("run-2"), documents)
    assert second.is_unchanged
    assert second.folder == first.folder
    assert [path.name for path in (tmp_path / "publications").iterdir()] == ["run-1"]
    change(warehouse)
    assert not publish(warehouse, tmp_path, stamp("run-3"), documents).is_unchanged


def test_an_untagged_column_is_refused_by_name_and_the_old_publication_stays(
    warehouse: Path, tmp_path: Path, documents: Documents, stamp: Stamps
) -> None:
    publish(warehouse, tmp_path, stamp("run-1"), documents)
    with duckdb.connect(str(warehouse)) as con:
        con.execute("alter table marts.rfm add column secret varchar")
    with pytest.raises(ConfigError, match=r"marts\.rfm\.secret"):
        publish(warehouse, tmp_path, stamp("run-2"), documents)
    assert current_publication(tmp_path) == tmp_path / "publications" / "run-1"


def test_a_quasi_identifier_of_another_table_is_refused(
    warehouse: Path, tmp_path: Path, documents: Documents, stamp: Stamps
) -> None:
    rfm = documents["marts.rfm"]
    stray = {n: c for n, c in rfm.columns.items() if n != "rfm_score"}
    tagged = type(rfm.columns["rfm_score"])("rfm_score", "quasi", "", "", "", "observed")
    changed = TableDocument(rfm.name, rfm.description, {**stray, "rfm_score": tagged})
    with pytest.raises(ConfigError, match="rfm_score"):
        publish(warehouse, tmp_path, stamp("run-1"), {**documents, "marts.rfm": changed})


def test_the_last_three_publications_are_kept(
    warehouse: Path, tmp_path: Path, documents: Documents, stamp: Stamps
) -> None:
    for n in range(1, 6):
        change(warehouse)
        publish(warehouse, tmp_path, stamp(f"run-{n}"), documents)
    kept = sorted(path.name for path in (tmp_path / "publications").iterdir())
    assert kept == ["run-3", "run-4", "run-5"]


def test_the_same_run_publishing_other_rows_gets_a_folder_of_its_own(
    warehouse: Path, tmp_path: Path, documents: Documents, stamp: Stamps
) -> None:
    first = publish(warehouse, tmp_path, stamp("run-1"), documents)
    change(warehouse)
    second = publish(warehouse, tmp_path, stamp("run-1"), documents)
    assert first.folder != second.folder
    assert first.folder.exists()


CRASHING = """
import sys
from datetime import datetime
from pathlib import Path
from contract.crash_points import arm
from governance.publishing.build import Stamp
from governance.publishing.documents import load_documents
from governance.publishing.publish import publish
home = Path(sys.argv[1])
arm(sys.argv[2])
stamp = Stamp("run-2", datetime(2018, 1, 1, 7), "0.1.0", b"k" * 32)
publish(home / "habitue.duckdb", home, stamp, load_documents(home / "marts"))
"""


@pytest.mark.parametrize(
    "crash", [("publish.before_rename", "run-1"), ("publish.after_rename", "run-2")]
)
def test_a_kill_leaves_one_whole_publication_and_the_next_run_goes_on(
    crash: tuple[str, str],
    warehouse: Path,
    tmp_path: Path,
    documents: Documents,
    stamp: Stamps,
) -> None:
    point, seen = crash
    publish(warehouse, tmp_path, stamp("run-1"), documents)
    change(warehouse)
    killed = subprocess.run([sys.executable, "-c", CRASHING, tmp_path, point], check=False)
    assert killed.returncode == KILLED
    current = current_publication(tmp_path)
    assert current is not None
    assert read_meta(current)["run_id"] == seen
    report = publish(warehouse, tmp_path, stamp("run-2"), documents)
    assert report.is_unchanged is (seen == "run-2")
    assert read_meta(report.folder)["run_id"] == "run-2"
    assert not list((tmp_path / "publications").glob(".building-*"))
