"""Killed while systems are read, and run again: each row of a source is there once."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from contract.crash_points import KILLED
from demo.company.services import listening
from orchestration.settings import load_settings
from tests.fixtures.command import ROOT, Finished, environment, habitue

pytestmark = pytest.mark.xdist_group("make_believe")

# Without the pipeline: only the people, and what their systems know of them.
LIVE = """
from demo import homes
from demo.company.life import Life
from demo.company.services import listening
from demo.company.size import NAME, SETTINGS, settled
settings = homes.settle(NAME, SETTINGS)
size = settled(settings.home / "demo", {"people": 80, "months": 1})
with listening(settings):
    life = Life(settings.home, size)
    life.live(life.draw(), lambda _: None)
"""
READ = ("run", "--select", "group:landing", "--select", "group:raw_files")


@dataclass(frozen=True)
class Systems:
    """Systems that listen, the settings that reach them, and a folder for homes that read them."""

    variables: Mapping[str, str]
    root: Path


@pytest.fixture(scope="module")
def systems() -> Iterator[Systems]:
    # Not pytest's folder: it is closed to the user that PostgreSQL runs as.
    root = Path(tempfile.mkdtemp(prefix="habitue-read-"))
    root.chmod(0o755)
    home = root / "lived"
    try:
        lived = subprocess.run(
            [sys.executable, "-c", LIVE],
            cwd=ROOT,
            env=environment(home),
            capture_output=True,
            text=True,
            check=False,
        )
        assert lived.returncode == 0, (lived.stdout + lived.stderr)[-4000:]
        with listening(load_settings(home)) as variables:
            yield Systems(variables, root)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def new_home(systems: Systems, name: str) -> Path:
    """A home of the same company that has read nothing; its files are none of this test's."""
    home = systems.root / name
    home.mkdir()
    shutil.copy(systems.root / "lived" / "settings.env", home)
    return home


def rows(home: Path) -> dict[str, list[tuple[str, ...]]]:
    """Raw table → its rows by system, key and content."""
    with duckdb.connect(str(home / "warehouse" / "habitue.duckdb"), read_only=True) as con:
        tables = con.execute(
            "select table_name from duckdb_tables() where schema_name = 'raw_files'"
            " and table_name not like '\\_dlt%' escape '\\' order by 1"
        ).fetchall()
        return {
            table: con.execute(
                "select source_system, source_key, content_hash, is_deleted::text"
                f' from raw_files."{table}" order by all'
            ).fetchall()
            for (table,) in tables
        }


@pytest.fixture(scope="module")
def calm(systems: Systems) -> tuple[Path, Finished]:
    """A home that read everything undisturbed, and what the command said."""
    home = new_home(systems, "calm")
    done = habitue(home, *READ, more=systems.variables)
    assert done.code == 0, done.output[-4000:]
    return home, done


@pytest.mark.slow
def test_reading_killed_at_its_points_loses_and_doubles_no_row(
    systems: Systems, calm: tuple[Path, Finished]
) -> None:
    home = new_home(systems, "killed")
    for point in ("extract.page_landed:2", "extract.before_manifest:3", "ingest.loaded:4"):
        crash = {**systems.variables, "HABITUE_CRASH_AT": point}
        killed = habitue(home, *READ, more=crash)
        assert killed.code == KILLED, f"{point} was not reached: {killed.output[-3000:]}"
        # What a process works with may be lost with it.
        shutil.rmtree(home / "dlt", ignore_errors=True)
        shutil.rmtree(home / "tmp", ignore_errors=True)
    done = habitue(home, *READ, more=systems.variables)
    assert done.code == 0, done.output[-4000:]
    found = rows(home)
    assert sum(len(one) for one in found.values()) > 1_000
    assert found == rows(calm[0])


def test_no_key_of_a_system_is_in_what_a_run_leaves_or_says(
    systems: Systems, calm: tuple[Path, Finished]
) -> None:
    home, done = calm
    secrets = [
        value.partition("@")[0].rpartition(":")[2] if "@" in value else value
        for name, value in systems.variables.items()
        if not name.endswith("_URL") or "@" in value
    ]
    assert len(secrets) == 8
    assert [one for one in secrets if one in done.output] == []
    kept = [path for path in home.rglob("*") if path.is_file()]
    assert any(path.suffix == ".db" for path in kept)
    found = [p for p in kept if any(secret.encode() in p.read_bytes() for secret in secrets)]
    assert found == []
