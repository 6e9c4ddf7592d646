"""One asset per trained model, with its back-test, calibration and drivers; one for the scores."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import dagster as dg

from orchestration.assets import checks
from orchestration.built import Built, code, digest_of_files
from orchestration.house import OWNER, POOL, House
from orchestration.jobs import DAILY
from orchestration.lineage import straight
from orchestration.steps import UNCHANGED, Work, working
from orchestration.tables import read_tables, table_metadata

if TYPE_CHECKING:
    import duckdb

    from ml.spec import ModelSpec

LAYER = "ml"
SCORES = dg.AssetKey([LAYER, "scores"])
SEED = 2017
FEATURES = "features/customer_features"
CATEGORY_FEATURES = "features/customer_category_features"


def build_models() -> list[dg.AssetsDefinition]:
    """The models found in ml/models, and ml.scores."""
    from ml.registry import specs

    found = specs()
    trained = [_trained(spec) for spec in found.values()]
    return [*trained, _scores(found)] if found else []


def trained_key(name: str) -> dg.AssetKey:
    """ml/trained_<name>."""
    return dg.AssetKey([LAYER, f"trained_{name}"])


def _inputs(spec: "ModelSpec") -> list[dg.AssetKey]:
    names = [FEATURES, "features/labels", *([CATEGORY_FEATURES] if spec.has_subject else [])]
    return [dg.AssetKey(name.split("/")) for name in names]


def _trained(spec: "ModelSpec") -> dg.AssetsDefinition:
    key = trained_key(spec.name)
    reads = digest_of_files(*code("ml"))

    @dg.asset(
        key=key,
        deps=_inputs(spec),
        group_name=LAYER,
        owners=[OWNER],
        kinds={"python", "scikitlearn"},
        description=(
            f"Model of {spec.name}, back-tested on later cut-offs beside its naive rule. The daily "
            "job keeps it, the weekly one trains it again."
        ),
        pool=POOL,
        required_resource_keys={"house"},
    )
    def trained(context: dg.AssetExecutionContext) -> Iterator[Any]:
        house: House = context.resources.house
        with working(context, house, reads=reads) as work:
            code_key = f"{key.to_user_string()}#code"
            built = Built(house.warehouse)
            kept = built.digests([code_key]).get(code_key) == reads and _daily(context, work)
            metadata = _kept(house, spec) if kept else _train(house, spec, work)
            work.set_content(str(metadata["model_version"]))
            built.remember({code_key: reads}, house.run_id)
            yield dg.MaterializeResult(metadata={**metadata, **_evidence(house, spec)})

    return trained


def _daily(context: dg.AssetExecutionContext, work: Work) -> bool:
    """The daily job keeps a model that is there; whoever asks for this asset gets a new one."""
    return context.job_name == DAILY and work.may_keep


def _train(house: House, spec: "ModelSpec", work: Work) -> dict[str, Any]:
    from ml.train import train

    with house.warehouse.connect() as con:
        report = train(
            con,
            spec,
            as_of=house.as_of,
            seed=SEED,
            models_dir=house.folder("models"),
            threads=house.settings.threads,
            on_progress=work.step.update,
        )
    work.step.rows = report.row_count
    work.step.note = report.notice_en or ("trained" if report.is_trained else "unchanged")
    return {name: _plain(value) for name, value in report.as_metadata().items()}


def _kept(house: House, spec: "ModelSpec") -> dict[str, Any]:
    with house.warehouse.connect() as con:
        version = con.execute(
            "select model_version from ml.models where score = ?", [spec.name]
        ).fetchall()
    return {"model_version": version[0][0] if version else "", UNCHANGED: "its last training"}


def _plain(value: Any) -> Any:
    return dg.MetadataValue.json(value) if isinstance(value, dict | list) else value


# What the UI shows of a model: one Markdown table each.
EVIDENCE = {
    "backtest": (
        "select cut_off, metric, model, round(value, 4) as value from ml.backtests"
        " where score = ? order by metric, model, cut_off"
    ),
    "calibration": (
        "select cut_off, bin, round(predicted, 4) as predicted, round(observed, 4) as observed,"
        " row_count from ml.calibration where score = ? order by cut_off, bin"
    ),
    "drivers": (
        "select feature, round(importance, 4) as importance, label_en, label_fr from ml.drivers"
        " where score = ? order by importance desc limit 15"
    ),
}


def _evidence(house: House, spec: "ModelSpec") -> dict[str, Any]:
    with house.warehouse.connect() as con:
        return {
            name: dg.MetadataValue.md(_markdown(con, query, spec.name))
            for name, query in EVIDENCE.items()
        }


def _markdown(con: "duckdb.DuckDBPyConnection", query: str, score: str) -> str:
    cursor = con.execute(query, [score])
    names = [column[0] for column in cursor.description or []]
    lines = [names, ["---"] * len(names), *cursor.fetchall()]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def _scores(found: "dict[str, ModelSpec]") -> dg.AssetsDefinition:
    inputs = {key for spec in found.values() for key in _inputs(spec)}
    reads = digest_of_files(*code("ml"))

    @dg.asset(
        key=SCORES,
        deps=[*(trained_key(name) for name in found), *sorted(inputs, key=str)],
        group_name=LAYER,
        owners=[OWNER],
        kinds={"python", "duckdb"},
        description="One row per customer, score and subject, on the latest day, with reasons.",
        pool=POOL,
        check_specs=[checks.door(SCORES, "scores")],
        required_resource_keys={"house"},
    )
    def scores(context: dg.AssetExecutionContext) -> Iterator[Any]:
        house: House = context.resources.house
        with working(context, house, reads=reads) as work:
            if work.skipped_since is not None:
                looked = checks.still_good(SCORES, checks.EXPECTATIONS, work.skipped_since)
                yield dg.MaterializeResult(metadata=work.metadata(), check_results=[looked])
                return
            reports = _score(house, found, work)
            with house.warehouse.connect() as con:
                table = read_tables(con, [(LAYER, "scores")])[LAYER, "scores"]
            metadata = {**reports, **table_metadata(table), "run": house.run_id}
            metadata["dagster/column_lineage"] = _lineage(found)
            looked = checks.check(house, work, "scores", SCORES)
            yield dg.MaterializeResult(metadata=metadata, check_results=[looked])

    return scores


def _score(house: House, found: "dict[str, ModelSpec]", work: Work) -> dict[str, Any]:
    from ml.score import score

    reports = {}
    for name, spec in found.items():
        work.step.update(name)
        with house.warehouse.connect() as con:
            reports[name] = score(con, spec, as_of=house.as_of, models_dir=house.folder("models"))
    work.step.rows = sum(report.row_count for report in reports.values())
    return {name: dg.MetadataValue.json(r.as_metadata()) for name, r in reports.items()}


def _lineage(found: "dict[str, ModelSpec]") -> dg.TableColumnLineage:
    names = sorted({name for spec in found.values() for name in spec.features})
    inputs = [(FEATURES, name) for name in names]
    return straight(
        {
            "customer_id": [(FEATURES, "customer_id")],
            "subject": [(CATEGORY_FEATURES, "category")],
            **dict.fromkeys(("probability", "percentile", "reasons"), inputs),
        }
    )
