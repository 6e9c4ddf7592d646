"""Poisoned till, event and Parquet files: no crash, no silent loss, neighbours unaffected."""

from __future__ import annotations

from collections import Counter

import csv_corpus
import jsonl_corpus
import parquet_corpus
import pytest
from case import SEED

from ingestion.errors import ContractBroken

KINDS = {
    "tills": ("tills", csv_corpus.DECLARATION, "order_lines", csv_corpus.cases()),
    "events": ("web", jsonl_corpus.DECLARATION, "web_events", jsonl_corpus.cases()),
    "parquet": ("shop", parquet_corpus.DECLARATION, "orders", parquet_corpus.cases()),
}
REFUSED = [(kind, case) for kind, (*_, cases) in KINDS.items() for case in cases if case.refused]


@pytest.mark.parametrize("kind", KINDS)
def test_every_readable_file_is_accounted_for_row_by_row(warehouse_of, capsys, poison, kind: str):
    system, declaration, entity, cases = KINDS[kind]
    readable = [case for case in cases if not case.refused]
    for outcome, count in Counter(case.outcome for case in readable).items():
        poison(f"files, {kind}", outcome, count)
    warehouse = warehouse_of(system, declaration)
    warehouse.drop(readable)
    report = warehouse.load(entity)
    wrong = warehouse.wrong(report, readable)
    with capsys.disabled():
        print(f"\npoisoned {kind} files: {len(readable)} read, {len(wrong)} wrong, seed {SEED}")  # noqa: T201
    assert wrong == []
    assert report.is_balanced


@pytest.mark.parametrize(("kind", "case"), REFUSED, ids=lambda part: getattr(part, "name", part))
def test_a_file_that_breaks_the_contract_is_refused_and_says_why(warehouse_of, poison, kind, case):
    poison(f"files, {kind}", case.outcome)
    system, declaration, entity, _ = KINDS[kind]
    warehouse = warehouse_of(system, declaration)
    warehouse.drop([case])
    with pytest.raises(ContractBroken, match=case.refused):
        warehouse.load(entity)
    counted = warehouse.con.execute(f"select count(*) from raw_files.{entity}").fetchall()
    assert counted == [(0,)]
