"""What was built from what: a step whose inputs did not change since its last success is skipped.

Every asset has a digest: of its code, of the settings it reads, and of the digests of the assets
it is made of. Raw tables and the ledger's copy have the digest of their content. A step runs
unless every one of its assets carries the digest that it would get. The digest is removed before
a step starts and written after its success, so that neither a killed step nor one that was run by
hand on half its inputs can ever pass for done.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from orchestration.control import BUILT
from orchestration.settings import PROJECT_ROOT, Settings
from orchestration.warehouse import Warehouse

SKIP_TAG = "habitue/skip_unchanged"
FORCE_TAG = "habitue/force"
INTRADAY_TAG = "habitue/intraday"


def digest_of(*parts: object) -> str:
    """One digest of plain values, in order."""
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def digest_of_files(*folders: Path) -> str:
    """The digest of every file below the folders: names and content, caches aside."""
    total = hashlib.sha256()
    for folder in folders:
        paths = [folder] if folder.is_file() else sorted(folder.rglob("*"))
        for path in paths:
            if path.is_file() and "__pycache__" not in path.parts:
                total.update(str(path.relative_to(folder.parent)).encode())
                total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def digest_of_company(settings: Settings) -> str:
    """The digest of the settings that change what is computed, the day included."""
    return digest_of(
        settings.day,
        settings.time_zone,
        settings.currency,
        settings.week_start,
        settings.languages,
        settings.company_name,
    )


def code(*names: str) -> list[Path]:
    """Folders of the project whose content decides what a step computes."""
    return [PROJECT_ROOT / name for name in names]


Rows = dict[str, tuple[str, str]]


@dataclass(frozen=True)
class Built:
    """The table raw_control.built of one warehouse."""

    warehouse: Warehouse

    def digests(self, keys: Iterable[str]) -> dict[str, str]:
        """Asset key → digest, for those whose last build succeeded."""
        return {key: digest for key, (digest, _) in self.rows(keys).items()}

    def unchanged_since(self, digests: Mapping[str, str], rows: Rows | None = None) -> str | None:
        """The run that last built all these assets from the same inputs, or None.

        rows: what `rows` gave for them, where it is known.
        """
        rows = self.rows(digests) if rows is None else rows
        if not digests or any(rows.get(k, ("",))[0] != d for k, d in digests.items()):
            return None
        return rows[next(iter(digests))][1]

    def forget(self, keys: Iterable[str]) -> None:
        """Before a step starts: none of its assets is known to be well built."""
        with self.warehouse.connect() as con:
            con.execute(BUILT)
            con.execute(
                "delete from raw_control.built where asset_key in (select unnest(?))", [list(keys)]
            )

    def remember(self, digests: Mapping[str, str], run_id: str) -> None:
        """After a step's success."""
        with self.warehouse.connect() as con:
            con.execute(BUILT)
            # Row by row, writing them down took longer than many a step.
            con.execute(
                "insert or replace into raw_control.built"
                " select unnest(?::varchar[]), unnest(?::varchar[]), ?, now()::timestamp",
                [list(digests.keys()), list(digests.values()), run_id],
            )

    def rows(self, keys: Iterable[str]) -> Rows:
        """Asset key → (digest, run), for those whose last build succeeded."""
        wanted = list(keys)
        if not wanted:
            return {}
        with self.warehouse.connect() as con:
            con.execute(BUILT)
            rows = con.execute(
                "select asset_key, digest, run_id from raw_control.built"
                " where asset_key in (select unnest(?))",
                [wanted],
            ).fetchall()
        return {key: (digest, run_id) for key, digest, run_id in rows}
