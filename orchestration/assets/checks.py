"""The three doors: Great Expectations suites as blocking checks beside the asset they look at."""

from typing import TYPE_CHECKING, Any

import dagster as dg

from orchestration.house import House, now
from orchestration.steps import UNCHANGED, Work

if TYPE_CHECKING:
    from quality.report import SuiteReport

EXPECTATIONS = "expectations"


def door(key: dg.AssetKey, suite: str) -> dg.AssetCheckSpec:
    """The check that a suite is for an asset."""
    return dg.AssetCheckSpec(
        EXPECTATIONS,
        asset=key,
        blocking=True,
        description=f"Great Expectations: quality/suites/{suite}.py",
    )


def check(
    house: House, work: Work, suite: str, key: dg.AssetKey, *, load_id: str | None = None
) -> dg.AssetCheckResult:
    """Run a suite against the warehouse, keep its counts, and say so to the step."""
    from quality import runner, store

    with house.warehouse.connect() as con:
        report = runner.run_suite(suite, con, load_id=load_id)
        store.record(con, report, run_id=house.run_id, checked_at=now())
    work.is_well = work.is_well and report.passed
    return dg.AssetCheckResult(
        asset_key=key, check_name=EXPECTATIONS, passed=report.passed, metadata=figures(report)
    )


def still_good(key: dg.AssetKey, name: str, since: str) -> dg.AssetCheckResult:
    """The result of a check that passed when the same rows were looked at last."""
    return dg.AssetCheckResult(
        asset_key=key, check_name=name, passed=True, metadata={UNCHANGED: since}
    )


def figures(report: "SuiteReport") -> dict[str, Any]:
    """Counts and the words of what failed; never a value."""
    found = report.as_metadata()
    return {
        "rows": found["rows"],
        "checks": found["checks"],
        "failures": dg.MetadataValue.json([o.expectation for o in report.failures]),
    }
