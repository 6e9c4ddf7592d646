"""Hands Parquet files of new rows to dlt, which appends them to the raw table."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from contract import crash_points
from contract.entity import Entity
from ingestion.classify import Parts
from ingestion.raw_tables import raw_columns

_DATASET = "raw_files"
_DLT_TYPES = {"varchar": "text", "bigint": "bigint", "boolean": "bool", "date": "date"}


def append(con: duckdb.DuckDBPyConnection, entity: Entity, parts: Parts, work_dir: Path) -> None:
    """Append the rows of all parts to raw_files.<entity>.

    A package that a killed process left pending is dropped first: its rows were never
    acknowledged, so they were taken out and are in the parts again.
    """
    pipelines_dir = work_dir / "dlt"
    shutil.rmtree(pipelines_dir / entity.name, ignore_errors=True)
    import dlt
    from dlt.common.runtime.telemetry import stop_telemetry

    # Importing dlt starts its telemetry; the setting alone comes too late to keep it silent.
    dlt.config["runtime.dlthub_telemetry"] = False
    stop_telemetry()
    dlt.config["load.delete_completed_jobs"] = True
    pipeline = dlt.pipeline(
        pipeline_name=entity.name,
        pipelines_dir=str(pipelines_dir),
        destination=dlt.destinations.duckdb(con),
        dataset_name=_DATASET,
    )
    pipeline.extract(_resource(entity, parts), loader_file_format="parquet")
    pipeline.normalize()
    crash_points.reach("ingest.extracted")
    pipeline.load(raise_on_failed_jobs=True)
    crash_points.reach("ingest.loaded")
    shutil.rmtree(pipelines_dir / entity.name, ignore_errors=True)


def _resource(entity: Entity, parts: Parts) -> Any:
    import dlt

    def files() -> Iterator[Any]:
        for path, row_count in parts.written:
            yield dlt.mark.with_file_import(str(path), "parquet", items_count=row_count)

    columns: Any = [_hint(name, kind) for name, kind in raw_columns(entity).items()]
    return dlt.resource(files(), name=entity.name, write_disposition="append", columns=columns)


def _hint(name: str, kind: str) -> dict[str, Any]:
    if kind == "timestamp":
        return {"name": name, "data_type": "timestamp", "timezone": False, "precision": 6}
    if kind.startswith("decimal"):
        precision, scale = kind.removeprefix("decimal(").rstrip(")").split(",")
        return {
            "name": name,
            "data_type": "decimal",
            "precision": int(precision),
            "scale": int(scale),
        }
    return {"name": name, "data_type": _DLT_TYPES[kind]}
