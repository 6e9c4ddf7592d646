"""Whether first names are typed with care here, so that two different ones are two persons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from identity.linking.comparisons import DIFFERENT, first_name_levels

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

CARELESS_SHARE = 1 / 16  # of pairs of one person, it seems, that have two first names
MIN_PAIRS = 40  # fewer show nothing
MAX_NAMESAKES = 20  # more records of one name and date are a placeholder's
# A date of so many times as many records as the mean date: a till or a form puts it in by itself.
MAX_DATE_SHARE = 20
_COLUMNS = ("first_name", "first_part", "is_usual_first_name", "last_name")


def is_careful(con: DuckDBPyConnection) -> bool:
    """Whether one person rarely stands in linking.rows under two first names; so until shown.

    Asked of pairs of one last name and birth date, which none of a family share but twins, unless
    something puts the date in where nobody said one. Among pairs of one address, telephone or
    e-mail, a household's first names would pass for slips.
    """
    level = " ".join(
        f"when {one['sql_condition']} then '{one['label_for_charts']}'"
        for one in first_name_levels()
        if one["label_for_charts"] != DIFFERENT
    )
    sides = ", ".join(f"{side}.{name} as {name}_{side}" for side in "lr" for name in _COLUMNS)
    known, different = con.execute(
        f"""
        with dates as (
            select birth, count(*) as n from linking.rows where birth is not null group by birth
        ),

        namesakes as (
            select
                row_number, birth, {", ".join(_COLUMNS)},
                count(*) over (partition by last_name, birth) as namesake_count
            from linking.rows
            semi join (
                select birth from dates where n <= {MAX_DATE_SHARE} * (select avg(n) from dates)
            ) as believed using (birth)
            where last_name is not null and first_name is not null
        ),

        pairs as (
            select {sides}
            from namesakes as l
            inner join namesakes as r on l.last_name = r.last_name and l.birth = r.birth
                and l.row_number < r.row_number
            where l.namesake_count <= {MAX_NAMESAKES}
        )

        select
            count(*) filter (level <> 'missing'), count(*) filter (level = '{DIFFERENT}')
        from (select case {level} else '{DIFFERENT}' end as level from pairs)
        """
    ).fetchall()[0]
    return bool(known < MIN_PAIRS or different <= CARELESS_SHARE * known)
