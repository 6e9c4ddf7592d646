"""Which pairs are looked at: two records that share at least one of these keys.

A key that more than `max_records` records carry is left out: it would cost a pair for every two of
them and says next to nothing. Each rule is there for the mistakes that the others do not survive.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_NAME_KEY = "least(first_name, last_name) || ' ' || greatest(first_name, last_name)"


@dataclass(frozen=True)
class Rule:
    """A blocking rule: its name, the SQL of its key over typed rows, its largest block."""

    name: str
    key_sql: str
    max_records: int
    why: str

    @property
    def column(self) -> str:
        """The key's column in linking.keyed."""
        return f"block_{self.name}"


RULES = (
    Rule("email", "email", 20, "the address, whatever else was mistyped"),
    Rule("phone", "phone", 20, "the number, whatever else was mistyped"),
    Rule("identifier", "identifier", 20, "the card or number that the person named"),
    Rule("mailbox", "mailbox", 20, "one mailbox name at two hosts, with dots or a +tag"),
    Rule("name", "name_key", 30, "both names in either order, when nothing else is shared"),
    Rule(
        "name_birth",
        "name_key || birth",
        20,
        "both names, where too many people have them",
    ),
    Rule("name_place", "name_key || postal_code", 20, "both names, where many people have them"),
    Rule("last_place", "substr(last_name, 1, 4) || postal_code", 20, "a mistyped first name"),
    Rule("first_place", "substr(first_name, 1, 4) || postal_code", 20, "a mistyped last name"),
    Rule("birth", "birth", 12, "both names mistyped, or changed by marriage"),
    Rule("last_city", "substr(last_name, 1, 3) || city", 15, "a mistyped postal code"),
    Rule("street", "street || postal_code", 15, "both names mistyped, and no birth date"),
    Rule("address", "address || coalesce(substr(postal_code, 1, 2), '')", 30, "moved in together"),
)


def key_rows(con: DuckDBPyConnection, relation: str, columns: str) -> None:
    """Rewrites linking.keyed: columns of a relation of typed rows, and its key for each rule.

    A key is null where the record lacks a part of it. It is a number, grouped and joined in a third
    of the time, and lives as long as this database in memory; two keys of one number would only be
    a pair more to compare.
    """
    keys = ", ".join(
        f"case when {rule.key_sql} is not null then hash('{rule.name}', {rule.key_sql}) end "
        f"as {rule.column}"
        for rule in RULES
    )
    con.execute(
        f"create or replace table linking.keyed as select {columns}, {keys} "
        f"from (select *, {_NAME_KEY} as name_key from {relation})"
    )


def fill_members(con: DuckDBPyConnection) -> None:
    """Rewrites linking.members: the rows of every block of linking.keyed that is in use."""
    parts = [
        f"select row_number, '{rule.name}' as rule, {rule.column} as key from linking.keyed "
        f"semi join {in_use_sql(rule, 'linking.keyed')} as in_use using ({rule.column})"
        for rule in RULES
    ]
    con.execute(f"create or replace table linking.members as {' union all '.join(parts)}")


def in_use_sql(rule: Rule, relation: str) -> str:
    """SQL for the keys of a rule that join some records of a relation, and not too many."""
    return (
        f"(select {rule.column} from {relation} where {rule.column} is not null "
        f"group by {rule.column} having count(*) between 2 and {rule.max_records})"
    )
