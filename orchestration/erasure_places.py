"""The places of an erasure, and what is done in each.

The order matters: the tools are told first, the tables after that, then, once the tools have
acknowledged, what the plans still knew, and last of all a scan of everything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration import delivering
from orchestration.connected import find_sources
from orchestration.declared import declarations, entities
from orchestration.delivering import Desk
from orchestration.settings import Settings, read_pseudonym_key
from orchestration.warehouse import release

if TYPE_CHECKING:
    from contract.suppression import Suppressions
    from governance.erasure.saga import Keys, Open, Outcome, Step
    from ingestion.scrub import Landed

# Folders that a run fills again, or that only ever hold ids; and pages handed over to people.
WORKING = ("access", "cache", "dagster", "dbt", "dlt", "logs", "tmp")
# Places of what tables are made from: whoever leaves them leaves every count at the next run.
ORIGINS = ("raw", "tables", "ledger", "identity", "state")
# What a scan leaves out: the make-believe company's own systems, which stand for the outside.
OUTSIDE = ("demo",)


def read_keys(settings: Settings) -> "Keys":
    """The company's key of hashes and this home's key of what waits."""
    from governance.erasure.identifiers import home_key
    from governance.erasure.saga import Keys

    return Keys(read_pseudonym_key(settings), home_key(settings.home / "state"))


def landed(settings: Settings) -> "Landed":
    """The landing folder with what its files mean."""
    from ingestion.scrub import Landed

    keys = {
        (system, table.name): table.key
        for system, source in find_sources().items()
        for table in source.tables
        if table.key
    }
    return Landed(settings.landing, declarations(settings), entities(), keys)


def forget_built(desk: Desk) -> None:
    """Nothing passes for built any more: the next run makes every table without the person."""
    from orchestration.control import BUILT

    with desk.house.warehouse.connect() as con:
        con.execute(BUILT)
        con.execute("delete from raw_control.built")


@dataclass
class Places:
    """One step per place; each says what it found. Steps may be done again without harm."""

    desk: Desk
    keys: "Keys"

    @cached_property
    def steps(self) -> "Mapping[str, Step]":
        """Place → step, in the order in which they are worked off."""
        steps: dict[str, Step] = {
            "suppression": self._suppression,
            "removals": self._removals,
            "raw": self._raw,
            "quarantine": self._quarantine,
            "landed": self._landed,
            "tables": self._tables,
            "models": self._models,
            "ledger": self._ledger,
            "published": self._published,
            "exports": self._exports,
            "pages": self._pages,
            "working": self._working,
            "identity": self._identity,
            "destinations": self._destinations,
            "state": self._state,
            "warehouse_file": self._warehouse_file,
            "scan": self._scan,
        }
        return {
            place: self._unsettling(step) if place in ORIGINS else step
            for place, step in steps.items()
        }

    def _unsettling(self, step: "Step") -> "Step":
        """First of all nothing passes for built: a kill must not leave counts of the person."""

        def unsettled(due: "Sequence[Open]") -> "Mapping[str, Outcome] | Outcome":
            forget_built(self.desk)
            return step(due)

        return unsettled

    @property
    def _home(self) -> Path:
        return self.desk.house.settings.home

    def _needles(self, due: "Sequence[Open]") -> set[str]:
        from governance.erasure.saga import together

        return together(due).needles(self.keys.hashes)

    def _suppressions(self, due: "Sequence[Open]") -> "Suppressions":
        """Whatever their time: what is held already goes."""
        from contract.suppression import FOR_EVER, OTHER, Suppressions
        from governance.erasure.saga import together
        from governance.erasure.suppression_list import read_suppressions

        known = read_suppressions(self.desk.engine, self.keys.hashes).since
        others = {pair: since for pair, since in known.items() if pair[0] == OTHER}
        hashes = together(due).hashes(self.keys.hashes)
        return Suppressions({**others, **dict.fromkeys(hashes, FOR_EVER)}, self.keys.hashes)

    def _suppression(self, due: "Sequence[Open]") -> "Mapping[str, Outcome]":
        """Note, before anything goes, whose rows are not theirs though a value of theirs is."""
        from governance.erasure.others import hashes_of_others
        from governance.erasure.saga import Outcome
        from governance.erasure.suppression_list import note

        house = self.desk.house
        with house.warehouse.connect() as con:
            others = hashes_of_others(con, entities(), self._suppressions(due))
        note(self.desk.engine, others, now=house.clock, reason="somebody else")
        return {
            one.erasure_id: Outcome(
                {
                    "keyed_hashes": len(one.person.hashes(self.keys.hashes)),
                    "records": len(one.person.records),
                    "shared_addresses_left": one.person.shared_count,
                }
            )
            for one in due
        }

    def _removals(self, due: "Sequence[Open]") -> "Outcome":
        """Queue them; what a tool does not take now stays due, and is sent again by every run."""
        from governance.erasure.saga import Outcome, together
        from orchestration import erasure_receipts

        ids = together(due).customer_ids
        return Outcome({"plans": len(erasure_receipts.queue(self.desk, ids, self.keys.hashes))})

    def _raw(self, due: "Sequence[Open]") -> "Outcome":
        from governance.erasure.saga import Outcome
        from ingestion.erase import erase_raw

        with self.desk.house.warehouse.connect() as con:
            erased = erase_raw(con, entities(), self._suppressions(due))
        return Outcome(
            {
                "dropped": {name: one.dropped for name, one in erased.items() if one.dropped},
                "emptied": {name: one.emptied for name, one in erased.items() if one.emptied},
                "blanked": {name: one.blanked for name, one in erased.items() if one.blanked},
            }
        )

    def _quarantine(self, due: "Sequence[Open]") -> "Outcome":
        from governance.erasure.files import clean_folder
        from governance.erasure.saga import Outcome
        from ingestion.erase_quarantine import erase_quarantined

        with self.desk.house.warehouse.connect() as con:
            files = landed(self.desk.house.settings)
            rows = erase_quarantined(con, files, self._suppressions(due))
        return Outcome(
            {"rows": rows, **clean_folder(self._home / "quarantine", self._needles(due))}
        )

    def _landed(self, due: "Sequence[Open]") -> "Outcome":
        from governance.erasure.saga import Outcome
        from ingestion.scrub import scrub_landed

        settings = self.desk.house.settings
        with self.desk.house.warehouse.connect() as con:
            report = scrub_landed(landed(settings), self._suppressions(due), warehouse=con)
        return Outcome(vars(report))

    def _tables(self, due: "Sequence[Open]") -> "Outcome":
        from governance.erasure.derived import wipe
        from governance.erasure.saga import Outcome, together

        with self.desk.house.warehouse.connect() as con:
            wiped = wipe(con, together(due), self.keys.hashes)
        return Outcome(vars(wiped))

    def _models(self, due: "Sequence[Open]") -> "Outcome":
        return self._untouched(self._home / "models", due)

    def _untouched(self, folder: Path, due: "Sequence[Open]", *skip: str) -> "Outcome":
        """A place that must hold nobody: it is looked through, and stays open if it does."""
        from governance.erasure.saga import Outcome
        from governance.erasure.scanner import scan

        release(self.desk.house.settings.warehouse)
        report = scan(folder, self._needles(due), skip=skip)
        return Outcome(report.as_evidence(), not report.hits)

    def _ledger(self, due: "Sequence[Open]") -> "Outcome":
        from contract.gate import RecordKey
        from governance.erasure.people import keys_of_others
        from governance.erasure.saga import Outcome, together
        from governance.ledger import erase_about
        from governance.mirror import copy_entries

        person = together(due)
        with self.desk.house.warehouse.connect() as con:
            erased = erase_about(
                self.desk.engine,
                [RecordKey(system, key) for system, key in person.records],
                person.address_hashes(self.keys.hashes),
                now=self.desk.house.clock,
                shared_keys=keys_of_others(con, person.records),
            )
            copy_entries(self.desk.engine, con)
        return Outcome({"entries": erased})

    def _published(self, due: "Sequence[Open]") -> "Outcome":
        """Published anew from the tables without the person: small groups are judged again, too."""
        from governance.erasure.saga import Outcome
        from governance.publishing.publish import current_publication, keep_only_current
        from orchestration.assets.publication import publish_now

        if current_publication(self._home) is None:
            return Outcome({"versions_removed": 0})
        publish_now(self.desk.house)
        return Outcome({"versions_removed": keep_only_current(self._home)})

    def _exports(self, due: "Sequence[Open]") -> "Outcome":
        from activation.export_log import withdraw_exports
        from governance.erasure.saga import Outcome
        from governance.erasure.scanner import scan

        folder = self._home / "exports"
        if not folder.exists():
            return Outcome({"files": 0, "exports_withdrawn": 0})
        report = scan(folder, self._needles(due))
        held = {hit.place.split("/")[0] for hit in report.hits if "/" in hit.place}
        gone = withdraw_exports(self.desk.engine, folder, held, now=self.desk.house.clock)
        delivering.write_export_index(self.desk)
        return Outcome({"files": report.files, "exports_withdrawn": len(gone)})

    def _pages(self, due: "Sequence[Open]") -> "Outcome":
        return self._cleaned(("site",), due)

    def _working(self, due: "Sequence[Open]") -> "Outcome":
        return self._cleaned(WORKING, due)

    def _cleaned(self, names: Sequence[str], due: "Sequence[Open]") -> "Outcome":
        from governance.erasure.files import clean_folder
        from governance.erasure.saga import Outcome

        needles = self._needles(due)
        return Outcome({name: clean_folder(self._home / name, needles) for name in names})

    def _identity(self, due: "Sequence[Open]") -> "Outcome":
        from governance.erasure.files import clean_lists
        from governance.erasure.saga import Outcome, together

        records = together(due).record_ids
        return Outcome(clean_lists(self._home / "identity", self._needles(due), records))

    def _destinations(self, due: "Sequence[Open]") -> "Mapping[str, Outcome]":
        from orchestration import erasure_receipts

        return erasure_receipts.ask(self.desk, due, self.keys.hashes)

    def _state(self, due: "Sequence[Open]") -> "Outcome":
        from governance.erasure.saga import Outcome, together
        from governance.erasure.state_rows import wipe_state

        return Outcome(wipe_state(self.desk.engine, together(due), self.keys.hashes))

    def _warehouse_file(self, due: "Sequence[Open]") -> "Outcome":
        from governance.erasure.derived import compact
        from governance.erasure.saga import Outcome

        release(self.desk.house.settings.warehouse)
        return Outcome({"bytes": compact(self.desk.house.settings.warehouse)})

    def _scan(self, due: "Sequence[Open]") -> "Outcome":
        return self._untouched(self._home, due, *OUTSIDE)
