"""No combination of quasi-identifiers shared by fewer than ten people leaves in public.

The rule is greedy and local. A person whose combination is rare loses one column where that alone
brings them into a group of ten or more, the column that helps most people first. When no single
column helps anybody any more, all who are still rare lose the most telling column (most distinct
values among them), and the rule starts again. Nobody who is safe is touched. A person with every
quasi column empty shows no combination. Each start again empties a column, so the rule ends; its
result is verified in the published file by `smallest_group`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import duckdb

SMALLEST_GROUP = 10

Combination = tuple[str | None, ...]


def generalise(people: Mapping[Combination, int]) -> dict[Combination, Combination]:
    """The combination to publish for each one found, some of its values emptied.

    people: how many persons show each combination of values, one value per quasi column.
    """
    published = {combination: combination for combination in people}
    while rare := _rare(published, people):
        if not _rescue(rare, published, people):
            column = _most_telling(rare, published)
            for combination in rare:
                published[combination] = _without(published[combination], column)
    return published


def _sizes(
    published: Mapping[Combination, Combination], people: Mapping[Combination, int]
) -> Counter[Combination]:
    sizes: Counter[Combination] = Counter()
    for combination, shown in published.items():
        sizes[shown] += people[combination]
    return sizes


def _rare(
    published: Mapping[Combination, Combination], people: Mapping[Combination, int]
) -> list[Combination]:
    sizes = _sizes(published, people)
    return [c for c, shown in published.items() if not _is_safe(shown, sizes[shown])]


def _is_safe(shown: Combination, size: int) -> bool:
    return size >= SMALLEST_GROUP or all(value is None for value in shown)


def _rescue(
    rare: Sequence[Combination],
    published: dict[Combination, Combination],
    people: Mapping[Combination, int],
) -> bool:
    """Empty the column that saves most people, for them; whether it saved anybody."""
    best: list[Combination] = []
    best_column, most = 0, 0
    sizes = _sizes(published, people)
    for column in range(len(rare[0])):
        saved = _saved_without(column, rare, published, people, sizes)
        count = sum(people[combination] for combination in saved)
        if count > most:
            best, best_column, most = saved, column, count
    for combination in best:
        published[combination] = _without(published[combination], best_column)
    return most > 0


def _saved_without(
    column: int,
    rare: Sequence[Combination],
    published: Mapping[Combination, Combination],
    people: Mapping[Combination, int],
    sizes: Mapping[Combination, int],
) -> list[Combination]:
    joining: Counter[Combination] = Counter()
    for combination in rare:
        if published[combination][column] is not None:
            joining[_without(published[combination], column)] += people[combination]
    saved = []
    for combination in rare:
        target = _without(published[combination], column)
        if target in joining and _is_safe(target, joining[target] + sizes.get(target, 0)):
            saved.append(combination)
    return [c for c in saved if published[c][column] is not None]


def _most_telling(rare: Iterable[Combination], published: Mapping[Combination, Combination]) -> int:
    shown = [published[combination] for combination in rare]
    distinct = [len({c[column] for c in shown} - {None}) for column in range(len(shown[0]))]
    return distinct.index(max(distinct))


def _without(combination: Combination, column: int) -> Combination:
    return (*combination[:column], None, *combination[column + 1 :])


def write_generalised(con: duckdb.DuckDBPyConnection, table: str, quasi: Sequence[str]) -> None:
    """Empty the rare combinations of `table` (one row per person) in place."""
    if not quasi:
        return
    import pyarrow as pa

    names = [f'"{column}"' for column in quasi]
    listed = ", ".join(f"cast({name} as varchar)" for name in names)
    found = con.execute(
        f"select {listed}, count(*) from {table} group by all order by all"
    ).fetchall()
    people = {tuple(row[:-1]): int(row[-1]) for row in found}
    changes = {c: shown for c, shown in generalise(people).items() if c != shown}
    rows = [
        dict(zip(_change_columns(len(names)), (*c, *s), strict=True)) for c, s in changes.items()
    ]
    schema = pa.schema([(name, pa.string()) for name in _change_columns(len(names))])
    con.register("quasi_changes", pa.Table.from_pylist(rows, schema=schema))
    same = " and ".join(
        f"cast({table}.{name} as varchar) is not distinct from found_{i}"
        for i, name in enumerate(names)
    )
    emptied = ", ".join(
        f"{name} = case when shown_{i} is null then null else {table}.{name} end"
        for i, name in enumerate(names)
    )
    con.execute(f"update {table} set {emptied} from quasi_changes where {same}")
    con.unregister("quasi_changes")


def _change_columns(width: int) -> list[str]:
    return [f"found_{i}" for i in range(width)] + [f"shown_{i}" for i in range(width)]


def smallest_group(con: duckdb.DuckDBPyConnection, table: str, quasi: Sequence[str]) -> int | None:
    """Rows that share the rarest combination in `table`; None when no row shows one."""
    if not quasi:
        return None
    names = ", ".join(f'"{column}"' for column in quasi)
    filled = " or ".join(f'"{column}" is not null' for column in quasi)
    found = con.execute(
        f"select min(people) from "
        f"(select count(*) as people from {table} where {filled} group by {names})"
    ).fetchone()
    return None if found is None else found[0]
