"""Which pairs share a block, and what the model says of each.

Everything temporary lives in a database in memory, attached to the caller's connection as
`linking` while it works and detached with all of Splink's tables afterwards.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from contract.sql import quote
from identity.linking.comparisons import DIFFERENT
from identity.linking.model import Model, open_linker, quiet

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FLOOR = 0.01  # pairs below this probability are not kept
MAX_SHIFT = 3  # the settled prior lies within a factor of eight of the first guess
PRIOR_ROUNDS = 10
NAMES = ("first_name", "last_name", "birth", "email", "phone", "home", "identifier")
_ADJUSTED = ("first_name", "last_name", "home")


@contextmanager
def workspace(con: DuckDBPyConnection) -> Iterator[str]:
    """Attaches `linking` and makes it the place of unqualified names; yields the database before.

    Raises duckdb's error when the connection is inside a transaction.
    """
    (before, schema) = con.execute("select current_database(), current_schema()").fetchall()[0]
    con.execute("attach ':memory:' as linking")
    try:
        con.execute("use linking")
        yield quote(before)
    finally:
        con.execute(f"use {quote(before)}.{quote(schema)}")
        con.execute("detach linking")


def block_all(con: DuckDBPyConnection) -> int:
    """Rewrites linking.pairs with every pair that shares a block; how many there are."""
    return store_pairs(con, "true")


def store_pairs(con: DuckDBPyConnection, condition: str) -> int:
    """Rewrites linking.pairs with the members `l` and `r` of one block; how many there are."""
    con.execute(
        f"""
        create or replace table linking.pairs as
        select distinct '0' as match_key, l.row_number as join_key_l, r.row_number as join_key_r
        from linking.members as l
        inner join linking.members as r on l.key = r.key and l.row_number < r.row_number
        where {condition}
        """
    )
    return int(con.execute("select count(*) from linking.pairs").fetchall()[0][0])


def score(con: DuckDBPyConnection, model: Model, floor: float = FLOOR) -> None:
    """Rewrites linking.scored: each pair of linking.pairs above the floor, and why.

    Columns: record_id < other_record_id, match_weight (log2 of the odds), the weight that each
    comparison of `NAMES` gave (`<name>_weight`: above 0 for, below 0 against, 0 not known),
    whether both first names are known, and whether they are different.
    """
    different = model.weight("first_name", DIFFERENT)
    weights = ", ".join(f"{_weight(name)} as {name}_weight" for name in NAMES)
    with quiet():
        linker = open_linker(con, model.settings)
        pairs = linker._db_api.register("pairs")  # noqa: SLF001 - the same api as the linker's
        linker.table_management.register_blocked_pairs_for_predict(pairs)
        found = linker.inference.predict(threshold_match_probability=floor, warning_mode="never")
    con.execute(
        f"""
        create or replace table linking.scored as
        select
            one.record_id, other.record_id as other_record_id,
            round(found.match_weight, 6) as match_weight, {weights},
            one.first_name is not null and other.first_name is not null as has_first_names,
            one.first_name is not null and other.first_name is not null
            and abs(found.mw_first_name - {different}) < 1e-6 as has_other_first_name
        from {found.physical_name} as found
        inner join linking.rows as one on found.row_number_l = one.row_number
        inner join linking.rows as other on found.row_number_r = other.row_number
        """
    )


def score_first(con: DuckDBPyConnection, model: Model) -> Model:
    """Like `score`, and settles the prior: the model with the prior that its own result bears out.

    The prior is the share of all pairs that are one person's, so it must be the sum of the
    probabilities over all pairs; pairs that share no block add nothing to it.
    """
    score(con, model, FLOOR / 2**MAX_SHIFT)
    total = con.execute("select count(*)::double from linking.rows").fetchall()[0][0]
    all_pairs = total * (total - 1) / 2
    prior = model.prior
    for _ in range(PRIOR_ROUNDS):
        shift = _log_odds(prior) - _log_odds(model.prior)
        (expected,) = con.execute(
            f"select sum(1 / (1 + pow(2, -(match_weight + {shift})))) from linking.scored"
        ).fetchall()[0]
        prior = float(f"{max(expected or 0.0, 1.0) / all_pairs:.6g}")
    lowest, highest = model.prior / 2**MAX_SHIFT, model.prior * 2**MAX_SHIFT
    settled = model.with_prior(min(max(prior, lowest), highest))
    shift = _log_odds(settled.prior) - _log_odds(model.prior)
    con.execute(f"update linking.scored set match_weight = round(match_weight + {shift}, 6)")
    con.execute(f"delete from linking.scored where match_weight < {_log_odds(FLOOR)}")
    return settled


def _log_odds(probability: float) -> float:
    return math.log2(probability / (1 - probability))


def _weight(name: str) -> str:
    adjustment = f" + mw_tf_adj_{name}" if name in _ADJUSTED else ""
    return f"round(mw_{name}{adjustment}, 3)"
