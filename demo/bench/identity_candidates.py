"""One candidate of the bench of identity: links and clusters, prints what it cost as JSON.

Both read the same Parquet file into DuckDB before the clock starts, ours into a file (in a run that
is dbt's part), the plain script into memory. Both use two threads, and both end with a table of
persons: ours by the functions that a run calls, evidence and guards included. The comparison with
the truth comes after the clock has stopped.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from demo.bench.agreement import agreement

if TYPE_CHECKING:
    import duckdb

SEED = 1
PROFILES = "intermediate.int_identity__profiles"
SEEDS = Path(__file__).parents[2] / "dbt_project" / "seeds"
# What a script that follows the tutorial has: seven comparisons, seven blocking rules.
_BLOCKS = (
    ("email",), ("phone",), ("first_name", "last_name"), ("last_name", "birth_date"),
    ("first_name", "birth_date"), ("last_name", "postal_code"), ("birth_date", "postal_code"),
)  # fmt: skip


def load_first(folder: Path) -> duckdb.DuckDBPyConnection:
    """A warehouse with the records of the first day, and no identifier that a rule joins by."""
    for path in (folder / "warehouse.duckdb", folder / "model.json"):
        path.unlink(missing_ok=True)
    con = _connect(folder / "warehouse.duckdb")
    con.execute("create schema intermediate; create schema seeds")
    for seed in ("identity_guards", "identity_rules"):
        con.execute(f"create table seeds.{seed} as from read_csv('{SEEDS}/{seed}.csv')")
    con.execute(f"create table {PROFILES} as from '{folder}/persons.parquet'")
    con.execute(
        "create table intermediate.int_identity__edges (record_id varchar, other_record_id "
        "varchar, rule varchar, identifier_kind varchar, identifier_value varchar, trust double)"
    )
    _describe(con)
    return con


def load_later(folder: Path) -> duckdb.DuckDBPyConnection:
    """The warehouse of the first day with one hundredth more records."""
    con = _connect(folder / "warehouse.duckdb")
    later = f"from '{folder}/later.parquet'"
    con.execute(f"delete from {PROFILES} where record_id in (select record_id {later})")
    con.execute(f"insert into {PROFILES} {later}")
    _describe(con)
    return con


def ours(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Link and cluster, as a run does: everything at first, what changed on the day after."""
    from identity.cluster import cluster
    from identity.linking.link import link_records

    link_records(con, seed=SEED, model_file=folder / "model.json")
    cluster(con)
    con.execute("create temp view clusters as from intermediate.identity_clusters")
    con.execute(f"create temp view truth as select record_id, person_id from {PROFILES}")


def load_script(folder: Path) -> duckdb.DuckDBPyConnection:
    """The records in memory."""
    con = _connect(":memory:")
    con.execute(f"create table records as from '{folder}/persons.parquet'")
    return con


def plain_splink(con: duckdb.DuckDBPyConnection, _: Path) -> None:
    """Train, predict and cluster with Splink alone."""
    import logging

    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    logging.getLogger("splink").setLevel(logging.ERROR)
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


def _describe(con: duckdb.DuckDBPyConnection) -> None:
    """What the clustering reads of each record."""
    con.execute(
        f"""
        create or replace table intermediate.int_identity__records as
        select record_id from {PROFILES};
        create or replace table intermediate.int_identity__described as
        select record_id, birth_date, lower(first_name) as first_name from {PROFILES}
        """
    )


def _connect(path: Path | str) -> duckdb.DuckDBPyConnection:
    import duckdb

    con = duckdb.connect(str(path))
    con.execute("set threads = 2")
    con.execute("set memory_limit = '6GB'")
    con.execute("set preserve_insertion_order = false")
    return con


CANDIDATES: dict[str, Any] = {
    "ours_first": (load_first, ours),
    "ours_daily": (load_later, ours),
    "splink_first": (load_script, plain_splink),
}


def main() -> None:
    """Run the candidate of the command line and print its figures."""
    name, folder = sys.argv[1], Path(sys.argv[2])
    load, work = CANDIDATES[name]
    con = load(folder)
    started, used = time.perf_counter(), _cpu_seconds()
    work(con, folder)
    figures = {
        "wall": time.perf_counter() - started,
        "cpu": _cpu_seconds() - used,
        "peak_mb": max(one.ru_maxrss for one in _usage()) / 1024,
    }
    agreed = agreement(con, "select * from clusters inner join truth using (record_id)")
    figures |= {"precision": agreed.precision, "recall": agreed.recall, "f1": agreed.f1}
    con.close()
    sys.stdout.write(json.dumps(figures) + "\n")


def _cpu_seconds() -> float:
    return sum(one.ru_utime + one.ru_stime for one in _usage())


def _usage() -> list[resource.struct_rusage]:
    return [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]


if __name__ == "__main__":
    main()
