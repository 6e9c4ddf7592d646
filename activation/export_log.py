"""The export log: who got which file, about how many people, for what purpose, until when."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Collection
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import delete, func, insert, select, update

from activation.destination import DeliverySettings, Shipment
from activation.file_export import MANIFEST, export_folder, is_intact
from activation.tables import deliveries, exports

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Engine, RowMapping

_log = structlog.get_logger(__name__)


def note_export(
    engine: Engine, settings: DeliverySettings, shipment: Shipment, row_count: int
) -> None:
    """Log the export that was just written; the one that it replaces is closed.

    Logging the same content of the same plan twice (after a crash) is one line.
    """
    folder = export_folder(settings.exports_dir, shipment.segment)
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    digest = _sha256(json.dumps(manifest["files"], sort_keys=True))
    export_id = f"x_{_sha256(f'{shipment.plan_id}|{digest}')[:32]}"
    with engine.begin() as connection:
        known = select(exports.c.export_id).where(exports.c.export_id == export_id)
        if connection.scalar(known) is not None:
            return
        for replaced in _open_exports(connection, shipment.campaign):
            _close(connection, replaced, "replaced", shipment.now)
        connection.execute(
            insert(exports).values(
                export_id=export_id,
                campaign=shipment.campaign,
                segment=shipment.segment,
                channel=shipment.channel,
                purpose=shipment.purpose,
                requested_by=settings.requested_by,
                folder=folder.name,
                content_digest=digest,
                row_count=row_count,
                written_at=shipment.now,
                expires_on=shipment.now.date() + timedelta(days=settings.export_days),
            )
        )


def tidy_exports(
    engine: Engine, exports_dir: Path, segments: Collection[str], *, now: datetime
) -> list[tuple[str, str]]:
    """Remove exports that expired, lost their segment or were damaged; (segment, reason) of each.

    What is removed counts as not delivered any more: the next plan writes it anew if it is due.
    """
    removed = []
    with engine.begin() as connection:
        for export in _open_exports(connection):
            folder = export_folder(exports_dir, export["segment"])
            reason = _reason_to_remove(export, folder, segments, now.date())
            if reason is None:
                continue
            shutil.rmtree(folder, ignore_errors=True)
            _close(connection, export, reason, now)
            _forget(connection, export["campaign"])
            removed.append((export["segment"], reason))
            _log.info("export removed", segment=export["segment"], reason=reason)
    for leftover in (*exports_dir.glob(".*.building"), *exports_dir.glob(".*.old")):
        shutil.rmtree(leftover, ignore_errors=True)
    return removed


def withdraw_exports(
    engine: Engine, exports_dir: Path, folders: Collection[str], *, now: datetime
) -> list[str]:
    """Take these exports away, because they hold somebody who is erased; campaigns concerned.

    The next plan writes them anew, without the person.
    """
    with engine.begin() as connection:
        for folder in sorted(folders):
            shutil.rmtree(exports_dir / folder, ignore_errors=True)
        mine = [one for one in _open_exports(connection) if one["folder"] in folders]
        for export in mine:
            _close(connection, export, "a person in it was erased", now)
            _forget(connection, export["campaign"])
    return sorted({export["campaign"] for export in mine})


def count_old_lines(engine: Engine, before: date) -> int:
    """Lines of the log about files written before the day that are not there any more."""
    statement = select(func.count()).select_from(exports).where(_is_old(before))
    with engine.connect() as connection:
        return int(connection.scalar(statement) or 0)


def remove_old_lines(engine: Engine, before: date) -> int:
    """Take them out of the log; how many."""
    with engine.begin() as connection:
        return connection.execute(delete(exports).where(_is_old(before))).rowcount


def _is_old(before: date) -> ColumnElement[bool]:
    limit = datetime.combine(before, datetime.min.time())
    return (exports.c.written_at < limit) & exports.c.removed_at.is_not(None)


def _reason_to_remove(
    export: RowMapping, folder: Path, segments: Collection[str], today: date
) -> str | None:
    if export["segment"] not in segments:
        return "segment no longer defined"
    if today >= export["expires_on"]:
        return "expired"
    return None if is_intact(folder) else "missing or changed on disk"


def _open_exports(connection: Connection, campaign: str | None = None) -> list[RowMapping]:
    statement = select(exports).where(exports.c.removed_at.is_(None))
    if campaign is not None:
        statement = statement.where(exports.c.campaign == campaign)
    return list(connection.execute(statement.order_by(exports.c.segment)).mappings())


def _close(connection: Connection, export: RowMapping, reason: str, now: datetime) -> None:
    statement = update(exports).where(exports.c.export_id == export["export_id"])
    values: dict[str, Any] = {"removed_at": now, "removal_reason": reason}
    connection.execute(statement.values(**values))


def _forget(connection: Connection, campaign: str) -> None:
    statement = update(deliveries).where(deliveries.c.campaign == campaign)
    connection.execute(statement.values(is_present=False))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
