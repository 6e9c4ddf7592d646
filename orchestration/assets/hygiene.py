"""Between two dbt steps: what numbering plans say of the telephone numbers that records carry."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import dagster as dg

from orchestration.built import code, digest_of_files
from orchestration.house import OWNER, POOL, House
from orchestration.lineage import straight
from orchestration.steps import working
from orchestration.tables import read_tables, table_metadata

NUMBERS = dg.AssetKey(["intermediate", "phone_numbers"])
OBSERVED = "intermediate/int_identity__observed"


def build_phone_numbers() -> dg.AssetsDefinition:
    """intermediate/phone_numbers; only numbers that it lacks are judged."""
    reads = digest_of_files(*code("quality/phone_numbers.py"))

    @dg.asset(
        key=NUMBERS,
        deps=[OBSERVED.split("/")],
        description="One row per telephone number that a record carries, valid in its plan or not.",
        group_name=NUMBERS.path[0],
        owners=[OWNER],
        kinds={"python", "duckdb"},
        pool=POOL,
        required_resource_keys={"house"},
    )
    def phone_numbers(context: dg.AssetExecutionContext) -> Iterator[Any]:
        from quality.phone_numbers import judge_numbers

        house: House = context.resources.house
        with working(context, house, reads=reads) as work:
            if work.skipped_since is not None:
                yield dg.MaterializeResult(metadata=work.metadata())
                return
            with house.warehouse.connect() as con:
                report = judge_numbers(con)
            work.step.note = f"{report.judged:,} of {report.numbers:,} numbers judged"
            yield dg.MaterializeResult(metadata={**asdict(report), **_metadata(house)})

    return phone_numbers


def _metadata(house: House) -> dict[str, Any]:
    relation = (NUMBERS.path[0], NUMBERS.path[1])
    with house.warehouse.connect() as con:
        table = read_tables(con, [relation])[relation]
    lineage = straight({"phone_number": [(OBSERVED, "identifier_value")]})
    return {**table_metadata(table), "run": house.run_id, "dagster/column_lineage": lineage}
