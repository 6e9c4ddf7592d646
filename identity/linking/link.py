"""Links records of one person that no rule joins: scored pairs with a probability and a status.

Rows are prepared and pairs scored anew only where something changed since the last linking
(`daily.py` says what); the result equals that of scoring everything.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contract.sql import transaction
from identity.linking.daily import block_touched, prepare_touched
from identity.linking.kept import (
    ROWS,
    ensure_rows,
    is_complete,
    keep_rows,
    note_changes,
    take_digests,
)
from identity.linking.model import Model, read_model, train
from identity.linking.prepare import prepare
from identity.linking.score import block_all, score, score_first, workspace
from identity.linking.verdict import ACCEPT_PROBABILITY, REVIEW_PROBABILITY, judge

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PROFILES = "intermediate.int_identity__profiles"
LINKS = "intermediate.identity_links"
TOO_FEW = "too few records agree to learn from: nothing was linked"
RETRAIN_GROWTH = 2.0  # the records have doubled since the training: the shares are others
MANY_CHANGES = 0.3  # more than this share of the records: looking at everything costs less


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
        relation = f"(select *, loyalty_card_key as identifier from {database}.{PROFILES})"
        count = _count(con, f"{database}.{PROFILES}")
        model = read_model(model_file)
        if model is None or count > RETRAIN_GROWTH * model.record_count:
            return _learn(con, (database, relation, count), (seed, model_file))
        take_digests(con, relation, model)
        changed, gone = note_changes(con, database)
        if changed > MANY_CHANGES * count or not is_complete(con, database):
            pairs = _link_all(con, database, relation, model)
        else:
            pairs = _link_touched(con, database, relation, model) if changed or gone else 0
        return _report(con, database, (count, changed, pairs), is_new=False)


def _learn(
    con: DuckDBPyConnection, profiles: tuple[str, str, int], training: tuple[int, Path]
) -> LinkReport:
    """Trains the model and links everything. profiles: database, relation and count of records."""
    database, relation, count = profiles
    seed, model_file = training
    prepare(con, relation)
    model = train(con, seed)
    if model is None:
        _replace(con, database, is_empty=True)
        return LinkReport(count, 0, 0, 0, 0, 0, is_trained_now=False, note=TOO_FEW)
    pairs = block_all(con)
    model = score_first(con, model)
    model.save(model_file)
    judge(con, model)
    take_digests(con, relation, model)
    _replace(con, database)
    return _report(con, database, (count, count, pairs), is_new=True)


def _link_all(con: DuckDBPyConnection, database: str, relation: str, model: Model) -> int:
    prepare(con, relation)
    pairs = block_all(con)
    score(con, model)
    judge(con, model)
    _replace(con, database)
    return pairs


def _link_touched(con: DuckDBPyConnection, database: str, relation: str, model: Model) -> int:
    prepare_touched(con, relation, database)
    pairs = block_touched(con)
    score(con, model)
    judge(con, model)
    _update(con, database)
    return pairs


def ensure_tables(con: DuckDBPyConnection, database: str = "") -> None:
    """The tables of the links exist, empty, before the first linking."""
    prefix = f"{database}." if database else ""
    con.execute(f"create schema if not exists {prefix}intermediate")
    con.execute(
        f"create table if not exists {prefix}{LINKS} (record_id varchar, other_record_id varchar, "
        "match_probability double, match_weight double, status varchar, decided_by varchar)"
    )
    con.execute(f"alter table {prefix}{LINKS} add column if not exists evidence varchar")
    ensure_rows(con, prefix)


def _replace(con: DuckDBPyConnection, database: str, *, is_empty: bool = False) -> None:
    with transaction(con):
        for table in (LINKS, ROWS):
            con.execute(f"delete from {database}.{table}")
        if not is_empty:
            con.execute(f"insert into {database}.{LINKS} by name from linking.links order by all")
            keep_rows(con, database, "linking.rows")


def _update(con: DuckDBPyConnection, database: str) -> None:
    """Replaces the pairs that were scored again, and what gone and active records had."""
    con.execute(
        "create or replace table linking.unlinked as select record_id from linking.gone "
        "union all select record_id from linking.active where is_fresh"
    )
    con.execute(
        """
        create or replace table linking.rescored as
        select one.record_id, other.record_id as other_record_id
        from linking.pairs as pairs
        inner join linking.rows as one on pairs.join_key_l = one.row_number
        inner join linking.rows as other on pairs.join_key_r = other.row_number
        """
    )
    with transaction(con):
        for column in ("record_id", "other_record_id"):
            con.execute(f"delete from {database}.{LINKS} where {column} in (from linking.unlinked)")
        con.execute(
            f"delete from {database}.{LINKS} "
            "where (record_id, other_record_id) in (from linking.rescored)"
        )
        con.execute(f"insert into {database}.{LINKS} by name from linking.links order by all")
        con.execute(
            f"delete from {database}.{ROWS} where record_id in "
            "(from linking.changed union all from linking.gone)"
        )
        keep_rows(con, database, "linking.typed")


def _report(
    con: DuckDBPyConnection, database: str, counts: tuple[int, int, int], *, is_new: bool
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
