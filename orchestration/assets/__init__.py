"""One wrapper per leaf: inputs from the house, one call, a report as metadata."""

import dagster as dg

from orchestration.settings import Settings


def all_assets(
    settings: Settings, months: dg.PartitionsDefinition[str]
) -> list[dg.AssetsDefinition]:
    """Every asset of one company, from the landed files to the pages."""
    from orchestration.assets.dbt_models import build_dbt_models
    from orchestration.assets.people import build_people
    from orchestration.assets.raw_files import build_raw_tables
    from orchestration.assets.segments import build_segments

    return [
        *build_raw_tables(months),
        *build_people(),
        build_dbt_models(settings, months),
        *build_segments(settings),
    ]
