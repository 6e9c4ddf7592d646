"""The assembly: settings in, Dagster definitions out. No asset is implemented here."""

import dagster as dg

from orchestration import intraday
from orchestration.assets import all_assets
from orchestration.declared import declarations
from orchestration.delivering import read_playbook
from orchestration.house import house_resource
from orchestration.jobs import build_jobs, build_schedules, build_sensor
from orchestration.partitions import months
from orchestration.progress import Progress
from orchestration.settings import Settings


def build_defs(settings: Settings, progress: Progress | None = None) -> dg.Definitions:
    """The whole graph of one company. Settings must be prepared: environment.prepare(settings)."""
    from orchestration.dbt import load_manifest

    every_month = months(settings.day)
    moment = intraday.selection(
        load_manifest(settings), declarations(settings), read_playbook(settings)
    )
    return dg.Definitions(
        assets=all_assets(settings, every_month),
        resources={"house": house_resource(settings, progress or Progress())},
        jobs=build_jobs(every_month, moment),
        schedules=build_schedules(settings),
        sensors=[build_sensor(settings)],
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """What `habitue dev` and Dagster's own commands load."""
    from orchestration.environment import prepare
    from orchestration.settings import load_settings

    settings = load_settings()
    prepare(settings)
    return build_defs(settings)
