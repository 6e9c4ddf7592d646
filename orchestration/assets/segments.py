"""One asset per segment: its size, who entered and left, its sentence; a segment runs alone too."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import dagster as dg

from orchestration.assets import checks
from orchestration.built import code, digest_of_files
from orchestration.delivering import Playbook
from orchestration.house import POOL, House
from orchestration.lineage import straight
from orchestration.settings import Settings
from orchestration.steps import Work, working

if TYPE_CHECKING:
    from activation.definitions import Segment

LAYER = "segments"
SIZE = "expected_size"
SUITES = ("segment_members", "segment_sizes")
MARTS = [
    "customer_360", "customer_categories", "customer_campaigns", "customer_products_seen",
    "customer_contents", "customer_topics", "customer_carts", "customer_scenarios",
]  # fmt: skip


def segment_key(name: str) -> dg.AssetKey:
    """segments/<name>."""
    return dg.AssetKey([LAYER, name])


def build_segments(settings: Settings, playbook: Playbook) -> list[dg.AssetsDefinition]:
    """Every segment as an asset of one function, so that one, some or all run together."""
    segments = playbook.segments
    reads = digest_of_files(settings.segments_dir, *code("activation"))

    @dg.multi_asset(
        name="segments",
        specs=[_spec(segment) for segment in segments.values()],
        check_specs=[spec for name in segments for spec in _check_specs(name)],
        can_subset=True,
        pool=POOL,
        required_resource_keys={"house"},
    )
    def materialise_segments(context: dg.AssetExecutionContext) -> Iterator[Any]:
        house: House = context.resources.house
        keys = {segment_key(name): name for name in segments}
        chosen = [name for key, name in keys.items() if key in context.selected_asset_keys]
        with working(context, house, reads=reads, name=f"{len(chosen)} segments") as work:
            if work.skipped_since is not None:
                for name in chosen:
                    yield dg.MaterializeResult(
                        asset_key=segment_key(name), metadata=work.metadata()
                    )
                return
            yield from _materialise(house, {name: segments[name] for name in chosen}, work)
            yield from _look(context, house, work)

    return [materialise_segments] if segments else []


def _spec(segment: "Segment") -> dg.AssetSpec:
    return dg.AssetSpec(
        segment_key(segment.name),
        deps=[dg.AssetKey(["marts", mart]) for mart in MARTS],
        description=f"{segment.title['en']}. {segment.description['en']}",
        group_name=LAYER,
        owners=[_owner(segment.owner)],
        kinds={"python", "duckdb"},
    )


def _owner(owner: str) -> str:
    return owner if "@" in owner or owner.startswith("team:") else f"team:{owner}"


def _check_specs(name: str) -> list[dg.AssetCheckSpec]:
    size = dg.AssetCheckSpec(
        SIZE, asset=segment_key(name), description="As many members as its file expects."
    )
    return [checks.door(segment_key(name), " and ".join(SUITES)), size]


def _materialise(house: House, chosen: "Mapping[str, Segment]", work: Work) -> Iterator[Any]:
    from activation.segments import materialise

    with house.state() as engine, house.warehouse.connect() as con:
        reports = materialise(con, engine, chosen.values(), as_of=house.as_of, run_id=house.run_id)
    work.step.rows = sum(report.member_count for report in reports)
    unexpected = [f"{one.segment}: {said}" for one in reports for said in one.violations]
    work.step.note = "\n".join(["", *unexpected])
    for report in reports:
        metadata = {
            **report.as_metadata(),
            "dagster/row_count": report.member_count,
            "dagster/column_lineage": _lineage(chosen[report.segment]),
            "run": house.run_id,
        }
        yield dg.MaterializeResult(asset_key=segment_key(report.segment), metadata=metadata)
        yield dg.AssetCheckResult(
            asset_key=segment_key(report.segment),
            check_name=SIZE,
            passed=not report.violations,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"violations": "\n".join(report.violations) or "none"},
        )


def _look(context: dg.AssetExecutionContext, house: House, work: Work) -> Iterator[Any]:
    """The suites read whole tables: one look answers for every segment of the step."""
    any_key = next(iter(context.selected_asset_keys))
    results = [checks.check(house, work, suite, any_key) for suite in SUITES]
    for check in context.selected_asset_check_keys:
        if check.name == checks.EXPECTATIONS:
            yield dg.AssetCheckResult(
                asset_key=check.asset_key,
                check_name=check.name,
                passed=all(result.passed for result in results),
                metadata={s: r.metadata["failures"] for s, r in zip(SUITES, results, strict=True)},
            )


def _lineage(segment: "Segment") -> dg.TableColumnLineage:
    from activation.sentences import columns_used, quantifiers

    reasons = [("marts/customer_360", c.name) for c in columns_used(segment.where)]
    reasons += [(f"marts/{h.mart}", c.name) for h in quantifiers(segment.where) for c in h.facts]
    return straight(
        {
            "customer_id": [("marts/customer_360", "customer_id")],
            "reasons_en": reasons,
            "reasons_fr": reasons,
        }
    )
