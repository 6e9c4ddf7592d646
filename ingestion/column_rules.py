"""How a declaration fills one column of an entity: the small language of `columns:`."""

from dataclasses import dataclass
from typing import Any, Literal, cast

from contract.entity import Column
from contract.errors import ConfigError, did_you_mean

Sign = Literal["positive", "negative", "opposite"]

_WAYS = {"from", "constant", "multiply", "when", "position_within"}
_KEYS = _WAYS | {"map", "otherwise", "format", "time_zone", "sign"}
_TESTS = {"is", "begins_with", "below", "above", "is_missing"}
_SIGNS = {"positive", "negative", "opposite"}
EPOCHS = {"epoch_s": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1}  # microseconds of one


@dataclass(frozen=True)
class Condition:
    """If `test` holds for the source column, the entity column takes `value`."""

    column: str
    test: str
    against: Any
    value: str


@dataclass(frozen=True)
class ColumnRule:
    """One way to fill an entity column from the columns of a file.

    Exactly one of sources (one is copied, several are joined by '-'), constant, factors
    (multiplied), conditions (the first that holds wins) and position_within (rank of the row
    among those with the same values, in file order). A source column may be a path into JSON
    (`properties.product_id`). format is strptime's, or epoch_s, epoch_ms, epoch_us.
    """

    name: str
    sources: tuple[str, ...] = ()
    constant: str | None = None
    factors: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    position_within: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = ()
    otherwise: str | None = None
    format: str | None = None
    time_zone: str | None = None
    sign: Sign | None = None

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Every source column that the rule needs."""
        tested = tuple(condition.column for condition in self.conditions)
        return self.sources + self.factors + self.position_within + tested


def parse_rule(where: str, column: Column, body: Any) -> ColumnRule:
    """The rule written for `column`; `where` opens every error message. Raises ConfigError."""
    if isinstance(body, str):
        return ColumnRule(column.name, sources=(body,))
    if not isinstance(body, dict):
        # YAML reads no, yes, on, off and numbers as values, not as the name of a column.
        hint = "" if isinstance(body, list) else " Quote the name of a column that YAML reads so."
        raise ConfigError(f"{where}: expected a source column or a mapping, found {body!r}.{hint}")
    for key in body:
        if key not in _KEYS:
            raise ConfigError(f"{where}: unknown key {key!r}.{did_you_mean(str(key), _KEYS)}")
    ways = sorted(_WAYS & set(body))
    if len(ways) != 1:
        raise ConfigError(f"{where}: exactly one of {', '.join(sorted(_WAYS))}; found {ways}.")
    rule = ColumnRule(
        name=column.name,
        sources=_names(body.get("from")),
        constant=_text(body.get("constant")),
        factors=_names(body.get("multiply")),
        conditions=tuple(
            _condition(f"{where}.when[{position}]", entry)
            for position, entry in enumerate(body.get("when", ()))
        ),
        position_within=_names(body.get("position_within")),
        values=tuple((str(old), str(new)) for old, new in body.get("map", {}).items()),
        otherwise=_text(body.get("otherwise")),
        format=_format(where, _text(body.get("format"))),
        time_zone=_text(body.get("time_zone")),
        sign=_sign(where, body.get("sign")),
    )
    _check_written_values(where, column, rule)
    return rule


def _condition(where: str, entry: Any) -> Condition:
    if not isinstance(entry, dict) or not {"column", "value"} <= set(entry):
        raise ConfigError(f"{where}: expected {{column: …, <test>: …, value: …}}, found {entry!r}.")
    tests = set(entry) - {"column", "value"}
    for test in tests - _TESTS:
        raise ConfigError(f"{where}: unknown test {test!r}.{did_you_mean(test, _TESTS)}")
    if len(tests) != 1:
        raise ConfigError(f"{where}: exactly one test of {', '.join(sorted(_TESTS))}.")
    test = tests.pop()
    against = entry[test]
    if test in {"below", "above"} and not isinstance(against, int | float):
        raise ConfigError(f"{where}: {test} needs a number, found {against!r}.")
    return Condition(str(entry["column"]), test, against, str(entry["value"]))


def _check_written_values(where: str, column: Column, rule: ColumnRule) -> None:
    """Values the declaration itself writes must be allowed by the entity's domain."""
    if not column.domain:
        return
    written = [new for _, new in rule.values] + [item.value for item in rule.conditions]
    written += [value for value in (rule.constant, rule.otherwise) if value is not None]
    for value in written:
        if value not in column.domain:
            hint = did_you_mean(value, column.domain)
            raise ConfigError(f"{where}: {value!r} is not a value of {column.name}.{hint}")


def _sign(where: str, value: Any) -> Sign | None:
    if value is not None and value not in _SIGNS:
        raise ConfigError(f"{where}: sign {value!r}.{did_you_mean(str(value), _SIGNS)}")
    return cast("Sign | None", value)


def _format(where: str, value: str | None) -> str | None:
    if value is not None and value.startswith("epoch") and value not in EPOCHS:
        raise ConfigError(f"{where}: format {value!r}.{did_you_mean(value, EPOCHS)}")
    return value


def _names(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(str(name) for name in value) if isinstance(value, list) else (str(value),)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
