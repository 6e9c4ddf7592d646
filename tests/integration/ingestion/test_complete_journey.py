"""The real retailer reaches the raw tables to the row and to the cent, and opens no socket."""

import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from contract.entity import load_entities
from demo.complete_journey import land, land_day, package_data
from ingestion.declarations import load_declarations
from ingestion.load import load_entity
from ingestion.place import Place
from ingestion.raw_tables import prepare

PROJECT_ROOT = Path(__file__).parents[3]
NOW = datetime(2030, 1, 1, tzinfo=UTC)
SMALL = {"households": 200, "months": 6}


@pytest.fixture(scope="module")
def landing(tmp_path_factory):
    folder = tmp_path_factory.mktemp("landing")
    land(folder, **SMALL)
    return folder


@pytest.fixture(scope="module")
def loaded(landing, tmp_path_factory):
    work = tmp_path_factory.mktemp("work")
    entities = load_entities()
    declarations = load_declarations(PROJECT_ROOT / "ingestion" / "files", entities)
    with duckdb.connect(str(work / "warehouse.duckdb"), config={"threads": 2}) as con:
        prepare(con, entities)
        reports = {
            name: load_entity(con, entity, declarations, Place(landing, work), now=NOW)
            for name, entity in entities.items()
        }
        yield con, reports


def test_landing_again_rewrites_nothing(landing):
    before = {path: path.stat().st_mtime_ns for path in landing.rglob("*")}
    assert land(landing, **SMALL) == []
    assert {path: path.stat().st_mtime_ns for path in landing.rglob("*")} == before


def test_another_cut_in_the_same_folder_is_refused(landing):
    with pytest.raises(ValueError, match="another cut"):
        land(landing)


def test_months_land_one_by_one_as_they_land_at_once(landing, tmp_path):
    for month in ("2017-07", "2017-08"):
        assert len(land(tmp_path, window=(month, month), **SMALL)) == 1
    for path in sorted((tmp_path / "complete_journey").iterdir()):
        assert path.read_bytes() == (landing / "complete_journey" / path.name).read_bytes()


def test_a_day_that_came_before_its_month_counts_once(landing, tmp_path):
    day = date(2017, 7, 3)
    assert len(land_day(tmp_path, day, **SMALL)) == 1
    assert land_day(tmp_path, day, **SMALL) == []
    entities = load_entities()
    declarations = load_declarations(PROJECT_ROOT / "ingestion" / "files", entities)
    with duckdb.connect(str(tmp_path / "warehouse.duckdb"), config={"threads": 2}) as con:
        prepare(con, entities)
        place = Place(tmp_path, tmp_path / "work")
        lines = entities["order_lines"]
        first = load_entity(con, lines, declarations, place, now=NOW)
        land(tmp_path, window=("2017-07", "2017-07"), **SMALL)
        month = load_entity(con, lines, declarations, place, now=NOW)
        held = con.execute("select count(*), count(distinct source_key) from raw_files.order_lines")
        ((count, distinct),) = held.fetchall()
    assert first.rows_loaded == month.rows_duplicate > 0
    assert count == distinct == month.rows_read


def test_every_table_balances_and_nothing_is_quarantined(loaded):
    con, reports = loaded
    assert all(report.is_balanced for report in reports.values())
    assert con.execute("select count(*) from quarantine.files").fetchone() == (0,)
    assert reports["coupons"].rows_duplicate > 0


def test_till_lines_equal_the_source_to_the_cent(loaded):
    con, _ = loaded
    source = con.execute(f"""
        select count(*), sum(sales_value::decimal(18, 2)), count(distinct basket_id),
            sum(retail_disc::decimal(18, 2))
        from read_parquet('{package_data() / "transactions.parquet"}')
        where household_id::varchar in (select customer_key from raw_files.customers)
            and timezone('America/New_York', timezone('UTC', transaction_timestamp))
                >= timestamp '2017-07-01'""").fetchone()
    raw = con.execute("""
        select count(*), sum(net_amount), count(distinct order_key), sum(retail_discount_amount)
        from raw_files.order_lines""").fetchone()
    assert raw == source


def test_the_small_company_has_households_of_varied_activity(loaded):
    con, _ = loaded
    counts = con.execute("""
        select count(distinct order_key) from raw_files.customers
        left join raw_files.order_lines using (customer_key) group by customer_key""").fetchall()
    assert len(counts) == 200
    assert min(counts)[0] <= 3
    assert max(counts)[0] >= 60


def test_the_past_is_known_when_it_happened(loaded):
    con, _ = loaded
    assert con.execute("""select count(*) from raw_files.order_lines
        where known_at <> ordered_at""").fetchone() == (0,)
    assert con.execute("""select count(*) from raw_files.order_lines as line
        inner join raw_files.customers as customer using (customer_key)
        where line.known_at < customer.known_at""").fetchone() == (0,)


PROBE = """
import sys
contacts = []
def hook(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        contacts.append((event, arguments))
sys.addaudithook(hook)
from datetime import UTC, date, datetime
from pathlib import Path
import duckdb
from contract.entity import load_entities
from ingestion.declarations import load_declarations
from ingestion.load import load_entity
from ingestion.place import Place
from ingestion.raw_tables import prepare
landing, work, files = map(Path, sys.argv[1:])
entities = load_entities()
with duckdb.connect(str(work / "warehouse.duckdb")) as con:
    prepare(con, entities)
    report = load_entity(con, entities["campaigns"], load_declarations(files, entities),
                         Place(landing, work), now=datetime(2030, 1, 1, tzinfo=UTC))
    assert report.rows_loaded
import threading
for thread in threading.enumerate():
    if thread is not threading.current_thread():
        thread.join(timeout=2)
sys.exit(str(contacts) if contacts else 0)
"""


def test_a_load_calls_nobody_and_leaves_the_home_folder_alone(landing, tmp_path):
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    work.mkdir()
    files = PROJECT_ROOT / "ingestion" / "files"
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(landing), str(work), str(files)],
        env={"HOME": str(home), "PYTHONPATH": str(PROJECT_ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert list(home.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "work"]
