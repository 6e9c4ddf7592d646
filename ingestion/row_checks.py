"""The checks a row must pass, and the SQL that casts and checks all rows of a file at once."""

from dataclasses import dataclass
from hashlib import md5

from contract.entity import Column, Entity
from contract.sql import literal, quote
from ingestion.column_rules import ColumnRule
from ingestion.column_sql import ColumnSql, SourceColumns, column_sql
from ingestion.landed_files import RESTORED_AT, LandedFile
from ingestion.reasons import UNREADABLE


@dataclass(frozen=True)
class Check:
    """A row fails it when `fails` holds. The sentence never repeats the value: it may be personal.

    `fails` is SQL over the typed columns and, for each, "given <column>".
    """

    fails: str
    code: str
    column: str
    reason: str


def checks_of(entity: Entity, file: LandedFile) -> list[Check]:
    """The checks of one entity, in the order in which the first failing one is reported."""
    rules = {rule.name: rule for rule in file.feed.rules}
    found = [Check("_problem is not null", UNREADABLE, "", "The row cannot be read.")]
    for column in entity.columns:
        if column.name in rules or not file.feed.deletes:
            found += _column_checks(column, rules.get(column.name))
    if file.feed.known_at is not None:
        found.append(_unparsable(Column("known_at", "timestamp", "", "public"), file.feed.known_at))
    return found


def typed_rows_sql(entity: Entity, file: LandedFile, source: SourceColumns) -> str:
    """Select of every row of the file, typed.

    Columns: file_line, item_position, failed_check (position in checks_of, null when none fails),
    problem (of an unreadable row), row_json (of a failing row), stated_known_at and the columns of
    the entity.
    """
    rules = {rule.name: rule for rule in file.feed.rules}
    columns = {column.name: column for column in entity.columns}
    built = {name: column_sql(rules.get(name), column, source) for name, column in columns.items()}
    clock = Column("known_at", "timestamp", "", "public")
    stated = column_sql(file.feed.known_at, clock, source)
    is_restored = "false"
    if RESTORED_AT in source.types:
        stated = ColumnSql(f"greatest({stated.value}, {RESTORED_AT})", stated.given)
        is_restored = f"{RESTORED_AT} is not null"
    built["stated_known_at"] = stated
    given = _given_columns(built)
    typed = ", ".join(f"{sql.value} as {quote(_typed(name))}" for name, sql in built.items())
    row = ", ".join(f"{literal(name)}: {quote(name)}" for name in source.types)
    branches = " ".join(
        f"when {check.fails} then {position}"
        for position, check in enumerate(checks_of(entity, file))
    )
    failed = f"case {branches} end"
    renamed = ", ".join(f"{quote(_typed(name))} as {quote(name)}" for name in built)
    return f"""
        select _file_line as file_line, _item_position as item_position, failed_check,
            _problem as problem, is_restored, {renamed},
            case when failed_check is not null
                then coalesce(_raw_text, cast(to_json(source_row) as varchar)) end as row_json
        from (
            select *, {failed} as failed_check
            from (
                select _file_line, _item_position, _problem, _raw_text, {{{row}}} as source_row,
                    {given}, {is_restored} as is_restored, {typed}
                from source_rows
            )
        )
    """


def known_at_sql(entity: Entity, file: LandedFile) -> tuple[str, str]:
    """SQL of known_at over the typed columns, and the rule in words."""
    delivery = file.delivery
    fallback, words = f"timestamp '{delivery.delivered_at}'", "time of delivery"
    if delivery.is_history:
        if delivery.covers_from is not None:
            fallback, words = f"timestamp '{delivery.covers_from}'", "start of the history"
        if entity.happened_at is not None:
            happened = f"cast({quote(entity.happened_at)} as timestamp)"
            fallback = f"coalesce({happened}, {fallback})"
            words = f"{entity.happened_at}, else {words}"
    if file.feed.known_at is None:
        return f"coalesce(stated_known_at, {fallback})", words
    names = ", ".join(file.feed.known_at.columns_read)
    return f"coalesce(stated_known_at, {fallback})", f"column {names} of the source, else {words}"


def is_certain_sql(file: LandedFile, source: SourceColumns) -> str:
    """SQL of the rows that are as they are said to be at the time of the extraction itself."""
    if not file.delivery.is_extracted:
        return "false"
    if file.feed.deletes:
        return "true"
    return "is_restored" if RESTORED_AT in source.types else "false"


def source_key_sql(entity: Entity) -> str:
    """The key values joined by '|'; a '|' inside a text value is escaped, so keys never collide."""
    parts = []
    for name in entity.key:
        text = f"cast({quote(name)} as varchar)"
        if len(entity.key) > 1 and entity.column(name).type == "text":
            text = f"replace(replace({text}, '\\', '\\\\'), '|', '\\|')"
        parts.append(text)
    return " || '|' || ".join(parts)


def content_hash_sql(entity: Entity) -> str:
    """MD5 of the texts of the columns beside the key, in order; missing differs from empty.

    Contents are only ever compared under the same key. An entity that is all key has one content.
    """
    names = [name for name in entity.column_names if name not in entity.key]
    if not names:
        return literal(md5(b"", usedforsecurity=False).hexdigest())
    texts = ", ".join(f"coalesce(cast({quote(name)} as varchar), chr(30))" for name in names)
    return f"md5(concat_ws(chr(31), {texts}))"


def _column_checks(column: Column, rule: ColumnRule | None) -> list[Check]:
    name = quote(_typed(column.name))
    found = []
    if rule is not None and rule.constant is None and not rule.position_within:
        found.append(_unparsable(column, rule))
    if column.required:
        reason = f"{column.name} is required and empty{_origin(rule)}."
        found.append(Check(f"{name} is null", "missing_value", column.name, reason))
    if column.domain:
        allowed = ", ".join(literal(value) for value in column.domain)
        reason = f"{column.name} is not one of {', '.join(column.domain)}{_origin(rule)}."
        fails = f"{name} not in ({allowed})"
        found.append(Check(fails, "out_of_domain", column.name, reason))
    if column.at_least is not None:
        reason = f"{column.name} is below {column.at_least}{_origin(rule)}."
        fails = f"{name} < {column.at_least}"
        found.append(Check(fails, "below_minimum", column.name, reason))
    return found


def _unparsable(column: Column, rule: ColumnRule) -> Check:
    name = "stated_known_at" if column.name == "known_at" else column.name
    fails = f"{quote(_given(name))} and {quote(_typed(name))} is null"
    if rule.values:
        reason = f"{column.name} has a value the declaration does not map{_origin(rule)}."
        return Check(fails, "unmapped_value", column.name, reason)
    reason = f"{column.name} is not a {column.type}{_origin(rule)}."
    return Check(fails, "unparsable", column.name, reason)


def _origin(rule: ColumnRule | None) -> str:
    names = ", ".join(rule.columns_read) if rule is not None else ""
    return f" (from {names})" if names else ""


def _given_columns(built: dict[str, ColumnSql]) -> str:
    return ", ".join(f"{sql.given} as {quote(_given(name))}" for name, sql in built.items())


def _typed(name: str) -> str:
    return f"typed {name}"


def _given(name: str) -> str:
    return f"given {name}"
