"""Eight readers loop while publications come: no error, never two versions in one view."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb

from governance.publishing.build import Stamp
from governance.publishing.documents import TableDocument
from governance.publishing.publish import publish

READERS, PUBLICATIONS = 8, 3

# What docs/bi-recipes.md tells a client to do: resolve the link, connect, read, close.
READER = """
import json, sys, time
from pathlib import Path
import duckdb
link, last, deadline = Path(sys.argv[1]), sys.argv[2], time.monotonic() + 120
reads, seen, mixed = 0, [], 0
while time.monotonic() < deadline and last not in seen:
    folder = link.resolve()
    metas = []
    for name in ("public", "named"):
        with duckdb.connect(
            str(folder / f"{name}.duckdb"), read_only=True, config={"threads": 1}
        ) as con:
            metas.append(con.execute("select run_id, content_digest from meta").fetchone())
            people = con.execute("select count(*) from marts.customer_360").fetchone()
            assert people == (400,), people
    metas.append(duckdb.sql(
        f"select run_id, content_digest from '{folder}/parquet/meta.parquet'").fetchone())
    mixed += len(set(metas)) != 1
    reads += 1
    if metas[0][0] not in seen:
        seen.append(metas[0][0])
print(json.dumps({"reads": reads, "seen": seen, "mixed": mixed}))
"""


def test_eight_readers_see_no_error_and_no_mixed_version(
    warehouse: Path,
    tmp_path: Path,
    documents: dict[str, TableDocument],
    stamp: Callable[[str], Stamp],
) -> None:
    last = f"run-{PUBLICATIONS}"
    publish(warehouse, tmp_path, stamp("run-0"), documents)
    command = [sys.executable, "-c", READER, str(tmp_path / "published"), last]
    readers = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(READERS)
    ]
    for n in range(1, PUBLICATIONS + 1):
        with duckdb.connect(str(warehouse)) as con:
            con.execute("update marts.customer_360 set net_amount = net_amount + 1")
        publish(warehouse, tmp_path, stamp(f"run-{n}"), documents)
    outcomes = [(*reader.communicate(timeout=150), reader.returncode) for reader in readers]
    assert [error for _, error, code in outcomes if code] == []
    told = [json.loads(output) for output, _, _ in outcomes]
    assert [one["mixed"] for one in told] == [0] * READERS
    assert {one["seen"][-1] for one in told} == {last}
    print("reads:", [one["reads"] for one in told], "versions:", [len(one["seen"]) for one in told])  # noqa: T201


def test_a_reader_that_stays_open_keeps_its_version_and_a_reconnect_sees_the_new_one(
    warehouse: Path,
    tmp_path: Path,
    documents: dict[str, TableDocument],
    stamp: Callable[[str], Stamp],
) -> None:
    publish(warehouse, tmp_path, stamp("run-1"), documents)
    link = tmp_path / "published"
    old = duckdb.connect(str(link.resolve() / "public.duckdb"), read_only=True)
    with duckdb.connect(str(warehouse)) as con:
        con.execute("update marts.customer_360 set net_amount = net_amount + 1")
    publish(warehouse, tmp_path, stamp("run-2"), documents)
    with duckdb.connect(str(link.resolve() / "public.duckdb"), read_only=True) as new:
        assert new.execute("select run_id from meta").fetchone() == ("run-2",)
    assert old.execute("select run_id from meta").fetchone() == ("run-1",)
    old.close()
