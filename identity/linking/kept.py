"""What a linking keeps for the next one: each record's prepared row, and a digest of what was read.

The table is `ROWS`. A record whose digest is what it was is not prepared again, and a row of a
record that is gone goes with it; so the table says of nobody more than the profiles do.

An erasure takes rows out in between, and with them what their blocks and names were like. `COUNT`
says how many there should be: when it is not so, everything is linked again.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from identity.linking.blocking import RULES
from identity.linking.prepare import COLUMNS, VALUES, typed_sql

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from identity.linking.model import Model

ROWS = "intermediate.identity_link_rows"
COUNT = "intermediate.identity_link_count"
_STATED = ", ".join(f"coalesce({name}::varchar, '')" for name in COLUMNS)


def ensure_rows(con: DuckDBPyConnection, prefix: str) -> None:
    """The table exists, empty, before the first linking. prefix: its database and a dot, or ''."""
    columns = ", ".join(f"{name} varchar" for name in VALUES)
    con.execute(
        f"create table if not exists {prefix}{ROWS} (record_id varchar, digest uhugeint, {columns})"
    )
    con.execute(f"create table if not exists {prefix}{COUNT} (row_count bigint)")


def take_digests(con: DuckDBPyConnection, relation: str, model: Model) -> None:
    """Rewrites linking.digests: what each record of a relation is known by.

    Another model, another way to prepare or to block changes them all.
    """
    basis = json.dumps([asdict(model), typed_sql(""), repr(RULES)], sort_keys=True)
    basis = hashlib.sha256(basis.encode()).hexdigest()[:16]
    con.execute(
        "create or replace table linking.digests as "
        f"select record_id, md5_number(concat_ws(chr(31), '{basis}', {_STATED})) as digest "
        f"from {relation}"
    )


def note_changes(con: DuckDBPyConnection, database: str) -> tuple[int, int]:
    """linking.changed: records that are new or other than when last linked; linking.gone.

    How many there are of each.
    """
    con.execute(
        "create or replace table linking.changed as select record_id from linking.digests "
        f"anti join {database}.{ROWS} using (record_id, digest)"
    )
    con.execute(
        f"create or replace table linking.gone as select record_id from {database}.{ROWS} "
        "anti join linking.digests using (record_id)"
    )
    ((changed, gone),) = con.execute(
        "select (select count(*) from linking.changed), (select count(*) from linking.gone)"
    ).fetchall()
    return int(changed), int(gone)


def is_complete(con: DuckDBPyConnection, database: str) -> bool:
    """Whether the rows are those that the last linking kept."""
    ((is_same,),) = con.execute(
        f"select (select count(*) from {database}.{ROWS})"
        f" is not distinct from (select max(row_count) from {database}.{COUNT})"
    ).fetchall()
    return bool(is_same)


def keep_rows(con: DuckDBPyConnection, database: str, rows: str) -> None:
    """Adds typed rows, with their digests, and counts what is kept."""
    values = ", ".join(f"rows.{name}" for name in VALUES)
    con.execute(
        f"""
        insert into {database}.{ROWS} by name
        select rows.record_id, digests.digest, {values}
        from {rows} as rows
        inner join linking.digests as digests on rows.record_id = digests.record_id
        """
    )
    con.execute(f"delete from {database}.{COUNT}")
    con.execute(f"insert into {database}.{COUNT} select count(*) from {database}.{ROWS}")
