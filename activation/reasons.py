"""Why each member is a member, in words: own values, and the rows that a quantifier counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from activation.conditions import Group, Has
from activation.sentences import columns_used, counted, quantifiers, reason, sentence
from activation.words import TEXTS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LANGUAGES = ("en", "fr")
_Rows = Mapping[str, Sequence[Mapping[str, Any]]]


def reasons_of(
    con: DuckDBPyConnection,
    where: Group,
    members: Mapping[str, Mapping[str, Any]],
    *,
    as_of: date,
) -> dict[str, list[str]]:
    """Language → one reason per member, in the members' order; never an empty one.

    members: customer_id → values of the columns of customer_360 that the conditions look at.
    """
    columns = columns_used(where)
    matched = [(has, _matches(con, has, list(members), as_of)) for has in quantifiers(where)]

    def said(customer_id: str, lang: str) -> str:
        facts = [reason(columns, members[customer_id], lang)]
        facts += [counted(has, rows.get(customer_id, ()), lang) for has, rows in matched]
        told = TEXTS("and_between", lang).join(fact for fact in facts if fact)
        # Conditions on direct identifiers alone: the rule is all that may be said.
        return told or sentence(where, lang)

    return {lang: [said(customer_id, lang) for customer_id in members] for lang in LANGUAGES}


def _matches(con: DuckDBPyConnection, has: Has, members: Sequence[str], as_of: date) -> _Rows:
    from activation.compiler import compile_matches

    query = compile_matches(has, as_of=as_of)
    cursor = con.execute(query.sql, {**query.values, "members": list(members)})
    names = [column[0] for column in cursor.description]
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in cursor.fetchall():
        values = dict(zip(names, row, strict=True))
        found.setdefault(values["customer_id"], []).append(values)
    return found
