"""The purge of what is not kept by person: a preview, and the same done."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.declared import declarations, entities
from orchestration.delivering import Desk
from orchestration.settings import read_pseudonym_key

if TYPE_CHECKING:
    from governance.retention import Rule


@dataclass(frozen=True)
class Overdue:
    """How much of a class of data is older than its rule allows."""

    rule: "Rule"
    before: date
    count: int


@dataclass
class Purge:
    """Of one home. Whoever is erased first is no part of it any more."""

    desk: Desk

    @cached_property
    def _limits(self) -> "dict[str, tuple[Rule, date]]":
        from governance.retention import rules
        from governance.storage_limits import years_before

        house = self.desk.house
        with house.warehouse.connect() as con:
            found = rules(con, as_of=house.as_of)
        return {
            rule.data_class: (rule, years_before(house.as_of, rule.active_years)) for rule in found
        }

    def overdue(self) -> list[Overdue]:
        """What `apply` would remove, by class; classes of which nothing is too old are left out."""
        found = []
        for data_class, count in self._counts.items():
            if data_class in self._limits:
                rule, before = self._limits[data_class]
                found.append(Overdue(rule, before, count(before)))
        return [one for one in found if one.count]

    def apply(self) -> list[Overdue]:
        """Remove it; what was removed, as the preview said it."""
        found = self.overdue()
        for one in found:
            self._removals[one.rule.data_class](one.before)
        return found

    @property
    def _counts(self) -> dict[str, Callable[[date], int]]:
        from activation.export_log import count_old_lines

        return {
            "export": lambda before: count_old_lines(self.desk.engine, before),
            "landed": lambda before: len(self._landed(before)),
            "log": self._logs,
            "quarantine": self._quarantine,
            "visitor": lambda before: len(self._devices(before)),
        }

    @property
    def _removals(self) -> dict[str, Callable[[date], object]]:
        from activation.export_log import remove_old_lines

        return {
            "export": lambda before: remove_old_lines(self.desk.engine, before),
            "landed": self._drop_landed,
            "log": self._drop_logs,
            "quarantine": self._drop_quarantined,
            "visitor": self._forget_devices,
        }

    @property
    def _home(self) -> Path:
        return self.desk.house.settings.home

    def _landed(self, before: date) -> list[Path]:
        """Files that were dropped. What a source was asked for tells the next extraction which
        rows it knows, and stays.
        """
        from ingestion.landed_files import landed_files

        settings = self.desk.house.settings
        found = landed_files(settings.landing, declarations(settings))
        return sorted(
            {
                file.path
                for file in found
                if not file.delivery.is_extracted and file.delivery.delivered_at.date() < before
            }
        )

    def _drop_landed(self, before: date) -> None:
        for path in self._landed(before):
            path.unlink()

    @property
    def _log(self) -> Path:
        return self._home / "logs" / "habitue.log"

    def _log_files(self, before: date) -> list[Path]:
        from governance.storage_limits import old_files

        folders = [self._home / name for name in ("logs", "dbt/logs", "dagster/logs")]
        return [path for path in old_files(folders, before) if path != self._log]

    def _logs(self, before: date) -> int:
        from governance.storage_limits import old_lines

        return len(self._log_files(before)) + old_lines(self._log, before)

    def _drop_logs(self, before: date) -> None:
        from governance.storage_limits import drop_lines, old_lines

        for path in self._log_files(before):
            path.unlink()
        if count := old_lines(self._log, before):
            drop_lines(self._log, count)

    def _quarantine(self, before: date) -> int:
        from governance.storage_limits import old_files, old_quarantined

        with self.desk.house.warehouse.connect() as con:
            rows = old_quarantined(con, before)
        return rows + len(old_files([self._home / "quarantine"], before))

    def _drop_quarantined(self, before: date) -> None:
        from governance.storage_limits import forget_quarantined, old_files

        with self.desk.house.warehouse.connect() as con:
            forget_quarantined(con, before)
        for path in old_files([self._home / "quarantine"], before):
            path.unlink()

    def _devices(self, before: date) -> list[tuple[str, str]]:
        from governance.storage_limits import old_devices

        with self.desk.house.warehouse.connect() as con:
            return old_devices(con, entities().values(), before)

    def _forget_devices(self, before: date) -> None:
        """Out of raw tables and landed files, and out of whatever is loaded from before today."""
        from contract.suppression import FOR_EVER, Suppressions
        from governance.erasure.suppression_list import RETENTION, note
        from governance.storage_limits import device_hashes
        from ingestion.erase import erase_raw
        from ingestion.scrub import scrub_landed
        from orchestration.erasure_places import forget_built, landed

        house = self.desk.house
        key = read_pseudonym_key(house.settings)
        hashes = device_hashes(self._devices(before), key)
        note(self.desk.engine, hashes, now=house.clock, reason=RETENTION)
        forget_built(self.desk)
        gone = Suppressions(dict.fromkeys(hashes, FOR_EVER), key)
        with house.warehouse.connect() as con:
            # Files first: a kill between the two leaves the rows that say which devices are due.
            scrub_landed(landed(house.settings), gone, warehouse=con)
            erase_raw(con, entities(), gone)
