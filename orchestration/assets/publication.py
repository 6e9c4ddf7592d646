"""What readers see: one publication of the checked warehouse, switched to by one rename."""

from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg

from orchestration.built import code, digest_of_files
from orchestration.house import OWNER, POOL, House, now
from orchestration.lineage import straight
from orchestration.settings import DBT_PROJECT, read_pseudonym_key
from orchestration.steps import working
from orchestration.warehouse import release

KEY = dg.AssetKey(["published", "publication"])


def build_publication(deps: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """The publication of everything in deps: marts, scores, segments."""
    reads = digest_of_files(*code("governance/publishing"))

    @dg.asset(
        key=KEY,
        deps=list(deps),
        group_name="published",
        owners=[OWNER],
        kinds={"duckdb", "parquet"},
        description="public.duckdb, named.duckdb and Parquet files below published/.",
        pool=POOL,
        required_resource_keys={"house"},
    )
    def publication(context: dg.AssetExecutionContext) -> Iterator[Any]:
        house: House = context.resources.house
        with working(context, house, reads=reads) as work:
            if work.skipped_since is not None:
                yield dg.MaterializeResult(metadata=work.metadata())
                return
            metadata = publish_now(house)
            work.step.rows = metadata.get("rows")
            yield dg.MaterializeResult(
                metadata={**metadata, "run": house.run_id, "dagster/column_lineage": _lineage()}
            )

    return publication


def publish_now(house: House) -> dict[str, Any]:
    """Publish the warehouse as it is, unless readers see that already; figures."""
    from importlib.metadata import version

    from governance.publishing.build import Stamp
    from governance.publishing.documents import load_documents
    from governance.publishing.publish import publish

    stamp = Stamp(
        run_id=house.run_id,
        published_at=now(),
        product_version=version("habitue"),
        pseudonym_key=read_pseudonym_key(house.settings),
        duckdb_config=house.warehouse.options(),
    )
    documents = load_documents(DBT_PROJECT / "models" / "marts")
    release(house.settings.warehouse)
    report = publish(house.settings.warehouse, house.settings.home, stamp, documents)
    return dict(report.as_metadata())


def _lineage() -> dg.TableColumnLineage:
    """The columns that everybody asks for; the rest have the same name in their mart."""
    from governance.publishing.documents import load_documents

    documents = load_documents(DBT_PROJECT / "models" / "marts")
    columns = documents["marts.customer_360"].columns
    return straight({name: [("marts/customer_360", name)] for name in columns})
