"""Tables as databases of shops really spoil them: values, cursors, and what happens meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

GOOD_ROWS = 3
PLAIN = "create table {t} ({columns})"
_ROWS = "insert into {t} (id, note) select '{t}-' || n, 'good' from generate_series(1, 3) n"
HEAD = """
system: shop
owner: e-commerce
description: Poisoned tables of a database.
manifest: required
time_zone: UTC
files:
"""
# What every table has beside its poison; the declaration of a table says what `odd` fills.
COLUMNS = {
    "id": "text primary key",
    "note": "text",
    "total": "numeric(18,2) default 12.50",
    "placed_at": "timestamptz default '2026-05-01 10:00+00'",
    "odd": "text",
    "updated_at": "timestamptz default now() - interval '2 days'",
}
FILLED = {"total_amount": "total", "ordered_at": "placed_at", "email": "note"}


@dataclass(frozen=True)
class Value:
    """One odd value of a type, in a table of its own beside good rows.

    fills: the column of the entity that is read from it. becomes: what the raw table must hold;
    None when its row must be set aside instead, alone.
    """

    name: str
    kind: str
    literal: str
    fills: str
    becomes: object = None


@dataclass(frozen=True)
class Story:
    """What happens to a table between two reads, in steps of SQL; {t} is the table.

    columns: instead of those of COLUMNS; create, rows: how it is made and filled; first: before the
    first read. stops: a word of the notice with which the second read leaves the table as it was;
    without it the warehouse must hold afterwards what the table holds, but for the rows that
    `lacks` names, which are in the quarantine. says: a word of a notice with which it goes on.
    """

    name: str
    then: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()
    create: str = PLAIN
    rows: str = _ROWS
    stops: str = ""
    says: str = ""
    lacks: tuple[str, ...] = ()


_AMOUNT, _TIME, _TEXT = "total_amount", "ordered_at", "email"

VALUES = [
    Value("amount_nan", "numeric", "'NaN'", _AMOUNT),
    Value("amount_infinity", "numeric", "'Infinity'", _AMOUNT),
    Value("amount_minus_infinity", "numeric", "'-Infinity'", _AMOUNT),
    Value("amount_double_nan", "float8", "'NaN'", _AMOUNT),
    Value("amount_double_largest", "float8", "'1.7976931348623157e308'", _AMOUNT),
    Value("amount_double_exact", "float8", "0.1 + 0.2", _AMOUNT, "0.30"),
    Value("amount_38_digits", "numeric(38,20)", "12345678901234567.01234567890123456789", _AMOUNT),
    Value("amount_20_places", "numeric(38,20)", "12.50000000000000000001", _AMOUNT, "12.50"),
    Value("amount_beyond_decimal", "numeric", "1e30", _AMOUNT),
    Value("amount_130000_digits", "numeric", "'1e130000'::numeric", _AMOUNT),
    Value("amount_tiny", "numeric", "1e-30", _AMOUNT, "0.00"),
    Value("amount_negative", "numeric", "-12.50", _AMOUNT, "-12.50"),
    Value("amount_of_money", "money", "'1234.50'", _AMOUNT),
    Value("amount_with_a_comma", "text", "'12,50'", _AMOUNT),
    Value("amount_of_time", "interval", "'1 day'", _AMOUNT),
    Value("time_infinity", "timestamptz", "'infinity'", _TIME),
    Value("time_minus_infinity", "timestamptz", "'-infinity'", _TIME),
    Value("time_year_1", "timestamptz", "'0001-01-01 00:00+00'", _TIME, "0001-01-01 00:00:00"),
    Value("time_before_christ", "timestamptz", "'0044-03-15 00:00+00 BC'", _TIME),
    Value("time_year_294276", "timestamptz", "'294276-12-31 00:00+00'", _TIME),
    Value("time_with_zone", "timestamptz", "'2026-05-01 10:00+02'", _TIME, "2026-05-01 08:00:00"),
    Value("time_without_zone", "timestamp", "'2026-05-01 10:00'", _TIME, "2026-05-01 10:00:00"),
    Value("time_in_microseconds", "timestamptz", "'2026-05-01 10:00:00.123456+00'", _TIME,
          "2026-05-01 10:00:00.123456"),
    Value("time_leap_second", "timestamptz", "'2026-06-30 23:59:60+00'", _TIME,
          "2026-07-01 00:00:00"),
    Value("time_is_a_day", "date", "'2026-05-01'", _TIME, "2026-05-01 00:00:00"),
    Value("time_day_infinity", "date", "'infinity'", _TIME),
    Value("time_is_an_hour", "text", "'10:00'", _TIME),
    Value("time_is_a_number", "text", "'1777629600'", _TIME),
    Value("text_bytes", "bytea", r"'\xdead00beef'", _TEXT, r"\xdead00beef"),
    Value("text_list", "text[]", """array['a,b', null, 'c"d']""", _TEXT, '{"a,b",NULL,"c\\"d"}'),
    Value("text_json_null_character", "json", r"""'{"k": "\u0000"}'""", _TEXT,
          r'{"k": "\u0000"}'),
    Value("text_jsonb", "jsonb", r"""'{"k": "\u00e9", "k": 1e400}'""", _TEXT,
          '{"k": 1' + "0" * 400 + "}"),
    Value("text_json_deep", "jsonb", "(repeat('[', 900) || repeat(']', 900))::jsonb", _TEXT,
          "[" * 900 + "]" * 900),
    Value("text_composite", "pair", "row(1, 'a,b')::pair", _TEXT, '(1,"a,b")'),
    Value("text_range", "tstzrange", "'[2026-05-01 10:00+02,)'", _TEXT,
          '["2026-05-01 08:00:00+00",)'),
    Value("text_network", "inet", "'::1/64'", _TEXT, "::1/64"),
    Value("text_identifier", "uuid", "'00000000-0000-0000-0000-00000000000A'", _TEXT,
          "00000000-0000-0000-0000-00000000000a"),
    Value("text_bits", "bit(3)", "B'101'", _TEXT, "101"),
    Value("text_point", "point", "'(1,2)'", _TEXT, "(1,2)"),
    Value("text_of_a_domain", "shout", "'HEY'", _TEXT, "HEY"),
    Value("text_long", "text", "repeat('x', 900000)", _TEXT, "x" * 900_000),
    Value("text_20_megabytes", "text", "repeat('é', 10485760)", _TEXT, "é" * 10_485_760),
    Value("text_emoji", "text", "repeat('🚲', 10)", _TEXT, "🚲" * 10),
    Value("text_right_to_left", "text", r"U&'\202Egnp.exe'", _TEXT, "\u202egnp.exe"),
    Value("text_control_characters", "text", r"E'a\x01\x1e\x1f\x7f\rb\tc\n\nd'", _TEXT,
          "a\x01\x1e\x1f\x7f\rb\tc\n\nd"),
    Value("text_line_separators", "text", r"U&'a\2028b\2029c\0085d'", _TEXT,
          "a\u2028b\u2029c\u0085d"),
    Value("text_end_of_copy", "text", r"'\.'", _TEXT, r"\."),
    Value("text_null_mark", "text", r"'\N'", _TEXT, r"\N"),
    Value("text_quotes", "text", """'"a""b",''c'''""", _TEXT, '"a""b",\'c\''),
    Value("text_word_null", "text", "'NULL'", _TEXT, "NULL"),
    Value("text_not_a_number", "text", "'nan'", _TEXT, "nan"),
    Value("text_leading_zeros", "text", "'000123'", _TEXT, "000123"),
    Value("text_scientific", "text", "'1E+15'", _TEXT, "1E+15"),
    Value("text_percent", "text", "'100 % %s %(a)s :b'", _TEXT, "100 % %s %(a)s :b"),
]  # fmt: skip

_LATER = "now() + interval '1 minute'"
_TOUCH = "update {t} set note = 'touched', updated_at = now() where id = '{t}-2'"
_MORE = "insert into {t} (id, updated_at) values ('{t}-new', now())"


def _with(**columns: str) -> tuple[tuple[str, str], ...]:
    return tuple({**COLUMNS, **columns}.items())


def _cursor(kind: str) -> tuple[tuple[str, str], ...]:
    return _with(updated_at=kind)


_CURSORS = [
    Story("cursor_null_in_a_row", then=(_TOUCH, "insert into {t} (id, updated_at) values "
          "('{t}-null', null)"), first=("update {t} set updated_at = null where id = '{t}-1'",)),
    Story("cursor_null_everywhere", columns=_cursor("timestamptz"), then=(_MORE,)),
    Story("cursor_of_all_rows_the_same", then=(_MORE, "insert into {t} (id, updated_at) select "
          "'{t}-same', max(updated_at) from {t} where id <> '{t}-new'")),
    Story("cursor_in_the_future", first=("update {t} set updated_at = '2099-01-01' "
          "where id = '{t}-1'",), then=(_TOUCH, _MORE)),
    Story("cursor_infinity", first=("update {t} set updated_at = 'infinity' "
          "where id = '{t}-1'",), then=(_TOUCH, _MORE), lacks=("1",)),
    Story("cursor_minus_infinity", first=("update {t} set updated_at = '-infinity'",),
          then=(_TOUCH, _MORE), lacks=("1", "3")),
    Story("cursor_year_1", first=("update {t} set updated_at = '0001-01-01 00:00+00'",),
          then=(_TOUCH, _MORE)),
    Story("cursor_before_christ", first=("update {t} set updated_at = '0044-03-15 BC'",),
          then=(_TOUCH, _MORE), lacks=("1", "3")),
    Story("cursor_year_20000", first=("update {t} set updated_at = '20000-01-01' "
          "where id = '{t}-1'",), then=(_TOUCH, _MORE), lacks=("1",)),
    Story("cursor_year_294276", first=("update {t} set updated_at = '294276-01-01' "
          "where id = '{t}-1'",), then=(_TOUCH, _MORE), lacks=("1",)),
    Story("cursor_without_zone", columns=_cursor("timestamp default now()"), then=(_TOUCH, _MORE)),
    Story("cursor_is_a_day", columns=_cursor("date default now()"), then=(_TOUCH, _MORE)),
    Story("cursor_in_the_past", then=("insert into {t} (id, updated_at) values "
          "('{t}-old', '2001-01-01')",), says="came late"),
]  # fmt: skip
_CHANGES = [
    Story("column_dropped", then=("alter table {t} drop column odd", _MORE), stops="lost odd"),
    Story("column_renamed", then=("alter table {t} rename odd to even", _MORE), stops="lost odd"),
    Story("column_added", then=("alter table {t} add extra jsonb", _TOUCH), says="new column"),
    Story("column_retyped", then=("alter table {t} alter odd type int using 1", _MORE),
          stops="odd was text"),
    Story("column_widened", then=("alter table {t} alter total type numeric(38,10)", _MORE)),
    Story("column_loses_its_zone", then=("alter table {t} alter placed_at type timestamp", _TOUCH)),
    Story("column_dropped_and_made_again", then=("alter table {t} drop column note",
          "alter table {t} add note text", "update {t} set updated_at = now()")),
    Story("column_with_a_value_more", columns=_with(odd="mood"), then=(
          "alter type mood add value 'furious'", "update {t} set odd = 'furious', "
          "updated_at = now()")),
    Story("column_computed", columns=_with(odd="numeric generated always as (total * 2) stored"),
          then=(_TOUCH,)),
    Story("column_named_filename", columns=_with(filename="text", stamp="text", place="text"),
          then=("delete from {t} where id = '{t}-1'", _TOUCH)),
    Story("column_named_problem", columns=_with(file_line="int", problem="text"), then=(_TOUCH,)),
    Story("cursor_dropped", then=("alter table {t} drop column updated_at",),
          stops="no column updated_at"),
    Story("cursor_is_a_text", columns=_cursor("text default '2026-05-01'"), stops="is text"),
    Story("table_dropped", then=("drop table {t}",), stops="no table table_dropped"),
    Story("table_is_a_view", create="create table {t}_below ({columns}); "
          "create view {t} as select * from {t}_below", then=(_TOUCH, _MORE)),
    Story("table_is_a_snapshot", create="create table {t}_below ({columns}); "
          "create materialized view {t} as select * from {t}_below",
          rows=_ROWS.replace("into {t}", "into {t}_below") + "; refresh materialized view {t}",
          then=("delete from {t}_below where id = '{t}-1'", "refresh materialized view {t}")),
    Story("table_in_partitions", columns=_with(id="text"), create="create table {t} ({columns}) "
          "partition by hash (id); create table {t}_0 partition of {t} for values with (modulus 2, "
          "remainder 0); create table {t}_1 partition of {t} for values with (modulus 2, "
          "remainder 1)", then=(_TOUCH, _MORE, "delete from {t} where id = '{t}-1'")),
    Story("table_empty_at_first", first=("delete from {t}",), then=(_MORE,)),
    Story("table_emptied", then=("delete from {t}",)),
    Story("table_truncated", then=("truncate {t}",)),
    Story("table_filled_anew", then=("create table {t}_new as select * from {t}", "truncate {t}",
          "insert into {t} select * from {t}_new", _TOUCH)),
    Story("table_swapped", then=("create table {t}_new (like {t} including all)", "insert into "
          "{t}_new select * from {t}", "drop table {t}", "alter table {t}_new rename to {t}",
          _TOUCH)),
]  # fmt: skip
_LIVES = [
    Story("row_of_two_changes", then=(_TOUCH, "update {t} set note = 'last', updated_at = "
          f"{_LATER} where id = '{{t}}-2'")),
    Story("row_softly_deleted", then=("alter table {t} add deleted_at timestamptz",
          "update {t} set deleted_at = now(), updated_at = now() where id = '{t}-1'"),
          says="new column"),
    Story("row_deleted", then=("delete from {t} where id = '{t}-1'",)),
    Story("row_deleted_and_key_reused", then=("delete from {t} where id = '{t}-1'",
          "insert into {t} (id, note, updated_at) values ('{t}-1', 'another', now())")),
    Story("row_gets_another_key", then=("update {t} set id = '{t}-moved', updated_at = now() "
          "where id = '{t}-1'",)),
    Story("row_back_from_a_backup", then=("update {t} set note = 'good', updated_at = now()",)),
    Story("row_touched_without_a_change", then=("update {t} set updated_at = now()",)),
    Story("row_key_with_odd_characters", then=("""insert into {t} (id, updated_at) values
          ('a,"b"' || chr(10) || '|' || chr(31), now()), ('🚲', now())""",)),
    Story("row_key_of_blanks", then=("insert into {t} (id, updated_at) values ('  ', now())",),
          lacks=("  ",)),
]  # fmt: skip
STORIES = [*_CURSORS, *_CHANGES, *_LIVES]


def types() -> tuple[str, ...]:
    """SQL of the types that some tables have."""
    return (
        "create type mood as enum ('calm', 'glad')",
        "create type pair as (n int, t text)",
        "create domain shout as text check (value = upper(value))",
    )


def created(name: str, columns: Iterable[tuple[str, str]], create: str) -> str:
    """SQL of a table of that name."""
    listed = ", ".join(f"{column} {kind}" for column, kind in columns)
    return create.replace("{t}", name).replace("{columns}", listed)


def of_value(value: Value) -> list[str]:
    """SQL of the table of a value: good rows and the odd one."""
    good = "'2026-05-01 10:00'" if value.fills == _TIME else "null"
    return [
        created(value.name, _with(odd=value.kind), PLAIN),
        f"insert into {value.name} (id, odd) select '{value.name}-' || n, {good} "
        f"from generate_series(1, {GOOD_ROWS}) n",
        f"insert into {value.name} (id, odd) values ('{value.name}-odd', {value.literal})",
    ]


def of_story(story: Story) -> list[str]:
    """SQL of the table of a story, up to the first read."""
    return [
        created(story.name, story.columns or COLUMNS.items(), story.create),
        *(step.replace("{t}", story.name) for step in (story.rows, *story.first)),
    ]


def steps(story: Story) -> list[str]:
    """SQL of what happens between the two reads."""
    return [step.replace("{t}", story.name) for step in story.then]


def declaration() -> str:
    """All tables as orders; what `odd` fills is told by the value."""
    files = [feed(value.name, {**FILLED, value.fills: "odd"}) for value in VALUES]
    files += [feed(story.name, FILLED) for story in STORIES]
    return HEAD + "".join(files)


def feed(name: str, filled: dict[str, str]) -> str:
    """What the declaration says of one table, and of the keys that it lost."""
    columns = ", ".join(f"{column}: {source}" for column, source in filled.items())
    return f"""
  {name}:
    entity: orders
    pattern: {name}-[0-9]*.parquet
    known_at: {{from: updated_at}}
    columns: {{order_key: id, {columns}}}
  {name}_gone:
    entity: orders
    pattern: {name}-deleted-*.parquet
    deletes: true
    columns: {{order_key: id}}
"""
