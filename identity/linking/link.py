"""Links records of one person that no rule joins: scored pairs with a probability and a status.

Pairs are scored anew only where one of their rows changed (`prepare.py` says what a row is); the
result equals that of scoring everything. What was scored is known by fingerprints of the rows.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contract.sql import transaction
from identity.linking.blocking import RULES
from identity.linking.model import Model, read_model, train
from identity.linking.prepare import prepare
from identity.linking.score import (
    block_all,
    block_changed,
    score,
    score_first,
    workspace,
)
from identity.linking.verdict import ACCEPT_PROBABILITY, REVIEW_PROBABILITY, judge

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PROFILES = "intermediate.int_identity__profiles"
LINKS = "intermediate.identity_links"
FINGERPRINTS = "intermediate.identity_link_fingerprints"
TOO_FEW = "too few records agree to learn from: nothing was linked"
RETRAIN_GROWTH = 2.0  # the records have doubled since the training: the shares are others


@dataclass(frozen=True)
class LinkReport:
    """What one linking found: records, pairs scored in this run, links by status, and the model's.

    note says why nothing was linked, or is empty.
    """

    record_count: int
    changed_count: int
    scored_pair_count: int
    accepted_count: int
    review_count: int
    below_count: int
    is_trained_now: bool
    accept_probability: float = ACCEPT_PROBABILITY
    review_probability: float = REVIEW_PROBABILITY
    note: str = ""

    def as_metadata(self) -> dict[str, Any]:
        """The counts for whoever keeps a log of the run."""
        return asdict(self)


def link_records(con: DuckDBPyConnection, *, seed: int, model_file: Path) -> LinkReport:
    """Brings intermediate.identity_links up to date with the profiles.

    model_file: read where it exists, else trained with the seed and written. Too few records to
    train on give no link, and a report that says so.
    """
    with workspace(con) as database:
        ensure_tables(con, database)
        prepare(con, f"(select *, loyalty_card_key as identifier from {database}.{PROFILES})")
        model = read_model(model_file)
        count = _count(con, "linking.rows")
        is_new = model is None or count > RETRAIN_GROWTH * model.record_count
        if is_new:
            model = train(con, seed)
        if model is None:
            _replace(con, database, is_empty=True)
            return LinkReport(count, 0, 0, 0, 0, 0, is_trained_now=False, note=TOO_FEW)
        if is_new:
            pairs = block_all(con)
            model = score_first(con, model)
            model.save(model_file)
        _fingerprint(con, model)
        changed = count if is_new else _note_changes(con, database)
        if not is_new:
            pairs = block_changed(con)
            score(con, model)
        judge(con, model)
        _replace(con, database) if is_new else _update(con, database)
        return _report(con, database, (count, changed, pairs), is_new)


def ensure_tables(con: DuckDBPyConnection, database: str = "") -> None:
    """The tables of the links exist, empty, before the first linking."""
    prefix = f"{database}." if database else ""
    con.execute(f"create schema if not exists {prefix}intermediate")
    con.execute(
        f"create table if not exists {prefix}{LINKS} (record_id varchar, other_record_id varchar, "
        "match_probability double, match_weight double, status varchar, decided_by varchar)"
    )
    con.execute(f"alter table {prefix}{LINKS} add column if not exists evidence varchar")
    con.execute(
        f"create table if not exists {prefix}{FINGERPRINTS} "
        "(record_id varchar, fingerprint uhugeint)"
    )


def _fingerprint(con: DuckDBPyConnection, model: Model) -> None:
    """linking.prints: what each row is known by; another model changes them all."""
    digest = hashlib.sha256(json.dumps(model.settings, sort_keys=True).encode()).hexdigest()
    columns = con.execute("select column_name from (describe linking.rows)").fetchall()
    # Of a blocking key, only whether it is in use: the rest follows from the other columns.
    blocks = {rule.column for rule in RULES}
    values = ", ".join(
        f"({name} is null)::varchar" if name in blocks else f"coalesce({name}::varchar, '')"
        for (name,) in columns
        if name != "row_number"
    )
    con.execute(
        "create or replace table linking.prints as select record_id, "
        f"md5_number(concat_ws('|', '{digest}', {values})) as fingerprint from linking.rows"
    )


def _note_changes(con: DuckDBPyConnection, database: str) -> int:
    """linking.changed: records that are new or other than when last scored; linking.gone."""
    known = f"{database}.{FINGERPRINTS}"
    con.execute(
        "create or replace table linking.changed as select record_id from linking.prints "
        f"anti join {known} using (record_id, fingerprint)"
    )
    con.execute(
        f"create or replace table linking.gone as select record_id from {known} "
        "anti join linking.prints using (record_id)"
    )
    return _count(con, "linking.changed")


def _replace(con: DuckDBPyConnection, database: str, *, is_empty: bool = False) -> None:
    with transaction(con):
        for table, source in ((LINKS, "linking.links"), (FINGERPRINTS, "linking.prints")):
            con.execute(f"delete from {database}.{table}")
            if not is_empty:
                con.execute(f"insert into {database}.{table} by name from {source} order by all")


def _update(con: DuckDBPyConnection, database: str) -> None:
    """Replaces what the changed and the gone records had."""
    with transaction(con):
        for column in ("record_id", "other_record_id"):
            con.execute(
                f"delete from {database}.{LINKS} where {column} in "
                "(from linking.changed union all from linking.gone)"
            )
        con.execute(f"insert into {database}.{LINKS} by name from linking.links order by all")
        con.execute(
            f"delete from {database}.{FINGERPRINTS} where record_id in "
            "(from linking.changed union all from linking.gone)"
        )
        con.execute(
            f"insert into {database}.{FINGERPRINTS} "
            "from linking.prints semi join linking.changed using (record_id)"
        )


def _report(
    con: DuckDBPyConnection, database: str, counts: tuple[int, int, int], is_new: bool
) -> LinkReport:
    by_status = dict(
        con.execute(f"select status, count(*) from {database}.{LINKS} group by status").fetchall()
    )
    record_count, changed_count, pair_count = counts
    return LinkReport(
        record_count=record_count,
        changed_count=changed_count,
        scored_pair_count=pair_count,
        accepted_count=by_status.get("accepted", 0),
        review_count=by_status.get("review", 0),
        below_count=by_status.get("below", 0),
        is_trained_now=is_new,
    )


def _count(con: DuckDBPyConnection, table: str) -> int:
    return int(con.execute(f"select count(*) from {table}").fetchall()[0][0])
