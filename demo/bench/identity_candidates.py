"""One candidate of the bench of identity: links and clusters, prints what it cost as JSON.

Both read the same Parquet file into DuckDB, both use two threads, and both end with a table of
persons; the comparison with the truth comes after the clock has stopped.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

SEED = 1
PROFILES = "intermediate.int_identity__profiles"
# What a script that follows the tutorial has: seven comparisons, seven blocking rules.
_BLOCKS = (
    ("email",), ("phone",), ("first_name", "last_name"), ("last_name", "birth_date"),
    ("first_name", "birth_date"), ("last_name", "postal_code"), ("birth_date", "postal_code"),
)  # fmt: skip


def ours_first(folder: Path) -> duckdb.DuckDBPyConnection:
    """Train, predict and cluster everything, as the first run of a company does."""
    for path in (folder / "warehouse.duckdb", folder / "model.json"):
        path.unlink(missing_ok=True)
    con = _connect(folder / "warehouse.duckdb")
    con.execute("create schema intermediate")
    con.execute(f"create table {PROFILES} as from '{folder}/persons.parquet'")
    _link(con, folder)
    return con


def ours_daily(folder: Path) -> duckdb.DuckDBPyConnection:
    """The day after: one hundredth more records, the saved model, what was linked before."""
    con = _connect(folder / "warehouse.duckdb")
    con.execute(f"create temp view later as from '{folder}/later.parquet'")
    con.execute(f"delete from {PROFILES} where record_id in (select record_id from later)")
    con.execute(f"insert into {PROFILES} from later")
    _link(con, folder)
    return con


def splink_first(folder: Path) -> duckdb.DuckDBPyConnection:
    """Train, predict and cluster with Splink alone."""
    import logging

    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    logging.getLogger("splink").setLevel(logging.ERROR)
    con = _connect(":memory:")
    con.execute(f"create table records as from '{folder}/persons.parquet'")
    api = DuckDBAPI(con)
    rules: list[Any] = [block_on(*columns) for columns in _BLOCKS]
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="record_id",
        comparisons=[
            cl.NameComparison("first_name").configure(term_frequency_adjustments=True),
            cl.NameComparison("last_name").configure(term_frequency_adjustments=True),
            cl.DateOfBirthComparison("birth_date", input_is_string=False),
            cl.EmailComparison("email"),
            cl.ExactMatch("phone"),
            cl.LevenshteinAtThresholds("address_line", 2),
            cl.ExactMatch("postal_code").configure(term_frequency_adjustments=True),
        ],
        blocking_rules_to_generate_predictions=rules,
        retain_matching_columns=False,
    )
    linker = Linker(api.register("records"), settings, log_level=None)
    linker.training.estimate_probability_two_random_records_match(rules[:2], recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6 + 1, seed=SEED)
    for rule in (rules[2], rules[6]):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    pairs = linker.inference.predict(threshold_match_probability=0.5)
    found = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, 0.9)
    con.execute(f"create table clusters as select record_id, cluster_id from {found.physical_name}")
    con.execute("create table truth as select record_id, person_id from records")
    return con


def _link(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    from identity.components import contract
    from identity.linking.link import link_records

    link_records(con, seed=SEED, model_file=folder / "model.json")
    con.execute(f"create or replace temp table touched as select record_id from {PROFILES}")
    con.execute(
        "create or replace temp table joining as select record_id, other_record_id "
        "from intermediate.identity_links where status = 'accepted'"
    )
    contract(con)
    con.execute("create temp table clusters as select record_id, root as cluster_id from label")
    con.execute(f"create temp table truth as select record_id, person_id from {PROFILES}")


def _connect(path: Path | str) -> duckdb.DuckDBPyConnection:
    import duckdb

    con = duckdb.connect(str(path))
    con.execute("set threads = 2")
    con.execute("set memory_limit = '6GB'")
    con.execute("set preserve_insertion_order = false")
    return con


def _agreement(con: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """Pairwise precision and recall of the clusters."""
    ((found, true, both),) = con.execute(
        """
        with placed as (
            select clusters.cluster_id, truth.person_id
            from clusters inner join truth on clusters.record_id = truth.record_id
        )
        select
            (select sum(n * (n - 1) / 2) from (
                select count(*) as n from placed group by cluster_id
            )),
            (select sum(n * (n - 1) / 2) from (
                select count(*) as n from placed group by person_id
            )),
            (select sum(n * (n - 1) / 2) from (
                select count(*) as n from placed group by cluster_id, person_id
            ))
        """
    ).fetchall()
    return {"precision": both / found, "recall": both / true, "f1": 2 * both / (found + true)}


CANDIDATES: dict[str, Any] = {one.__name__: one for one in (ours_first, ours_daily, splink_first)}


def main() -> None:
    """Run the candidate of the command line and print its figures."""
    name, folder = sys.argv[1], Path(sys.argv[2])
    started = time.perf_counter()
    con = CANDIDATES[name](folder)
    wall = time.perf_counter() - started
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    figures = {
        "wall": wall,
        "cpu": sum(one.ru_utime + one.ru_stime for one in usage),
        "peak_mb": max(one.ru_maxrss for one in usage) / 1024,
        **_agreement(con),
    }
    con.close()
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
