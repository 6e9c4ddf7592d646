"""Rows a second, CPU seconds and peak memory of loading, beside the limits of this machine.

python -m orchestration.bench_ingestion --orders 1000000 --events 10000000

Orders come from a real PostgreSQL, events from gzipped JSON lines and from Parquet. Every figure
is taken in a process of its own, imports included. The limits are DuckDB's own readers on the same
rows; the peers are what somebody would write in ten lines, on a tenth of the rows, scaled.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.settings import PROJECT_ROOT

_SERVER = """
import sys
from pathlib import Path
from demo.systems.postgres import running
with running(Path(sys.argv[1])) as url:
    print(url, flush=True)
    sys.stdin.read()
"""


@dataclass(frozen=True)
class Figure:
    """One process: rows it moved, seconds, CPU seconds, peak memory in MB."""

    rows: int
    wall: float
    cpu: float
    peak_mb: float


def main() -> int:
    """Print the tables; 1 when a step failed."""
    parser = argparse.ArgumentParser(description="measure the loading of orders and events")
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=500_000)
    parser.add_argument("--skip-peers", action="store_true")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        from orchestration import bench_steps

        step, root, rows, url = json.loads(arguments.child)
        count = getattr(bench_steps, step)(Path(root), int(rows), str(url))
        _report_self(int(count))
        return 0
    with tempfile.TemporaryDirectory(prefix="habitue-bench-") as folder:
        root = Path(folder)
        root.chmod(0o755)  # PostgreSQL may run as another user
        with _database(root) as url:
            orders = _orders(root, arguments.orders, url, has_peers=not arguments.skip_peers)
        events = _events(root, arguments.events)
        _title("a day with 1 % new rows, of all")
        first = _show("first load", _sum(orders[0], events[0]))
        day = _show("the day", _sum(orders[1], events[1]))
        _ratio("the day to the first load, wall", day.wall, first.wall)
        _ratio("the day to the first load, CPU", day.cpu, first.cpu)
    return 0


def _orders(root: Path, rows: int, url: str, *, has_peers: bool) -> tuple[Figure, Figure]:
    """The first load and the day after."""
    _run("fill_orders", root, rows, url)
    _title(f"{rows:,} orders from PostgreSQL")
    extract = _show("read into the landing folder", _run("extract_orders", root, rows, url))
    load = _show("load into the raw table", _run("load_orders", root, rows, url))
    first = _show("both", _sum(extract, load))
    limit = _show("limit: read_parquet of what landed", _run("limit_orders", root, rows, url))
    _ratio("first load to the limit, CPU", first.cpu, limit.cpu)
    if has_peers:
        _peers(root, rows, url, first)
    day = _run("one_percent", root, rows, url)
    again = _sum(_run("extract_orders", root, rows, url), _run("load_orders", root, rows, url))
    again = Figure(day.rows, again.wall, again.cpu, again.peak_mb)
    _show("a day with 1 % new rows", again)
    base = _sum(_run("import_only", root, rows, url), _run("import_only", root, rows, url))
    _ratio("the day to the first load, wall", again.wall, first.wall)
    _ratio("… without starting two processes, wall", again.wall - base.wall, first.wall - base.wall)
    _ratio("… without starting two processes, CPU", again.cpu - base.cpu, first.cpu - base.cpu)
    return first, again


def _peers(root: Path, rows: int, url: str, first: Figure) -> None:
    start = _run("import_only", root, rows, url).cpu
    for words, step in (("pandas to_sql", "peer_pandas"), ("dlt as it comes", "peer_dlt")):
        tenth = _run(step, root, max(rows // 10, 1), url)
        whole = start + 10 * (tenth.cpu - start)
        _ratio(f"first load to peer, CPU: {words} (a tenth, scaled)", first.cpu, whole)


def _events(root: Path, rows: int) -> tuple[Figure, Figure]:
    """The first load of JSON lines and the day after."""
    found: list[Figure] = []
    for kind in ("jsonl", "parquet"):
        _run(f"write_events_{kind}", root, rows, "")
        _title(f"{rows:,} events from {kind}")
        load = _show("load into the raw table", _run(f"load_events_{kind}", root, rows, ""))
        limit = _show(
            f"limit: read_{'json' if kind == 'jsonl' else kind} into a table",
            _run(f"limit_events_{kind}", root, rows, ""),
        )
        _ratio("load to the limit, CPU", load.cpu, limit.cpu)
        _run(f"day_of_events_{kind}", root, rows, "")
        day = _show("a day with 1 % new rows", _run(f"load_events_{kind}", root, rows, ""))
        _ratio("the day to the first load, wall", day.wall, load.wall)
        found += [load, day]
    return found[0], found[1]


def _run(step: str, root: Path, rows: int, url: str) -> Figure:
    """One step in a process of its own. Raises CalledProcessError when it fails."""
    command = [sys.executable, "-m", "orchestration.bench_ingestion", "--child"]
    words = json.dumps([step, str(root), rows, url])
    started = time.perf_counter()
    done = subprocess.run(  # noqa: S603 - our own command
        [*command, words], cwd=PROJECT_ROOT, capture_output=True, text=True, check=False
    )
    wall = time.perf_counter() - started
    if done.returncode:
        sys.stderr.write(done.stderr[-3000:])
        done.check_returncode()
    found = json.loads(done.stdout.splitlines()[-1])
    return Figure(found["rows"], wall, found["cpu"], found["peak_mb"])


def _report_self(rows: int) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    _write(
        json.dumps(
            {
                "rows": rows,
                "cpu": used.ru_utime + used.ru_stime,
                "peak_mb": used.ru_maxrss / 1024,
            }
        )
        + "\n"
    )


@contextmanager
def _database(root: Path) -> Iterator[str]:
    """A PostgreSQL of the demo, in a process of its own, for as long as the block lasts."""
    server = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-c", _SERVER, str(root)],
        cwd=PROJECT_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ.copy(),
    )
    assert server.stdout is not None  # noqa: S101 - a pipe was asked for
    try:
        yield server.stdout.readline().strip()
    finally:
        server.communicate()


def _sum(*figures: Figure) -> Figure:
    """One after the other; rows of the largest, for two steps move the same ones."""
    return Figure(
        max(figure.rows for figure in figures),
        sum(figure.wall for figure in figures),
        sum(figure.cpu for figure in figures),
        max(figure.peak_mb for figure in figures),
    )


def _title(words: str) -> None:
    _write(f"\n{words}\n{'':<46}{'rows/s':>12}{'wall s':>9}{'CPU s':>9}{'peak MB':>9}\n")


def _show(words: str, figure: Figure) -> Figure:
    rate = figure.rows / figure.wall if figure.wall else 0
    _write(
        f"{words:<46}{rate:>12,.0f}{figure.wall:>9.1f}{figure.cpu:>9.1f}{figure.peak_mb:>9,.0f}\n"
    )
    return figure


def _ratio(words: str, ours: float, theirs: float) -> None:
    _write(f"  {words}: {ours / theirs if theirs > 0 else 0:.2f}\n")


def _write(text: Any) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
