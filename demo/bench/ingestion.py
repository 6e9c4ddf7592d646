"""`make bench-ingestion`: orders from PostgreSQL and events from files, beside limits and peers.

Every candidate runs in a process of its own on the same data; what is printed is wall, CPU and peak
memory, rows per second, and the ratio of CPU to the peer or the limit it stands beside. Then one
hundredth of new rows, as a share of the first load.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from demo.bench import candidates, inputs
from demo.systems.postgres import running

NEW_SHARE = 0.01


@dataclass(frozen=True)
class Figures:
    """What one candidate cost: seconds, megabytes, and the rows it brought."""

    wall: float
    cpu: float
    peak_mb: float
    rows: int

    @property
    def rate(self) -> float:
        """Rows per second of wall time."""
        return self.rows / self.wall if self.wall else 0.0


@dataclass(frozen=True)
class Bench:
    """One run over one folder: where PostgreSQL answers and how many rows there are."""

    folder: Path
    url: str

    def run(self, name: str) -> Figures:
        """The candidate in a process of its own. Raises RuntimeError when it failed."""
        command = [sys.executable, "-m", "demo.bench.candidates", name, str(self.folder)]
        done = subprocess.run(  # noqa: S603 - our own command
            command,
            env={**os.environ, candidates.URL: self.url},
            stdout=subprocess.PIPE,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{name} ended with {done.returncode}")
        return Figures(**json.loads(done.stdout.decode().splitlines()[-1]))


def main() -> int:
    """Print the tables; 0 when every candidate ran."""
    parser = argparse.ArgumentParser(description="measure loading beside limits and peers")
    parser.add_argument("--orders", type=int, default=1_000_000, help="rows in PostgreSQL")
    parser.add_argument("--events", type=int, default=10_000_000, help="rows in the files")
    parser.add_argument("--no-peers", action="store_true", help="only ours and the limits")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="habitue-bench-"))
    folder.chmod(0o755)  # the server may run as another user
    try:
        with running(folder) as url:
            bench = Bench(folder, url)
            _orders(bench, given.orders, with_peers=not given.no_peers)
        _events(Bench(folder, ""), given.events)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _orders(bench: Bench, count: int, *, with_peers: bool) -> None:
    _say(f"\n{count:,} orders from PostgreSQL")
    _timed("made", partial(inputs.make_orders, bench.url, 0, count))
    ours = bench.run("orders_extract"), bench.run("orders_load")
    first = _sum(*ours)
    limit = bench.run("orders_limit_copy")
    read = bench.run("orders_limit_parquet")
    lines = [
        ("read and landed", ours[0], limit),
        ("judged and appended", ours[1], read),
        ("both", first, limit),
        ("limit: COPY … to stdout", limit, None),
        ("limit: read_parquet into a table", read, None),
    ]
    if with_peers:
        lines.append(("peer: bare dlt, PyArrow", first, bench.run("orders_peer_dlt")))
        lines.append(("peer: pandas to_sql", first, bench.run("orders_peer_pandas")))
    _table(lines)
    inputs.make_orders(bench.url, count, max(1, int(count * NEW_SHARE)))
    again = _sum(bench.run("orders_extract"), bench.run("orders_load"))
    _share("a day with 1 % new orders", again, first)


def _events(bench: Bench, count: int) -> None:
    for kind in ("jsonl", "parquet"):
        _say(f"\n{count:,} events from {kind} files")
        _timed("made", partial(inputs.make_events, bench.folder, kind, 0, count))
        first = bench.run(f"events_{kind}_load")
        limit = bench.run(f"events_{kind}_limit")
        _table([("judged and appended", first, limit), ("limit: DuckDB's own reader", limit, None)])
        inputs.make_events(bench.folder, kind, count, max(1, int(count * NEW_SHARE)))
        _share("a day with 1 % new events", bench.run(f"events_{kind}_load"), first)
        inputs.forget_events(bench.folder, kind)


def _sum(*parts: Figures) -> Figures:
    return Figures(
        wall=sum(part.wall for part in parts),
        cpu=sum(part.cpu for part in parts),
        peak_mb=max(part.peak_mb for part in parts),
        rows=parts[-1].rows,
    )


def _table(lines: list[tuple[str, Figures, Figures | None]]) -> None:
    _say(f"{'':<36}{'wall s':>8}{'CPU s':>8}{'peak MB':>9}{'rows/s':>12}{'CPU ratio':>11}")
    for title, figures, beside in lines:
        shown = beside if title.startswith("peer") and beside else figures
        ratio = f"{figures.cpu / beside.cpu:>10.2f}x" if beside and beside.cpu else ""
        _say(
            f"{title:<36}{shown.wall:>8.1f}{shown.cpu:>8.1f}{shown.peak_mb:>9,.0f}"
            f"{shown.rate:>12,.0f}{ratio:>11}"
        )


def _share(title: str, again: Figures, first: Figures) -> None:
    _say(
        f"{title}: {again.wall:.1f} s wall, {again.cpu:.1f} s CPU, "
        f"{again.wall / first.wall:.1%} and {again.cpu / first.cpu:.1%} of the first load"
    )


def _timed(title: str, make: Callable[[], None]) -> None:
    started = time.perf_counter()
    make()
    _say(f"{title} in {time.perf_counter() - started:.0f} s (not counted)")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
