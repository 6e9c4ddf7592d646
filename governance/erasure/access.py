"""Everything that is held about one person, to be handed over: as data, and as a page to read."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import MetaData, String, or_, select

from contract.sql import quote
from contract.suppression import FOR_EVER, Suppressions, identifying_columns
from contract.texts import Texts
from governance.erasure.others import hashes_of_others

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from sqlalchemy import Engine

    from contract.entity import Entity
    from governance.erasure.identifiers import Identifiers

TEXTS = Texts.load(Path(__file__).with_name("access.texts.yml"))
Rows = list[dict[str, Any]]
# Chapter → what begins the names of its tables, in the order of the page; the rest is `other`.
CHAPTERS = {
    "profile": ("marts.customer_360", "core.dim_customers", "core.customer_attributes"),
    "records": ("raw_files.customers", "raw_files.addresses", "intermediate.int_identity"),
    "consents": ("ledger.", "core.fct_consents", "core.consent", "state.preference"),
    "orders": ("core.fct_order", "core.fct_returns", "core.fct_invoices", "core.fct_payments"),
    "contacts": ("core.fct_",),
    "segments": ("segments.", "state.segment", "state.scenario"),
    "scores": ("ml.", "features."),
    "deliveries": ("state.deliveries", "state.plan", "state.experiment"),
    "retention": ("marts.retention", "governance.", "state.retention"),
    "marts": ("marts.",),
    "sources": ("raw_files.",),
    "other": ("",),
}


@dataclass(frozen=True)
class Held:
    """What is held about one person, by table; tables without a row are left out."""

    customer_id: str
    tables: Mapping[str, Rows]
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def chapters(self) -> dict[str, list[str]]:
        """Chapter → its tables, each once."""
        found: dict[str, list[str]] = {}
        for table in sorted(self.tables):
            name = next(
                chapter
                for chapter, begins in CHAPTERS.items()
                if any(table.startswith(one) for one in begins)
            )
            found.setdefault(name, []).append(table)
        return {name: found[name] for name in CHAPTERS if name in found}


def collect(
    con: DuckDBPyConnection,
    engine: Engine,
    person: Identifiers,
    entities: Mapping[str, Entity],
    key: bytes,
) -> Held:
    """Every row about the person: sources, tables made of them, ledger, plans, histories."""
    tables: dict[str, Rows] = {}
    for name, rows in [
        *_derived(con, person),
        *_raw(con, person, entities, key),
        *_state(engine, person, key),
    ]:
        if rows:
            tables[name] = rows
    return Held(person.customer_ids[0], tables)


def _derived(con: DuckDBPyConnection, person: Identifiers) -> Iterator[tuple[str, Rows]]:
    """Tables and views that name customers or records. Only the layers people work with."""
    found = con.execute(
        """select schema_name, table_name, list(column_name) from duckdb_columns()
        where schema_name in ('core', 'marts', 'ml', 'segments', 'features', 'governance')
            or table_name in ('int_identity__resolved', 'int_identity__observed')
        group by all order by all"""
    ).fetchall()
    for schema, table, columns in found:
        keys = [name for name in ("customer_id", "record_id") if name in columns]
        if not keys:
            continue
        values = person.customer_ids if keys[0] == "customer_id" else person.record_ids
        sql = f"select * from {quote(schema)}.{quote(table)} where {keys[0]} in (select unnest(?))"
        yield f"{schema}.{table}", _rows(con, sql, [list(values)])


def _raw(
    con: DuckDBPyConnection, person: Identifiers, entities: Mapping[str, Entity], key: bytes
) -> Iterator[tuple[str, Rows]]:
    """What the sources gave, every version of it, by record key or by address.

    Not the rows of other people who once gave an address of the person's: they are theirs.
    """
    asked = Suppressions(dict.fromkeys(person.hashes(key), FOR_EVER), key)
    others = hashes_of_others(con, entities, asked)
    known = Suppressions({**asked.since, **dict.fromkeys(others, FOR_EVER)}, key)
    for entity in entities.values():
        wheres, values = [], []
        for name, kinds in identifying_columns(entity).items():
            system = "customer_system" if name == "customer_key" else "source_system"
            listed = con.execute(
                f"select distinct {quote(name)}, {system} from raw_files.{quote(entity.name)}"
                f" where {quote(name)} is not null"
            ).fetchall()
            mine = [f"{owner}|{value}" for value, owner in known.forgotten_among(kinds, listed)]
            if mine:
                wheres.append(f"{system} || '|' || {quote(name)} in (select unnest(?))")
                values.append(mine)
        if wheres:
            sql = f"select * from raw_files.{quote(entity.name)} where {' or '.join(wheres)}"
            rows = _rows(con, sql, values)
            yield f"raw_files.{entity.name}", [row for row in rows if not _is_other(row, known)]


def _is_other(row: Mapping[str, Any], known: Suppressions) -> bool:
    key = row.get("customer_key")
    return key is not None and known.is_of_somebody_else(row["customer_system"] or "", key)


def _rows(con: DuckDBPyConnection, sql: str, values: Sequence[object]) -> Rows:
    cursor = con.execute(sql, list(values))
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _state(engine: Engine, person: Identifiers, key: bytes) -> Iterator[tuple[str, Rows]]:
    """The ledger with its proofs, and every table of the state database that names the person."""
    from contract.gate import RecordKey
    from governance.ledger import entries_about

    with engine.connect() as connection:
        records = {RecordKey(*record) for record in person.records}
        entries = entries_about(
            connection, {one.customer_key for one in records}, person.address_hashes(key)
        )
        mine = [
            vars(entry)
            for entry in entries
            if entry.customer_key is None
            or entry.source_system is None
            or RecordKey(entry.source_system, entry.customer_key) in records
        ]
        yield "ledger.consent_entries", [dict(one) for one in mine]
        metadata = MetaData()
        metadata.reflect(engine)
        wanted = sorted({*person.customer_ids, *person.record_ids, *person.emails})
        for table in metadata.sorted_tables:
            if table.name in {"consent_entries", "suppressions"}:
                continue
            columns = [column for column in table.columns if isinstance(column.type, String)]
            if columns:
                statement = select(table).where(or_(*(one.in_(wanted) for one in columns)))
                found = connection.execute(statement).mappings()
                yield f"state.{table.name}", [dict(row) for row in found]


def write_access(held: Held, folder: Path, languages: Sequence[str]) -> list[Path]:
    """Write <customer id>.json and one page per language, readable by the owner only."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    content = {"customer_id": held.customer_id, "tables": held.tables}
    text = json.dumps(content, indent=1, ensure_ascii=False, default=str)
    written = [_write(folder / f"{held.customer_id}.json", text + "\n")]
    for lang in languages:
        path = folder / f"{held.customer_id}.{lang}.html"
        written.append(_write(path, as_page(held, lang)))
    return written


