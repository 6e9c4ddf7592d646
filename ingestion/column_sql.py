"""SQL that turns the columns of a file into one column of an entity.

Every expression keeps the row: what cannot be read becomes null, and `given` tells a value that
was there from one that was not, so that the row can be quarantined with its reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from contract.entity import Column
from contract.sql import literal, quote
from ingestion.column_rules import EPOCHS, ColumnRule, Condition
from ingestion.feed import Reading, RowTest

_NUMBER = r"[+-]?(\d+(\.\d*)?|\.\d+)"
_WHOLE = r"[+-]?\d+(\.0*)?"
_ISO_DATE = r"\d{4}-\d{2}-\d{2}([ T].*)?"
_OFFSET = r".*(Z|[+-]\d{2}(:?\d{2})?)"
_NO_BREAK_SPACES = ("\u00a0", "\u202f")


@dataclass(frozen=True)
class ColumnSql:
    """value: the typed value or null; given: whether the file held something for it."""

    value: str
    given: str


@dataclass(frozen=True)
class SourceColumns:
    """The columns of one file as DuckDB sees them (name to type) and how to read their text."""

    types: Mapping[str, str]
    reading: Reading

    def is_text(self, name: str) -> bool:
        """Whether the file holds that column as text."""
        return self.types[name] == "VARCHAR"

    def raw(self, name: str) -> str:
        """The value as the file gave it; empty texts and the declared null marks are null."""
        column = quote(name)
        if not self.is_text(name):
            return column
        value = f"nullif(trim({column}), '')"
        for mark in self.reading.nulls:
            value = f"nullif({value}, {literal(mark)})"
        return value

    def text(self, name: str) -> str:
        """The value as text; a whole number held as a float loses its '.0'."""
        raw = self.raw(name)
        if self.is_text(name):
            return raw
        plain = f"cast({raw} as varchar)"
        if self.types[name] in {"DOUBLE", "FLOAT"}:
            whole = f"cast(try_cast({raw} as hugeint) as varchar)"
            return f"case when {raw} = trunc({raw}) then {whole} else {plain} end"
        return plain

    def number(self, name: str) -> str:
        """The value as a double, for tests on its sign or size."""
        return f"try_cast({self._number_text(name)} as double)"

    def _number_text(self, name: str) -> str:
        return plain_number(self.raw(name), self.reading) if self.is_text(name) else self.raw(name)


def column_sql(rule: ColumnRule | None, column: Column, source: SourceColumns) -> ColumnSql:
    """SQL of one entity column; a column without a rule is null."""
    if rule is None:
        return ColumnSql(f"cast(null as {column.sql_type})", "false")
    if rule.constant is not None:
        return ColumnSql(f"cast({literal(rule.constant)} as {column.sql_type})", "true")
    if rule.position_within:
        within = ", ".join(quote(name) for name in rule.position_within)
        rank = f"partition by {within} order by _file_line, _item_position"
        return ColumnSql(f"row_number() over ({rank})", "true")
    if rule.conditions:
        always = "true" if rule.otherwise is not None else "false"
        return ColumnSql(_first_that_holds(rule, source), always)
    if rule.factors:
        return _product(rule, column, source)
    return _copied(rule, column, source)


def belongs(tests: tuple[RowTest, ...], source: SourceColumns) -> str:
    """SQL of the rows that a feed takes; one that cannot be read belongs to every feed."""
    held = " and ".join(_passes(test, source) for test in tests)
    return f"(_problem is not null or ({held}))" if held else "true"


def plain_number(text: str, reading: Reading) -> str:
    """The number's text with a decimal point and without the marks between thousands."""
    for mark in (*_NO_BREAK_SPACES, " ", *([reading.thousands] if reading.thousands else [])):
        text = f"replace({text}, {literal(mark)}, '')"
    if reading.decimal == ".":
        return text
    # A point where commas are declared is not a decimal sign: make it unreadable, never 100 times
    # too much.
    return f"replace(replace({text}, '.', '?'), ',', '.')"


def _copied(rule: ColumnRule, column: Column, source: SourceColumns) -> ColumnSql:
    names = rule.sources
    given = " and ".join(f"{source.raw(name)} is not null" for name in names)
    if len(names) > 1:
        joined = " || '-' || ".join(source.text(name) for name in names)
        return ColumnSql(_cast_text(joined, rule, column, source.reading), given)
    name = names[0]
    if rule.format in EPOCHS:
        return ColumnSql(_time_of_epoch(source.raw(name), rule, column, source.reading), given)
    if rule.values:
        mapped = _mapped(source.text(name), rule)
        given = f"({given} or {literal(rule.otherwise or '')} <> '')"
        return ColumnSql(f"cast({mapped} as {column.sql_type})", given)
    if source.is_text(name):
        value = _cast_text(source.raw(name), rule, column, source.reading)
    else:
        value = _cast_typed(name, rule, column, source)
    return ColumnSql(_signed(value, rule), given)


def _mapped(text: str, rule: ColumnRule) -> str:
    branches = " ".join(f"when {literal(old)} then {literal(new)}" for old, new in rule.values)
    otherwise = f" else {literal(rule.otherwise)}" if rule.otherwise is not None else ""
    return f"case {text} {branches}{otherwise} end"


