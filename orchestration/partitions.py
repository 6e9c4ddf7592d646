"""One partition per month, for landing and for features, so that a past month re-runs from the UI.

A Dagster job holds assets of one partitions definition only (tried on 1.13: "Selected assets must
have the same partitions definitions"), so raw tables and features share the months: for a raw
table a month is the files of that month, for features the cut-offs that lie in it.
The newest month means everything that is new: new files whatever their month, missing cut-offs.
It is what the schedule, the sensor, the command line and a person in the UI start. (A run without
any partition would fail: Dagster asks for the key range of a feature that reads another feature.)
"""

from datetime import date

import dagster as dg

FIRST_MONTH = date(2015, 1, 1)  # older history loads all the same, with the newest month


def month_of(day: date) -> str:
    """The partition that the day falls into."""
    return f"{day:%Y-%m}"


def months(as_of: date) -> dg.StaticPartitionsDefinition:
    """Every month up to the one of as_of, YYYY-MM."""
    first = FIRST_MONTH.year * 12 + FIRST_MONTH.month - 1
    last = as_of.year * 12 + as_of.month - 1
    return dg.StaticPartitionsDefinition(
        [f"{n // 12}-{n % 12 + 1:02d}" for n in range(first, last + 1)]
    )


def wanted_month(context: dg.AssetExecutionContext, as_of: date) -> str | None:
    """The past month that this run is about; None means everything that is new."""
    if not context.has_partition_key or context.partition_key == month_of(as_of):
        return None
    return str(context.partition_key)
