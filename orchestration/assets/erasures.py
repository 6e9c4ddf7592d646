"""Requests to be forgotten, worked off by every daily run; those that wait go on with each."""

from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg

from orchestration import delivering, erasing
from orchestration.delivering import Playbook
from orchestration.house import OWNER, POOL, House
from orchestration.steps import working

KEY = dg.AssetKey(["governance", "erasures"])
NONE_STUCK = "none_stuck"
NONE_UNCLEAR = "none_unclear"


def build_erasures(playbook: Playbook, deps: Sequence[dg.AssetKey]) -> list[dg.AssetsDefinition]:
    """governance/erasures, between the tables (deps) and all that is made of them to be read.

    So nothing that a run publishes, plans or sends is about somebody who asked by then.
    """

    @dg.asset(
        key=KEY,
        deps=[dg.AssetKey(["raw_files", "erasure_requests"]), *deps],
        group_name="governance",
        owners=[OWNER],
        kinds={"python"},
        description="Erasures asked for and not finished: every place, its evidence, its receipt.",
        pool=POOL,
        check_specs=[
            dg.AssetCheckSpec(
                NONE_STUCK, asset=KEY, description="Every erasure has come to its certificate."
            ),
            dg.AssetCheckSpec(
                NONE_UNCLEAR, asset=KEY, description="Every request names one person."
            ),
        ],
        required_resource_keys={"house"},
    )
    def erasures(context: dg.AssetExecutionContext) -> Iterator[Any]:
        house: House = context.resources.house
        with working(context, house, reads="", name="erasures") as work:
            with delivering.open_desk(house, playbook) as desk:
                swept = erasing.sweep_landed(desk)
                unclear = erasing.take_requests(desk)
                worked = erasing.work_off(desk)
                work.set_content(erasing.state_of_erasures(desk))
            work.step.rows = len(worked.finished)
            work.step.note = f"{len(worked.waiting)} wait" if worked.waiting else ""
            figures = {"finished": len(worked.finished), "waiting": len(worked.waiting)}
            figures["unclear"] = len(unclear)
            metadata = {**figures, "landed_files_rewritten": int(swept.get("rewritten", 0))}
            yield dg.MaterializeResult(
                metadata={**metadata, "run": house.run_id},
                check_results=[
                    _look(NONE_STUCK, worked.waiting),
                    _look(NONE_UNCLEAR, unclear),
                ],
            )

    return [erasures]


def _look(name: str, found: Sequence[str]) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=name,
        passed=not found,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"found": ", ".join(found) or "none"},
    )
