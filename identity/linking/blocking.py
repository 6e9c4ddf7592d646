"""Which pairs are looked at: two records that share at least one of these keys.

A key that more than `max_records` records carry is left out: it would cost a pair for every two of
them and says next to nothing. Each rule is there for the mistakes that the others do not survive.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """A blocking rule: its name, the SQL of its key over linking.typed, its largest block."""

    name: str
    key_sql: str
    max_records: int
    why: str

    @property
    def column(self) -> str:
        """The key's column in linking.rows."""
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
