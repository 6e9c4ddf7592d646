"""The last screen of a run: what was built, with counts, and where to look."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.settings import Settings

if TYPE_CHECKING:
    import duckdb

COUNTS = {
    "customers": "select count(*) from marts.customer_360",
    "orders": "select sum(order_count) from marts.revenue_by_month",
    "net revenue": "select sum(net_amount) from marts.revenue_by_month",
    "RFM groups": "select count(distinct rfm_group) from marts.rfm",
    "scores in use": "select count(distinct score) from ml.scores where used",
    "segments": "select count(*) from segments.sizes",
    "people in a segment": "select count(distinct customer_id) from segments.members",
}
# A file is opened by a person and contacts nobody, so its rows are counted apart.
OUTCOMES = """
select
    case when list_contains(?, campaign) then 'in files' else 'to customers' end as whereto,
    outcome,
    sum(row_count)
from segments.waterfalls
group by all
order by whereto desc, 3 desc
"""


def after_run(settings: Settings, run_id: str) -> None:
    """Print the counts of the current publication and the paths that open."""
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    if not settings.published.exists():
        console.print("Nothing is published yet.")
        return
    table = Table(title=f"{settings.company_name}, as of {settings.day}", show_header=False)
    table.add_column(style="bold")
    table.add_column(justify="right")
    for name, value in counts(settings):
        table.add_row(name, value)
    console.print(table)
    console.print("Where to look:")
    for label, path in places(settings):
        console.print(f"  {label:<34} {path}", soft_wrap=True)
    console.print(f"[dim]run {run_id}; the same graph in the Dagster UI: make dev[/dim]")


def counts(settings: Settings) -> Iterator[tuple[str, str]]:
    """What was built, in the words of the people who use it."""
    import duckdb

    from orchestration.delivering import read_playbook

    path = settings.published.resolve() / "public.duckdb"
    with duckdb.connect(str(path), read_only=True) as con:
        for name, query in COUNTS.items():
            value = _value(con, query)
            yield name, f"{value:,}" + (f" {settings.currency}" if "revenue" in name else "")
        files = [one.name for one in read_playbook(settings).campaigns if not one.contacts]
        for whereto, outcome, count in con.execute(OUTCOMES, [files]).fetchall():
            yield f"rows {whereto}: {str(outcome).replace('_', ' ')}", f"{count:,}"


def _value(con: "duckdb.DuckDBPyConnection", query: str) -> int:
    return round(con.execute(query).fetchall()[0][0] or 0)


def places(settings: Settings) -> list[tuple[str, Path]]:
    """Files that a person opens; only those that are there."""
    home = settings.home
    named = [
        *((f"dashboards ({lang})", home / "site" / lang / "overview.html")
          for lang in settings.languages),
        ("exported segments", home / "exports" / "index.html"),
        ("published tables", home / "published" / "public.duckdb"),
        ("published tables, with people", home / "published" / "named.duckdb"),
        ("published tables as Parquet", home / "published" / "parquet"),
        ("model cards", home / "models"),
        ("quarantined files", home / "quarantine"),
        ("certificates of erasures", home / "erasures"),
    ]  # fmt: skip
    return [(label, path) for label, path in named if _has_something(path)]


def _has_something(path: Path) -> bool:
    return path.is_file() or (path.is_dir() and any(path.iterdir()))
