"""Tables of a PostgreSQL database as Arrow pages: dlt's sql_table, with COPY behind it.

Whole numbers and booleans keep their type; everything else is landed as the text that PostgreSQL
writes for it, for no other type holds infinity, 38 digits or the year 1 as well.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import islice
from typing import Any

import psycopg
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from contract.sql import literal, quote
from ingestion.errors import ContractBroken, SourceUnavailable
from ingestion.pages import SOURCE_TYPE
from ingestion.source import SourceTable

CONNECT_SECONDS = 10
LOCK_SECONDS = 30  # a table that somebody rebuilds must not hold up all the others
_PAGE_BYTES = 8 * 2**20
_ROWS_A_CHUNK = 5_000
_KEPT = {"smallint": pa.int64(), "integer": pa.int64(), "bigint": pa.int64(), "boolean": pa.bool_()}

# What every session is told, whatever the server's defaults are.
_SESSION = (
    "set timezone = 'UTC'",
    "set datestyle = 'ISO, YMD'",
    "set bytea_output = 'hex'",
    "set extra_float_digits = 1",
)
_COLUMNS = """
select attname, format_type(atttypid, atttypmod) from pg_attribute
where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped order by attnum"""
# Others' transactions are seen with pg_read_all_stats only; null otherwise.
_UNDER_WAY = """
select least(clock_timestamp(), min(xact_start)) at time zone 'UTC' from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()"""

# What a snapshot shows of a table that was truncated, rewritten or replaced since is empty, not
# old. pg_class is seen as it was then, the function tells the file of now.
_WRITTEN_ANEW = """
select count(*) from (
    select to_regclass(%s) as relid union select relid from pg_partition_tree(to_regclass(%s))
) as parts left join pg_class on oid = relid
where relid is not null and relfilenode is distinct from coalesce(pg_relation_filenode(relid), 0)"""


def connect(system: str, url: str) -> "PostgresReader":
    """One snapshot of the database at url (postgresql://…). Raises SourceUnavailable."""
    with _failures(system, "connecting"):
        return PostgresReader(system, url)


class PostgresReader:
    """Reads tables of the schema `public` in one snapshot."""

    def __init__(self, system: str, url: str) -> None:
        self._system = system
        self._engine = _engine(url)
        self._snapshot = self._engine.connect()
        # Asked before the snapshot is taken: a change that it misses began at this time or later.
        self._horizon: datetime | None = self._snapshot.exec_driver_sql(_UNDER_WAY).scalar_one()
        self._snapshot.rollback()
        name = self._snapshot.exec_driver_sql("select pg_export_snapshot()").scalar_one()
        self._share(str(name))

    def horizon(self) -> datetime | None:
        """Since when changes may be under way that this snapshot does not show (naive UTC)."""
        return self._horizon

    def pages(self, table: SourceTable, since: datetime | None) -> Iterator[pa.Table]:
        """Rows in the order of the table, or of the cursor when since is given."""
        columns = self._columns(table)
        yield from self._copied(table, columns, since)

    def count(self, table: SourceTable, since: datetime | None) -> int | None:
        """Rows of the snapshot."""
        self._columns(table)
        where = f"where {quote(str(table.cursor))} >= {_moment(since)}" if since else ""
        with self._reading(table), self._engine.connect() as connection:
            query = f"select count(*) from {quote(table.name)} {where}"
            count = int(connection.exec_driver_sql(query).scalar_one())
            self._refuse_written_anew(connection, table)
        return count

    def keys(self, table: SourceTable) -> Iterator[pa.Table]:
        """Every key of the snapshot."""
        columns = self._columns(table)
        yield from self._copied(table, {name: columns[name] for name in table.key}, None)
        with self._reading(table), self._engine.connect() as connection:
            self._refuse_written_anew(connection, table)

    def close(self) -> None:
        """End the snapshot, unless the server did."""
        with suppress(sa.exc.DBAPIError):
            self._snapshot.close()
        self._engine.dispose()

    def _share(self, snapshot: str) -> None:
        """Every further connection sees what the first one sees."""

        @sa.event.listens_for(self._engine, "begin")
        def _same(connection: sa.Connection) -> None:
            connection.exec_driver_sql(f"set transaction snapshot {literal(snapshot)}")

    def _columns(self, table: SourceTable) -> dict[str, str]:
        """Names and types, as the database writes them. Raises ContractBroken."""
        with self._reading(table), self._engine.connect() as connection:
            rows = connection.exec_driver_sql(_COLUMNS, (f"public.{quote(table.name)}",)).fetchall()
        columns = {str(name): str(kind) for name, kind in rows}
        if not columns:
            raise ContractBroken(f"there is no table {table.name}, or the account may not see it.")
        needed = [*table.key, *([table.cursor] if table.cursor else [])]
        missing = [name for name in needed if name not in columns]
        if missing:
            raise ContractBroken(f"table {table.name} has no column {', '.join(missing)}.")
        if table.cursor and not columns[table.cursor].startswith(("timestamp", "date")):
            raise ContractBroken(
                f"table {table.name}: {table.cursor} is {columns[table.cursor]}, not a time, and "
                "cannot tell what is new."
            )
        return columns

    def _refuse_written_anew(self, connection: sa.Connection, table: SourceTable) -> None:
        named = f"public.{quote(table.name)}"
        if connection.exec_driver_sql(_WRITTEN_ANEW, (named, named)).scalar_one():
            what = f"table {table.name} was written anew while it was read. The next run reads it"
            raise SourceUnavailable(self._system, what)

    def _copied(
        self, table: SourceTable, columns: dict[str, str], since: datetime | None
    ) -> Iterator[pa.Table]:
        from dlt.sources.sql_database import sql_table

        def only_news(query: Any, relation: Any) -> Any:
            if since is None:
                return query
            cursor = relation.c[table.cursor]
            return query.where(cursor >= sa.literal_column(_moment(since)))

        resource = sql_table(
            self._engine,
            table=table.name,
            schema="public",
            backend="pyarrow",
            reflection_level="minimal",
            included_columns=list(columns),
            query_adapter_callback=only_news,
            table_loader_class=_loader(columns),
        )
        with self._reading(table):
            yield from _as_raised(resource)

    @contextmanager
    def _reading(self, table: SourceTable) -> Iterator[None]:
        with _failures(self._system, f"reading {table.name}"):
            yield


def _engine(url: str) -> sa.Engine:
    engine = sa.create_engine(
        sa.make_url(url).set(drivername="postgresql+psycopg"),
        poolclass=NullPool,
        isolation_level="REPEATABLE READ",
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "application_name": "habitue",
            # Not only by SET: of a database in SQL_ASCII the driver would give bytes for names.
            "client_encoding": "UTF8",
        },
        hide_parameters=True,
    )

    @sa.event.listens_for(engine, "connect")
    def _tell(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for statement in (*_SESSION, f"set lock_timeout = '{LOCK_SECONDS}s'"):
            cursor.execute(statement)
        cursor.close()
        connection.commit()

    return engine


def _as_raised(resource: Any) -> Iterator[pa.Table]:
    """The resource's pages; an error as the driver raised it, without dlt's own around it."""
    from dlt.extract.exceptions import ResourceExtractionError

    try:
        yield from resource
    except ResourceExtractionError as error:
        raise error.__cause__ or error from None


def _loader(columns: dict[str, str]) -> Any:
    """A table loader of dlt that copies instead of fetching rows one by one."""
    from dlt.sources.sql_database.helpers import TableLoader

    class CopyLoader(TableLoader):
        def _load_rows(self, query: Any, backend_kwargs: Any) -> Iterator[pa.Table]:
            compiled = query.compile(self.engine, compile_kwargs={"literal_binds": True})
            # The driver reads % as its own mark; COPY takes no parameters.
            sql = f"copy ({str(compiled).replace('%%', '%')}) to stdout (format csv, header)"
            # begin, not connect: it is the beginning that joins the snapshot.
            with self.engine.begin() as connection:
                driver: Any = connection.connection.driver_connection
                with driver.cursor() as cursor, cursor.copy(sql) as copy:
                    yield from _pages(copy, columns)

    return CopyLoader


def _pages(copy: Any, columns: dict[str, str]) -> Iterator[pa.Table]:
    """Tables of about _PAGE_BYTES each; the driver hands over one row at a time, after the names.

    A page is parsed as one block, for Arrow's parser refuses a row that is larger than its block.
    """
    from pyarrow import csv

    fields = [
        pa.field(name, _KEPT.get(kind, pa.string()), metadata={SOURCE_TYPE: kind})
        for name, kind in columns.items()
    ]
    schema = pa.schema(fields)
    rows = iter(copy)
    names = bytes(next(rows, b""))
    is_empty = True
    for text in _blocks(rows):
        is_empty = False
        found = csv.read_csv(
            io.BytesIO(names + text),
            read_options=csv.ReadOptions(block_size=len(names) + len(text) + 1),
            parse_options=csv.ParseOptions(newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                column_types={field.name: field.type for field in fields},
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
                true_values=["t"],
                false_values=["f"],
            ),
        )
        yield found.select(schema.names).cast(schema)
    if is_empty:
        yield schema.empty_table()


def _blocks(rows: Iterator[Any]) -> Iterator[bytes]:
    waiting: list[bytes] = []
    size = 0
    while some := b"".join(islice(rows, _ROWS_A_CHUNK)):
        waiting.append(some)
        size += len(some)
        if size >= _PAGE_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


def _moment(moment: datetime) -> str:
    return f"timestamp with time zone '{moment.isoformat()}+00'"


@contextmanager
def _failures(system: str, doing: str) -> Iterator[None]:
    """Errors of the driver as ours, without the server's words: they may hold rows or secrets."""
    try:
        yield
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn) as error:
        raise ContractBroken(f"the table changed while {doing}.") from error
    except sa.exc.DBAPIError as error:
        raise _ours(system, doing, error.orig) from None
    except psycopg.Error as error:
        raise _ours(system, doing, error) from None
    except pa.ArrowInvalid as error:
        raise ContractBroken(f"a value is not of its column's type while {doing}.") from error


def _ours(system: str, doing: str, error: BaseException | None) -> Exception:
    state = getattr(error, "sqlstate", None)
    if state in {"42P01", "42703"}:
        return ContractBroken(f"the table changed while {doing}.")
    if state == "42501":
        return SourceUnavailable(system, f"the account has no right for {doing}")
    code = f" (SQLSTATE {state})" if state else ""
    return SourceUnavailable(system, f"{type(error).__name__} while {doing}{code}")
