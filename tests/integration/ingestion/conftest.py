"""A warehouse, a landing folder and one invented system, for tests of loading."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import pytest

from contract.entity import load_entities
from ingestion.declarations import load_declarations
from ingestion.load import load_entity
from ingestion.place import Place
from ingestion.raw_tables import prepare
from ingestion.reports import LoadReport

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)

SHOP = """
system: shop
description: An invented shop.
owner: data
separator: ";"
decimal: ","
date_format: "%d/%m/%Y"
time_zone: Europe/Paris
manifest: optional
settle_seconds: 1
files:
  lines:
    entity: order_lines
    pattern: lines*.csv
    columns:
      order_key: ticket
      line_number: line
      product_key: product
      line_kind:
        when: [{column: quantity, below: 0, value: return}]
        otherwise: sale
      quantity: quantity
      net_amount: amount
      retail_discount_amount: discount
      ordered_at: day
  people:
    entity: customers
    pattern: people*.csv
    columns: {customer_key: id, city: city}
"""


@dataclass
class Shop:
    """The invented shop: drop files, load, look."""

    root: Path
    con: duckdb.DuckDBPyConnection
    entities: dict[str, Any] = field(default_factory=load_entities)

    @property
    def folder(self) -> Path:
        return self.root / "landing" / "shop"

    def declare(self, text: str) -> None:
        (self.root / "files" / "shop.yml").write_text(text, encoding="utf-8")

    def drop(self, name: str, *rows: str, encoding: str = "utf-8") -> Path:
        path = self.folder / name
        path.write_bytes(("\n".join(rows) + "\n").encode(encoding))
        return path

    def manifest(self, name: str, *paths: Path, **more: Any) -> None:
        files = [
            {"name": path.name, "bytes": path.stat().st_size,
             "sha256": sha256(path.read_bytes()).hexdigest()}
            for path in paths
        ]  # fmt: skip
        content = {"delivered_at": "2029-05-01T00:00:00Z", "files": files} | more
        (self.folder / f"{name}.manifest.json").write_text(json.dumps(content))

    def load(self, entity: str, **place: Any) -> LoadReport:
        declarations = load_declarations(self.root / "files", self.entities)
        where = Place(self.root / "landing", self.root / "work", **place)
        return load_entity(self.con, self.entities[entity], declarations, where, now=NOW)

    def start_again(self) -> None:
        """Empty the landing folder and the warehouse."""
        for path in self.folder.iterdir():
            path.unlink()
        for table in ("raw_files.order_lines", "raw_control.loads", "raw_control.files_seen",
                      "quarantine.files"):  # fmt: skip
            self.con.execute(f"delete from {table}")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.con.execute(query).fetchall()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    for name in ("landing/shop", "files", "work"):
        (tmp_path / name).mkdir(parents=True)
    with duckdb.connect(str(tmp_path / "warehouse.duckdb"), config={"threads": 1}) as con:
        shop = Shop(tmp_path, con)
        shop.declare(SHOP)
        prepare(con, shop.entities)
        yield shop
