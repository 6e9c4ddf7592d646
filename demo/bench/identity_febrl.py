"""FEBRL's three files of persons through the linker of `habitue identity link`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from demo.bench.agreement import agreement

SEED = 2026
COLUMNS = {
    "record_id": ["rec_id"],
    "first_name": ["given_name"],
    "last_name": ["surname"],
    "birth_date": ["date_of_birth"],
    "address_line": ["street_number", "address_1"],
    "postal_code": ["postcode"],
    "city": ["suburb"],
    "identifier": ["soc_sec_id"],
}
# File, with the national number, F1 to reach.
GOALS = ((1, True, 0.998), (2, True, 0.998), (3, True, 0.998), (3, False, 0.99))


def measure(data: Path | None, say: Callable[[str], None]) -> bool:
    """Print F1 per file; whether all goals are met. Not run without a folder."""
    say("\nFEBRL")
    if data is None:
        say("not run: name the folder of dataset1.csv … dataset3.csv with --data")
        return True
    met = [_one(data, goal, say) for goal in GOALS]
    return all(met)


def _one(data: Path, goal: tuple[int, bool, float], say: Callable[[str], None]) -> bool:
    import duckdb

    from identity.linking.files import FileLinking, link_files
    from identity.linking.score import workspace
    from identity.linking.verdict import Thresholds

    number, has_number, wanted = goal
    path = min(data.glob(f"dataset{number}.csv*"), default=None)
    if path is None:
        say(f"{data}: no dataset{number}.csv or dataset{number}.csv.gz   MISSED")
        return False
    columns = {name: one for name, one in COLUMNS.items() if has_number or name != "identifier"}
    with duckdb.connect() as con, workspace(con):
        link_files(con, FileLinking([path], columns, Thresholds(), SEED), lambda _: None)
        agreed = agreement(
            con,
            "select cluster_id, split_part(record_id, '-', 2) as person_id from linking.clusters",
        )
    title = f"{path.name}{'' if has_number else ', without the national number'}"
    say(
        f"{title:<52} precision {agreed.precision:.4f} recall {agreed.recall:.4f} "
        f"F1 {agreed.f1:.4f}   goal >= {wanted} {'met' if agreed.f1 >= wanted else 'MISSED'}"
    )
    return agreed.f1 >= wanted
