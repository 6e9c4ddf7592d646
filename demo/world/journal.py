"""The journal in which the simulation notes what happens: it becomes the facts of a period."""

from collections import defaultdict
from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from demo.world.columns import Value, concat, render, rows_of
from demo.world.facts import FACT_TABLES, Facts, empty, schema_of

Rows = Mapping[str, Value]
BULK = 50_000  # rows of one site that are kept as codes before they become Arrow


class Journal:
    """Collects rows day by day. Within a table, rows stand by day, then by site in ABC order.

    A site is one place in the simulation that writes a table; it always writes the same columns.
    So a month of facts is its days one after another, however they were grouped.
    """

    def __init__(self) -> None:
        self._batches: dict[tuple[str, str], list[tuple[int, int, Rows]]] = defaultdict(list)
        self._finished: dict[tuple[str, str], list[tuple[np.ndarray, pa.Table]]] = defaultdict(list)
        self._day = 0

    def turn_to(self, day: int) -> None:
        """What is noted from here on belongs to this day."""
        self._day = day

    def note(self, table: str, site: str, rows: Rows) -> None:
        """Note rows of one table; columns left out are null; no rows, no note."""
        count = next((n for value in rows.values() if (n := rows_of(value)) is not None), 1)
        if count == 0:
            return
        batches = self._batches[table, site]
        batches.append((self._day, count, rows))
        if sum(batch[1] for batch in batches) >= BULK:
            self._finish(table, site)

    def close(self) -> Facts:
        """The facts noted since the last time, every table of them; the journal is empty again."""
        for table, site in list(self._batches):
            self._finish(table, site)
        facts = {table: empty(table) for table in FACT_TABLES}
        by_table: dict[str, list[tuple[np.ndarray, pa.Table]]] = defaultdict(list)
        for key in sorted(self._finished):
            by_table[key[0]].extend(self._finished[key])
        for table, pieces in by_table.items():
            days = np.concatenate([piece[0] for piece in pieces])
            whole = pa.concat_tables([piece[1] for piece in pieces])
            in_order = bool((days[1:] >= days[:-1]).all())
            facts[table] = whole if in_order else whole.take(np.argsort(days, kind="stable"))
        self._finished.clear()
        return facts

    def _finish(self, table: str, site: str) -> None:
        batches = self._batches.pop((table, site))
        schema = schema_of(table)
        count = sum(batch[1] for batch in batches)
        unknown = set(batches[0][2]) - set(schema.names)
        if unknown:
            raise KeyError(f"{table}/{site}: no such columns: {sorted(unknown)}")
        columns = []
        for field in schema:
            if field.name not in batches[0][2]:
                columns.append(pa.nulls(count, field.type))
                continue
            value = concat([_full(batch[2][field.name], batch[1]) for batch in batches])
            columns.append(render(value, field.type, count))
        days = np.repeat([batch[0] for batch in batches], [batch[1] for batch in batches])
        self._finished[table, site].append((days, pa.table(columns, schema=schema)))


def _full(value: Value, count: int) -> Value:
    """A word that holds for a whole batch, written once per row: the next batch may say another."""
    if rows_of(value) is not None:
        return value
    texts = np.empty(count, object)
    texts[:] = value
    return texts
