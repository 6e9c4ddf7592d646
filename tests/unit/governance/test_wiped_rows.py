"""What the linker keeps of a person between two runs is erased with the person."""

from __future__ import annotations

from pathlib import Path

import duckdb

from governance.erasure.derived import wipe
from governance.erasure.identifiers import Identifiers
from identity.linking.link import link_records
from tests.fixtures.linked_people import everybody, store


def test_the_prepared_row_and_the_links_of_an_erased_record_go(tmp_path: Path) -> None:
    rows = everybody(11, 120)
    system, key = str(rows[0]["record_id"]).split("|")
    with duckdb.connect() as con:
        store(con, rows)
        link_records(con, seed=11, model_file=tmp_path / "linker.json")
        wipe(con, Identifiers(records=((system, key),)), b"key")
        for table, columns in (
            ("identity_link_rows", "record_id"),
            ("identity_links", "record_id || other_record_id"),
        ):
            kept = con.execute(f"select {columns} from intermediate.{table}").fetchall()
            assert kept
            assert [one for (one,) in kept if f"{system}|{key}" in one] == []
