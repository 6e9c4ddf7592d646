"""SIGKILL while sending or exporting: nothing is lost, nothing is sent twice."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import duckdb
import pytest
from sqlalchemy import func, select

from activation.destination import DeliverySettings
from activation.file_export import is_intact
from activation.tables import deliveries, exports
from contract import crash_points
from demo.tool import Running
from orchestration.state import open_state
from tests.fixtures import small_marts
from tests.fixtures.small_company import FILES, LETTER, SECRET, Company

ROOT = Path(__file__).parents[3]
WANTED = "net_amount >= 1500 or is_silence_unusual"


def company_at(home: Path, url: str) -> Company:
    con = duckdb.connect(str(home / "w.duckdb"))
    if not con.execute("select 1 from duckdb_schemas() where schema_name = 'marts'").fetchall():
        small_marts.build(con)
    settings = DeliverySettings(
        exports_dir=home / "exports",
        columns=small_marts.columns(),
        webhook_url=url,
        webhook_secret=SECRET,
        is_loopback_allowed=True,
        retry_wait_seconds=0.0,
    )
    return Company(con, open_state(f"sqlite:///{home}/state.db"), home, settings)


def run_killed(home: Path, url: str, point: str, n: int) -> int:
    command = [sys.executable, str(Path(__file__)), str(home), url, point, str(n)]
    done = subprocess.run(command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, check=False)
    return done.returncode


@pytest.mark.parametrize(
    ("point", "n"),
    [
        ("segments.written", 2),
        ("send.before_ack", 1),
        ("send.before_ack", 4),
        ("send.after_ack", 3),
        ("export.before_rename", 1),
        ("ledger.appended", 1),
    ],
)
def test_a_killed_run_is_finished_by_the_next_one(
    tmp_path: Path, running: Running, point: str, n: int
) -> None:
    assert run_killed(tmp_path, running.url, point, n) == crash_points.KILLED
    company = company_at(tmp_path, running.url)
    company.run(LETTER, FILES)
    assert set(running.tool.members("letter")) == company.keys(WANTED)
    assert max(Counter(running.tool.effects()).values()) == 1
    assert is_intact(tmp_path / "exports" / "rich")
    assert [path.name for path in (tmp_path / "exports").iterdir()] == ["rich"]
    with company.engine.connect() as connection:
        held = connection.scalar(select(func.count()).select_from(deliveries))
        logged = connection.scalar(
            select(func.count()).select_from(exports).where(exports.c.removed_at.is_(None))
        )
    assert held == len(company.keys(WANTED)) + len(company.keys("net_amount >= 1500"))
    assert logged == 1
    _, again = company.run(LETTER, FILES)
    assert again == []


def main() -> None:
    from activation import webhook

    webhook.BATCH_SIZE = 10
    home, url, point, n = sys.argv[1:]
    company = company_at(Path(home), url)
    crash_points.arm(point, int(n))
    company.run(LETTER, FILES)


if __name__ == "__main__":
    main()
