"""A day with few changes: the rows, blocks and pairs that these touch, and no others.

A pair is scored again when

* one of its records is new or other than it was;
* a block it shares came into use or went out of use, because it grew or shrank past its limit;
* a name or postal code that both carry became so much more frequent that its share is another, or
  a first name became usual.

Everything else about a pair is in its two rows, so the result is that of scoring everything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from identity.linking.blocking import RULES, Rule, in_use_sql, key_rows
from identity.linking.kept import ROWS
from identity.linking.prepare import FREQUENT, VALUES, count_values, fill_rows, type_rows
from identity.linking.score import store_pairs

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_SHIFTED = {name: f"shifted_{name}" for name in FREQUENT}


def prepare_touched(con: DuckDBPyConnection, relation: str, database: str) -> None:
    """Fills linking.rows and linking.members with what linking.changed and linking.gone touch.

    linking.active has the records whose pairs may score otherwise: is_fresh (any pair), or the
    values of which the share is another (`shifted_<column>`: pairs that have it in common).
    """
    type_rows(con, f"(from {relation} semi join linking.changed using (record_id))")
    _view_rows(con, f"{database}.{ROWS}")
    now = "(select * exclude (is_before, is_now) from linking.versions where is_now)"
    count_values(con, now)
    count_values(con, "(from linking.versions where is_before)", "former")
    key_rows(con, "linking.versions", "record_id, is_before, is_now")
    _find_active(con)
    _find_members(con)
    con.execute(
        f"create or replace table linking.touched as from {now} "
        "semi join (select record_id from linking.found) using (record_id)"
    )
    fill_rows(con, "linking.touched")
    con.execute(
        f"""
        create or replace table linking.members as
        select
            rows.row_number, found.key, coalesce(active.is_fresh, false) as is_fresh,
            {", ".join(f"active.{name}" for name in _SHIFTED.values())}
        from linking.found as found
        inner join linking.rows as rows on found.record_id = rows.record_id
        left join linking.active as active on found.record_id = active.record_id
        """
    )


def block_touched(con: DuckDBPyConnection) -> int:
    """Rewrites linking.pairs with the pairs to score again; how many there are."""
    same = " or ".join(f"l.{name} = r.{name}" for name in _SHIFTED.values())
    return store_pairs(con, f"l.is_fresh or r.is_fresh or {same}")


def _view_rows(con: DuckDBPyConnection, kept: str) -> None:
    """linking.versions: each row as it was kept and as it is now (is_before, is_now)."""
    columns = ", ".join(VALUES)
    con.execute(
        f"""
        create or replace view linking.versions as
        select kept.record_id, {columns}, true as is_before, stale.record_id is null as is_now
        from {kept} as kept
        left join (from linking.changed union all from linking.gone) as stale
            on kept.record_id = stale.record_id
        union all
        select record_id, {columns}, false as is_before, true as is_now
        from linking.typed
        """
    )


def _find_active(con: DuckDBPyConnection) -> None:
    shifted = " union all by name ".join(_shifted(column) for column in FREQUENT)
    crossed = " union all ".join(_crossed(rule) for rule in RULES)
    con.execute(
        f"""
        create or replace table linking.active as
        with noted as (
            {shifted}
            union all by name
            select record_id, true as is_fresh
            from (from linking.changed union all {crossed})
        )
        select
            record_id, bool_or(is_fresh) as is_fresh,
            {", ".join(f"max({name}) as {name}" for name in _SHIFTED.values())}
        from noted
        group by record_id
        """
    )


def _shifted(column: str) -> str:
    """SQL for the records with a value of which the share is another, or which became usual."""
    usual = "share.is_usual <> former.is_usual" if column == "first_name" else "false"
    return f"""
        select versions.record_id, versions.{column} as {_SHIFTED[column]}, moved.is_fresh
        from linking.versions
        inner join (
            select share.{column}, {usual} as is_fresh
            from linking.share_{column} as share
            inner join linking.former_{column} as former using ({column})
            where share.share <> former.share or {usual}
        ) as moved on versions.{column} = moved.{column}
        where versions.is_before and versions.is_now
    """


def _crossed(rule: Rule) -> str:
    """SQL for the records of each block that is in use now and was not before, or the reverse."""
    column, limit = rule.column, rule.max_records
    return f"""
        select record_id from linking.keyed
        semi join (
            select {column} from linking.keyed
            semi join (
                select {column} from linking.keyed where is_before <> is_now
            ) as touched using ({column})
            group by {column}
            having (count(*) filter (where is_before) > {limit})
                <> (count(*) filter (where is_now) > {limit})
        ) as crossed using ({column})
        where is_now
    """


def _find_members(con: DuckDBPyConnection) -> None:
    """linking.found: the records of each block in use in which an active record is."""
    con.execute(
        "create or replace table linking.active_keys as "
        "from linking.keyed semi join linking.active using (record_id) where is_now"
    )
    parts = [
        f"""
        from (
            with touched as materialized (
                select record_id, {rule.column} from linking.keyed
                semi join linking.active_keys using ({rule.column})
                where is_now
            )
            select record_id, {rule.column} as key
            from touched semi join {in_use_sql(rule, "touched")} as in_use using ({rule.column})
        )
        """
        for rule in RULES
    ]
    con.execute(f"create or replace table linking.found as {' union all '.join(parts)}")
