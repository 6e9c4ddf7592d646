"""A warehouse and a landing folder per corpus; every case lands beside a good neighbour."""

from __future__ import annotations

import ssl
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from case import Case

from contract.entity import load_entities
from ingestion.declarations import load_declarations
from ingestion.load import load_entity
from ingestion.place import Place
from ingestion.raw_tables import prepare
from ingestion.reasons import REFUSED_FILE
from ingestion.reports import LoadReport
from tests.fixtures import databases, poison_table

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)


@dataclass
class Warehouse:
    """One system with one declaration; load what was dropped and look."""

    root: Path
    system: str
    con: duckdb.DuckDBPyConnection
    entities: dict[str, Any] = field(default_factory=load_entities)

    def drop(self, cases: Sequence[Case]) -> None:
        """Land the files of these cases."""
        folder = self.root / "landing" / self.system
        folder.mkdir(parents=True, exist_ok=True)
        for case in cases:
            (folder / case.name).write_bytes(case.content)

    def load(self, entity: str) -> LoadReport:
        """Load every landed file that feeds the entity."""
        declared = load_declarations(self.root / "files", self.entities)
        place = Place(
            self.root / "landing", self.root / "work", quarantine=self.root / "quarantine"
        )
        return load_entity(self.con, self.entities[entity], declared, place, now=NOW)

    def wrong(self, report: LoadReport, cases: Sequence[Case]) -> list[tuple[str, object, object]]:
        """The cases whose rows did not become what they must: name, found, wanted."""
        found = {file.file_name: file for file in report.files}
        wrong: list[tuple[str, object, object]] = []
        for case in cases:
            if case.set_aside:
                said = self.reason(case)
                if case.set_aside not in said:
                    wrong.append((case.name, said, case.set_aside))
                continue
            file = found.get(case.name)
            counts = (file.rows_loaded, file.rows_quarantined, file.rows_duplicate) if file else ()
            wanted = (case.loaded, case.quarantined, case.duplicate)
            if counts != wanted:
                wrong.append((case.name, counts, wanted))
        return wrong

    def reason(self, case: Case) -> str:
        """Why the whole file is in the quarantine; '' when it is not, or no copy was kept."""
        rows = self.con.execute(
            "select reason from quarantine.files where file_name = ? and reason_code = ?",
            [case.name, REFUSED_FILE],
        ).fetchall()
        kept = list((self.root / "quarantine").rglob(f"*{case.name}"))
        is_kept = [path.read_bytes() for path in kept] == [case.content]
        return str(rows[0][0]) if rows and is_kept else ""


@pytest.fixture(autouse=True)
def _without_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every client reads the certificates of the world, which takes longer than most cases."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    monkeypatch.setattr(ssl, "create_default_context", lambda **_: context)


@pytest.fixture
def poison(record_property: Callable[[str, object], None]) -> Callable[..., None]:
    """Counts cases of a source kind by outcome, for the table at the end of the run."""

    def count(kind: str, outcome: str, cases: int = 1) -> None:
        assert outcome in poison_table.OUTCOMES
        record_property(poison_table.PROPERTY, [kind, outcome, cases])

    return count


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a server of our own; its databases are the tests'."""
    with databases.server() as url:
        yield url


@pytest.fixture
def warehouse_of(tmp_path: Path) -> Callable[[str, str], Warehouse]:
    """Makes a warehouse whose only system has this declaration."""

    def make(system: str, declaration: str) -> Warehouse:
        (tmp_path / "files").mkdir()
        (tmp_path / "work").mkdir()
        (tmp_path / "files" / f"{system}.yml").write_text(declaration, encoding="utf-8")
        con = duckdb.connect(str(tmp_path / "warehouse.duckdb"))
        warehouse = Warehouse(tmp_path, system, con)
        prepare(con, warehouse.entities)
        return warehouse

    return make
