"""One wrapper per leaf: inputs from the house, one call, a report as metadata."""

import dagster as dg

from orchestration.declared import declarations
from orchestration.settings import Settings

PUBLISHED_LAYERS = {"marts", "ml", "segments"}


def all_assets(
    settings: Settings, months: dg.PartitionsDefinition[str]
) -> list[dg.AssetsDefinition]:
    """Every asset of one company, from the landed files to the pages."""
    from orchestration.assets.dbt_models import build_dbt_models
    from orchestration.assets.deliveries import build_deliveries, build_plans, build_waterfalls
    from orchestration.assets.erasures import KEY as ERASURES
    from orchestration.assets.erasures import build_erasures
    from orchestration.assets.hygiene import build_phone_numbers
    from orchestration.assets.landing import build_landing, landed_for
    from orchestration.assets.pages import build_pages
    from orchestration.assets.people import build_people
    from orchestration.assets.publication import build_publication
    from orchestration.assets.raw_files import build_raw_tables
    from orchestration.assets.scenarios import build_scenarios
    from orchestration.assets.scores import build_models
    from orchestration.assets.segments import build_segments
    from orchestration.delivering import read_playbook

    playbook = read_playbook(settings)
    declared = declarations(settings)
    warehouse = [
        *build_raw_tables(months, landed_for(declared)),
        *build_people(),
        build_phone_numbers(),
        build_dbt_models(settings, months),
        *build_models(),
        *build_scenarios(playbook),
        *build_segments(settings, playbook),
        *build_waterfalls(playbook),
    ]
    keys = [key for assets in warehouse for key in assets.keys]
    published = sorted((k for k in keys if k.path[0] in PUBLISHED_LAYERS), key=str)
    deliveries = build_deliveries(playbook)
    delivered = sorted((key for assets in deliveries for key in assets.keys), key=str)
    return [
        *build_landing(declared),
        *warehouse,
        *build_erasures(playbook, published),
        build_publication([*published, ERASURES]),
        *build_plans(playbook),
        *deliveries,
        *build_pages(delivered),
    ]
