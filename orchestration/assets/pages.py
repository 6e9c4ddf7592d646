"""One asset per page of the site; one function builds them all, because a site is one folder."""

from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg

from orchestration.assets.publication import KEY as PUBLICATION
from orchestration.built import code, digest_of, digest_of_files
from orchestration.delivering import read_playbook
from orchestration.house import OWNER, POOL, House
from orchestration.settings import Settings
from orchestration.steps import working

LAYER = "dashboards"


def build_pages(deps: Sequence[dg.AssetKey]) -> list[dg.AssetsDefinition]:
    """The pages found in dashboards/pages; deps are the campaigns whose deliveries they show."""
    names = sorted(
        path.stem
        for path in code("dashboards/pages")[0].glob("*.py")
        if not path.stem.startswith("_")
    )

    @dg.multi_asset(
        name="site",
        specs=[_spec(name, deps) for name in names],
        pool=POOL,
        required_resource_keys={"house"},
    )
    def site(context: dg.AssetExecutionContext) -> Iterator[Any]:
        house: House = context.resources.house
        settings = house.settings
        written = [*code("dashboards"), settings.segments_dir, settings.campaigns_dir]
        reads = digest_of(digest_of_files(*written), shown_besides(settings))
        with working(context, house, reads=reads, name="site") as work:
            metadata: dict[str, Any] = dict(work.metadata())
            if work.skipped_since is None:
                metadata = build_site(house)
                work.step.rows = metadata["pages"]
            for name in names:
                files = [f"{lang}/{name}.html" for lang in settings.languages]
                yield dg.MaterializeResult(
                    asset_key=[LAYER, name], metadata={**metadata, "files": ", ".join(files)}
                )

    return [site] if names else []


def _spec(name: str, deps: Sequence[dg.AssetKey]) -> dg.AssetSpec:
    return dg.AssetSpec(
        dg.AssetKey([LAYER, name]),
        deps=[PUBLICATION, *deps],
        description=f"The page '{name}', in every language of the company.",
        group_name=LAYER,
        owners=[OWNER],
        kinds={"plotly", "html"},
    )


def shown_besides(settings: Settings) -> str:
    """A digest of what the pages show besides the publication: exports and deliveries."""
    from sqlalchemy import text

    from orchestration.house import open_state

    exports = settings.home / "exports"
    files = sorted(
        (str(p.relative_to(exports)), p.stat().st_size, p.stat().st_mtime_ns)
        for p in exports.rglob("*")
        if p.is_file()
    )
    with open_state(settings) as engine, engine.connect() as con:
        counts = con.execute(
            text(
                "select campaign, is_present, count(*), max(acknowledged_at) from deliveries"
                " group by campaign, is_present order by campaign, is_present"
            )
        ).all()
    return digest_of(files, [list(row) for row in counts])


def build_site(house: House) -> dict[str, Any]:
    """Build the site of the current publication; figures of it."""
    from dashboards.site import SiteSettings, build

    settings = house.settings
    playbook = read_playbook(settings)
    segments = {name: segment.title for name, segment in playbook.segments.items()}
    shown = SiteSettings(
        as_of=house.as_of,
        languages=settings.languages,
        company_name=settings.company_name,
        currency=settings.currency,
        exports=settings.home / "exports",
        time_zone=settings.time_zone,
        names=segments | playbook.campaign_titles,
    )
    with house.state() as engine:
        report = build(settings.published, settings.home / "site", shown, engine)
    return dict(report.as_metadata())
