"""Segments as files that open by double-click: exports/<segment>/, written whole or not at all."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from activation.cells import french, machine, shown_columns, typed
from activation.destination import (
    ContactRow,
    DeliveryFailed,
    DeliverySettings,
    OutgoingRow,
    Receipt,
    Shipment,
)
from activation.payloads import describe
from activation.workbook import Table, waterfall_totals, write_workbook
from contract.crash_points import reach

MANIFEST = "manifest.json"
PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700
_FOLDER_NAME = re.compile(r"[a-z][a-z0-9_]{0,150}")


class FilesSender:
    """Writes one folder per segment: workbooks, a French CSV, a machine's CSV, a manifest."""

    batch_size: int | None = None

    def __init__(self, settings: DeliverySettings) -> None:
        self._settings = settings

    def send(self, shipment: Shipment, rows: Sequence[OutgoingRow]) -> Mapping[str, Receipt]:
        """Replace the segment's folder. An exception means that the old one still stands."""
        root = self._settings.exports_dir
        root.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
        folder = export_folder(root, shipment.segment)
        building = root / f".{folder.name}.building"
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir(mode=PRIVATE_FOLDER)
        contacts = [row for row in rows if isinstance(row, ContactRow)]
        self._write_files(building, shipment, contacts)
        _seal(building)
        reach("export.before_rename")
        _swap(building, folder, root)
        return {}

    def _write_files(self, folder: Path, shipment: Shipment, rows: Sequence[ContactRow]) -> None:
        table = self._table(shipment, rows)
        for lang in self._settings.languages:
            write_workbook(folder / f"{shipment.segment}_{lang}.xlsx", table, lang)
        _write_french_csv(folder / f"{shipment.segment}_fr.csv", table)
        (folder / "machine").mkdir(mode=PRIVATE_FOLDER)
        _write_machine_csv(folder / "machine" / f"{shipment.segment}.csv", table)
        manifest = manifest_of(folder, shipment, len(rows))
        text = json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True)
        (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")

    def _table(self, shipment: Shipment, rows: Sequence[ContactRow]) -> Table:
        names = list(rows[0].payload) if rows else []
        columns = [describe(name, self._settings.columns) for name in names]
        values: list[Mapping[str, Any]] = [
            {column.name: typed(column, row.payload[column.name]) for column in columns}
            for row in rows
        ]
        return Table(columns, sorted(values, key=_most_pressing), shipment, self._settings.currency)


def _most_pressing(row: Mapping[str, Any]) -> tuple[float, float, str]:
    """The likeliest first, then the largest, then by key: the top of the list comes first."""
    probability = float(row.get("score_probability") or 0)
    return -probability, -float(row.get("net_amount") or 0), str(row.get("customer_key") or "")


def export_folder(root: Path, segment: str) -> Path:
    """The folder of a segment. Raises DeliveryFailed for a name that would leave the root."""
    if not _FOLDER_NAME.fullmatch(segment):
        raise DeliveryFailed(f"Segment name '{segment}' cannot be a folder name.")
    return root / segment


def manifest_of(folder: Path, shipment: Shipment, row_count: int) -> dict[str, Any]:
    """What the folder holds, with the SHA-256 of every file in it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    return {
        "segment": shipment.segment,
        "campaign": shipment.campaign,
        "channel": shipment.channel,
        "purpose": shipment.purpose,
        "plan_id": shipment.plan_id,
        "as_of_date": shipment.as_of.isoformat(),
        "row_count": row_count,
        "waterfall": dict(waterfall_totals(shipment)),
        "files": {
            path.relative_to(folder).as_posix(): {
                "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
                "bytes": path.stat().st_size,
            }
            for path in files
        },
    }


def is_intact(folder: Path) -> bool:
    """Whether every file that the manifest names is there, unchanged."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return all(
            hashlib.sha256((folder / name).read_bytes()).hexdigest() == facts["sha256"]
            for name, facts in manifest["files"].items()
        )
    except (OSError, ValueError, KeyError):
        return False


def _write_french_csv(path: Path, table: Table) -> None:
    columns = shown_columns(table.columns, "fr")
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow([column.label["fr"] for column in columns])
        for row in table.rows:
            writer.writerow([french(column, row[column.name]) for column in columns])


def _write_machine_csv(path: Path, table: Table) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([column.name for column in table.columns])
        for row in table.rows:
            writer.writerow([machine(row[column.name]) for column in table.columns])


def _seal(folder: Path) -> None:
    """Private, and on the disk before anybody sees it."""
    for path in folder.rglob("*"):
        if path.is_file():
            path.chmod(PRIVATE_FILE)
            _sync(path)
    _sync(folder)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _swap(building: Path, folder: Path, root: Path) -> None:
    """Put the new folder where the old one is. A reader sees one of them, never a mixture."""
    old = root / f".{folder.name}.old"
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    building.rename(folder)
    _sync(root)
    shutil.rmtree(old, ignore_errors=True)