def _first_that_holds(rule: ColumnRule, source: SourceColumns) -> str:
    branches = " ".join(
        f"when {_holds(condition, source)} then {literal(condition.value)}"
        for condition in rule.conditions
    )
    otherwise = literal(rule.otherwise) if rule.otherwise is not None else "null"
    return f"case {branches} else {otherwise} end"


def _holds(condition: Condition, source: SourceColumns) -> str:
    name = condition.column
    if condition.test == "begins_with":
        return f"starts_with({source.text(name)}, {literal(str(condition.against))})"
    if condition.test == "is":
        return f"{source.text(name)} = {literal(str(condition.against))}"
    if condition.test == "is_missing":
        return f"{source.raw(name)} is {'' if condition.against else 'not '}null"
    sign = "<" if condition.test == "below" else ">"
    return f"{source.number(name)} {sign} {condition.against}"


def _passes(test: RowTest, source: SourceColumns) -> str:
    if test.values is None:
        return f"{source.raw(test.column)} is {'' if test.is_missing else 'not '}null"
    return f"{source.text(test.column)} in ({', '.join(literal(text) for text in test.values)})"


def _product(rule: ColumnRule, column: Column, source: SourceColumns) -> ColumnSql:
    # decimal(18,6) each: exact for a unit price of six decimals, and DuckDB multiplies exactly.
    wide = Column(column.name, "decimal(18,6)", "", "public")
    factors = [
        _cast_text(source.text(name), ColumnRule(column.name), wide, source.reading)
        for name in rule.factors
    ]
    product = f"try_cast({' * '.join(factors)} as {column.sql_type})"
    given = " or ".join(f"{source.raw(name)} is not null" for name in rule.factors)
    return ColumnSql(_signed(product, rule), f"({given})")


def _signed(value: str, rule: ColumnRule) -> str:
    signs = {"positive": f"abs({value})", "negative": f"-abs({value})", "opposite": f"-({value})"}
    return signs[rule.sign] if rule.sign else value


def _cast_text(text: str, rule: ColumnRule, column: Column, reading: Reading) -> str:
    kind = column.type
    if kind == "text":
        return text
    if kind == "boolean":
        return f"try_cast({text} as boolean)"
    if kind in {"date", "timestamp"}:
        return _time_of_text(text, rule, kind, reading)
    number = plain_number(text, reading)
    # A pattern first: DuckDB would round '1.5' to an integer and accept 'nan' or '1e15'.
    pattern = _WHOLE if kind == "integer" else _NUMBER
    matches = f"regexp_full_match({number}, {literal(pattern)})"
    return f"case when {matches} then try_cast({number} as {column.sql_type}) end"


def _time_of_epoch(raw: str, rule: ColumnRule, column: Column, reading: Reading) -> str:
    micros = f"try_cast({raw} as decimal(24,6)) * {EPOCHS[str(rule.format)]}"
    # Beyond the years 1 to 9999 there is no date, and DuckDB would raise an error for the file.
    in_range = f"{micros} between -62135596800000000 and 253402300799999999"
    moment = f"case when {in_range} then make_timestamp(cast({micros} as bigint)) end"
    if column.type == "date":
        zone = rule.time_zone or reading.time_zone
        return f"cast(timezone({literal(zone)}, timezone('UTC', {moment})) as date)"
    return moment


def _time_of_text(text: str, rule: ColumnRule, kind: str, reading: Reading) -> str:
    zone = rule.time_zone or reading.time_zone
    written = rule.format or reading.date_format
    if written:
        moment = f"try_strptime({text}, {literal(written)})"
        has_offset = "%z" in written
        local = moment if has_offset else _to_utc(moment, zone)
        return f"cast({moment} as date)" if kind == "date" else f"cast({local} as timestamp)"
    is_iso = f"regexp_full_match({text}, {literal(_ISO_DATE)})"
    if kind == "date":
        return f"case when {is_iso} then cast(try_cast({text} as timestamp) as date) end"
    marked = f"regexp_full_match(substr({text}, 11), {literal(_OFFSET)})"
    utc = f"timezone('UTC', try_cast({text} as timestamptz))"
    local = _to_utc(f"try_cast({text} as timestamp)", zone)
    moment = f"case when {marked} then {utc} else {local} end"
    return f"case when {is_iso} then {moment} end"


def _cast_typed(name: str, rule: ColumnRule, column: Column, source: SourceColumns) -> str:
    raw, kind, found = source.raw(name), column.type, source.types[name]
    if kind == "text":
        return source.text(name)
    if kind == "integer":
        whole = f"try_cast({raw} as bigint)"
        return f"case when {raw} = trunc({raw}) then {whole} end" if found != "BIGINT" else raw
    if kind == "timestamp":
        if found == "TIMESTAMP WITH TIME ZONE":
            return f"timezone('UTC', {raw})"
        zone = rule.time_zone or source.reading.time_zone
        return _finite(_to_utc(f"try_cast({raw} as timestamp)", zone))
    if kind == "date":
        if found == "TIMESTAMP WITH TIME ZONE":
            raw = f"timezone({literal(rule.time_zone or source.reading.time_zone)}, {raw})"
        return _finite(f"try_cast({raw} as date)")
    return f"try_cast({raw} as {column.sql_type})"


def _finite(moment: str) -> str:
    return f"case when isfinite({moment}) then {moment} end"


def _to_utc(moment: str, zone: str) -> str:
    if zone == "UTC":
        return moment
    return f"timezone('UTC', timezone({literal(zone)}, {moment}))"
