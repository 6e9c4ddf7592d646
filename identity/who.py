"""Whom an id means: a record, or the record that founded the person with a published id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contract.errors import ConfigError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

RESOLVED = "intermediate.int_identity__resolved"
HISTORY = "core.customer_id_history"


@dataclass(frozen=True)
class Known:
    """What was asked for, the record it means and the person that holds the record today."""

    asked: str
    record_id: str
    customer_id: str

    @property
    def is_merged_away(self) -> bool:
        """Whether it was asked for by an id that belongs to another person today."""
        return self.asked.startswith("c_") and self.asked != self.customer_id


def find(con: DuckDBPyConnection, asked: str) -> Known:
    """The record that an id means: `shop|10001`, or an id of a customer, of today or of once.

    A customer's id means the record that founded the person. Raises ConfigError when nobody has it.
    """
    rows = con.execute(
        f"select record_id, customer_id from {RESOLVED} where record_id = ?"
        f" union all select record_id, customer_id_current from {HISTORY}"
        " where customer_id_published = ?",
        [asked, asked],
    ).fetchall()
    if not rows:
        raise ConfigError(
            f"Nobody has the id '{asked}'. Give a customer's id (c_ and 16 characters) or a record"
            " (system|key), as `habitue why` and the exports show them."
        )
    return Known(asked, *rows[0])
