"""Nothing is lost or doubled when a load is killed and run again, working folder kept or lost."""

import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from contract import crash_points

PROJECT_ROOT = Path(__file__).parents[3]
DELIVERIES, ROWS = 4, 3_000

LOADER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
import duckdb
from contract import crash_points
from contract.entity import load_entities
from ingestion.declarations import load_declarations
from ingestion.load import load_entity
from ingestion.place import Place
from ingestion.raw_tables import prepare

root, point = Path(sys.argv[1]), sys.argv[2]
if point:
    crash_points.arm(point, 1)
entities = load_entities()
declarations = load_declarations(root / "files", entities)
with duckdb.connect(str(root / "warehouse.duckdb"), config={"threads": 1}) as con:
    prepare(con, entities)
    for name in ("order_lines", "customers"):
        load_entity(con, entities[name], declarations, Place(root / "landing", root / "work"),
                    now=datetime(2030, 1, 1, tzinfo=UTC))
"""

DECLARATION = """
description: An invented shop.
owner: data
files:
  lines:
    entity: order_lines
    pattern: lines*.csv
    columns:
      {order_key: ticket, line_number: line, line_kind: {constant: sale}, net_amount: amount,
       ordered_at: day}
  people:
    entity: customers
    pattern: people*.csv
    columns: {customer_key: id, city: city}
"""


@pytest.fixture(scope="module")
def landed(tmp_path_factory):
    root = tmp_path_factory.mktemp("landed")
    folder = root / "landing" / "shop"
    for path in (folder, root / "files", root / "work"):
        path.mkdir(parents=True)
    (root / "files" / "shop.yml").write_text(DECLARATION)
    for number in range(DELIVERIES):
        lines = [f"{number}-{n};1;{n}.50;2029-0{number + 1}-01" for n in range(ROWS)]
        _write(folder / f"lines{number}.csv", ["ticket,line,amount,day", *lines])
        people = [f"{n};city{number}" for n in range(500)]
        _write(folder / f"people{number}.csv", ["id,city", *people])
    return root


@pytest.fixture
def root(landed, tmp_path):
    shutil.copytree(landed, tmp_path, dirs_exist_ok=True, copy_function=shutil.copy2)
    return tmp_path


def _write(path, lines):
    path.write_text("\n".join(lines).replace(";", ",") + "\n")


def _run(root, point="") -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", LOADER, str(root), point], cwd=PROJECT_ROOT)


def _content(root):
    with duckdb.connect(str(root / "warehouse.duckdb")) as con:
        tables = {
            "lines": """select order_key, net_amount, content_hash, load_id, file_line
                from raw_files.order_lines order by all""",
            "people": """select customer_key, city, load_id, file_line
                from raw_files.customers order by all""",
            "loads": """select load_id, rows_read, rows_loaded, rows_quarantined, rows_duplicate
                from raw_control.loads order by all""",
            "unfinished": "from raw_control.unfinished_loads",
        }
        return {name: con.execute(query).fetchall() for name, query in tables.items()}


@pytest.fixture(scope="module")
def undisturbed(landed, tmp_path_factory):
    other = tmp_path_factory.mktemp("undisturbed")
    shutil.copytree(landed, other, dirs_exist_ok=True, copy_function=shutil.copy2)
    assert _run(other).wait() == 0
    content = _content(other)
    assert len(content["lines"]) == DELIVERIES * ROWS
    return content


@pytest.mark.parametrize(
    ("point", "is_work_lost"), [("ingest.extracted", False), ("ingest.loaded", True)]
)
def test_a_load_killed_at_a_named_point_is_done_again_exactly(
    root, undisturbed, point, is_work_lost
):
    assert _run(root, point).wait() == crash_points.KILLED
    if is_work_lost:
        shutil.rmtree(root / "work")
    assert _run(root).wait() == 0
    assert _content(root) == undisturbed


@pytest.mark.slow
def test_a_load_killed_at_random_moments_is_done_again_exactly(root, undisturbed):
    seed = 20240511
    draw = random.Random(seed)  # noqa: S311
    print(f"seed {seed}")  # noqa: T201
    for _ in range(12):
        process = _run(root)
        time.sleep(draw.uniform(0.3, 3.0))  # the moment of the kill is what is drawn
        process.send_signal(signal.SIGKILL)
        process.wait()
        if draw.random() < 0.5:
            shutil.rmtree(root / "work", ignore_errors=True)
    assert _run(root).wait() == 0
    assert _content(root) == undisturbed