def as_page(held: Held, lang: str) -> str:
    """One page: a chapter per kind of data, a table per table, one row per thing held."""
    title = html.escape(TEXTS("title", lang, customer=held.customer_id))
    parts = [
        f'<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>{title}</title>',
        "<style>body{font-family:sans-serif;margin:2rem}table{border-collapse:collapse}"
        "th,td{border:1px solid #999;padding:.2rem .5rem;text-align:left;vertical-align:top}"
        "th{background:#eee}div{overflow-x:auto}</style>",
        f"<h1>{title}</h1><p>{html.escape(TEXTS('lead', lang))}</p>",
    ]
    for chapter, tables in held.chapters().items():
        parts.append(f"<h2>{html.escape(TEXTS(f'chapter_{chapter}', lang))}</h2>")
        for table in tables:
            parts.append(f"<h3>{html.escape(table)}</h3><div>")
            parts += [_table(held.tables[table], held.labels.get(lang, {})), "</div>"]
    return "\n".join([*parts, "</html>\n"])


def _table(rows: Rows, labels: Mapping[str, str]) -> str:
    """A single row is read downwards; several, one under the other. Empty columns are left out."""
    names = [name for name in rows[0] if any(row.get(name) is not None for row in rows)]
    heads = [html.escape(labels.get(name, name.replace("_", " "))) for name in names]
    if len(rows) == 1:
        lines = [
            f"<tr><th>{head}</th><td>{_cell(rows[0][name])}</td></tr>"
            for name, head in zip(names, heads, strict=True)
        ]
        return f"<table>{''.join(lines)}</table>"
    head = "".join(f"<th>{one}</th>" for one in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{_cell(row.get(name))}</td>" for name in names) + "</tr>"
        for row in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def _cell(value: Any) -> str:
    return "" if value is None else html.escape(str(value))


def _write(path: Path, text: str) -> Path:
    unfinished = path.with_name(f".{path.name}.part")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.chmod(0o600)
    unfinished.replace(path)
    return path
