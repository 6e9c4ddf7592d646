"""What people decided about who is who: "never the same", "the same", dated, signed, kept for ever.

A file is only ever appended to. The last row about a pair holds; a decision that was withdrawn is
one more row. Records are named by their keys, so that a decision outlives every rebuild.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date
from pathlib import Path

from contract.errors import ConfigError, did_you_mean

DECISIONS = ("never_same", "same", "withdrawn")


@dataclass(frozen=True)
class Decision:
    """One row: what was decided about two records, by whom, when and why."""

    decision: str
    record_id: str
    other_record_id: str
    decided_by: str
    decided_on: date
    reason: str

    @property
    def pair(self) -> frozenset[str]:
        """The two records, in no order."""
        return frozenset((self.record_id, self.other_record_id))


COLUMNS = tuple(field.name for field in fields(Decision))


def read(paths: Iterable[Path]) -> list[Decision]:
    """Every row of the files that exist, oldest first; of one day, in the order of the files.

    Raises ConfigError with file and line for a row that cannot be used.
    """
    rows = [row for path in paths if path.exists() for row in _read_one(path)]
    return sorted(rows, key=lambda row: row.decided_on)


def standing(rows: Sequence[Decision]) -> list[Decision]:
    """The decisions that hold: the last about each pair, unless it withdraws."""
    last = {row.pair: row for row in rows}
    return [row for row in last.values() if row.decision != "withdrawn"]


def append(path: Path, row: Decision) -> None:
    """Write one more row, on disk when this returns. Raises ConfigError for a row of no use."""
    checked = _checked([str(value) for value in astuple(row)], f"{path.name}: the new row")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if file.tell() == 0:
            writer.writerow(COLUMNS)
        writer.writerow(astuple(checked))
        file.flush()
        os.fsync(file.fileno())


def _read_one(path: Path) -> list[Decision]:
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    if not lines:
        return []
    if tuple(lines[0]) != COLUMNS:
        raise ConfigError(f"{path}: line 1 must be {','.join(COLUMNS)}, found {','.join(lines[0])}")
    return [
        _checked(line, f"{path}: line {number}")
        for number, line in enumerate(lines[1:], start=2)
        if line
    ]


def _checked(line: list[str], where: str) -> Decision:
    if len(line) != len(COLUMNS):
        raise ConfigError(f"{where} has {len(line)} values, expected {len(COLUMNS)}.")
    decision, record_id, other_record_id, decided_by, day, reason = (v.strip() for v in line)
    if decision not in DECISIONS:
        raise ConfigError(f"{where}: no decision '{decision}'.{did_you_mean(decision, DECISIONS)}")
    if not record_id or not other_record_id or record_id == other_record_id:
        raise ConfigError(f"{where} needs two different records.")
    if not decided_by or not reason:
        raise ConfigError(f"{where} needs a name in decided_by and a reason: it holds for ever.")
    try:
        decided_on = date.fromisoformat(day)
    except ValueError as error:
        raise ConfigError(f"{where}: decided_on must be a date like 2026-01-31.") from error
    return Decision(decision, record_id, other_record_id, decided_by, decided_on, reason)
