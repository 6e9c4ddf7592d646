"""Everything by which the warehouse ever knew some people, gathered for all of them at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from contract.normalisation import match_key
from contract.sql import quote
from contract.suppression import identifying_columns
from governance.erasure.identifiers import Identifiers
from governance.erasure.people import RESOLVED

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from contract.entity import Entity

# Address kinds of a value column of contract.suppression, as identity names them.
_OBSERVED = {"email": "emails", "phone": "phones", "loyalty_card": "cards"}
_MATCHED = {"emails": "email", "phones": "phone"}
Values = Mapping[str, set[str]]


def gather(
    con: DuckDBPyConnection, customer_ids: Collection[str], entities: Mapping[str, Entity]
) -> dict[str, Identifiers]:
    """Customer id → every record, address, card, device and id, raw values included.

    After people.prepare. What somebody beside these people carries as well is not theirs.
    """
    con.execute("create or replace temp table wanted_people as select unnest(?) as customer_id",
                [list(customer_ids)])  # fmt: skip
    records = _pairs(
        con,
        f"""select customer_id, source_system, customer_key from {RESOLVED}
        semi join wanted_people using (customer_id) order by all""",
    )
    ids = _lists(
        con,
        """select distinct customer_id_current, customer_id_published
        from core.customer_id_history
        where customer_id_current in (from wanted_people) order by all""",
    )
    devices = _lists(
        con,
        """select customer_id, device_id from intermediate.int_devices__owned
        semi join wanted_people using (customer_id) order by all""",
    )
    handles = _lists(
        con,
        """select customer_id, value from intermediate.int_addresses__resolved
        semi join wanted_people using (customer_id) where kind = 'handle' order by all""",
    )
    carried = _carried(con, entities)
    shared = _shared(con, carried)
    own = _own_texts(con)
    return {
        one: Identifiers(
            customer_ids=tuple(dict.fromkeys([one, *ids[one]])),
            records=tuple(records[one]),
            handles=tuple(handles[one]),
            visitors=tuple(_pair(device) for device in devices[one] if "|" in device),
            emails=shared.own(carried[one], "emails"),
            phones=shared.own(carried[one], "phones"),
            cards=shared.own(carried[one], "cards"),
            posts=tuple(own["post"][one]),
            names=tuple(own["name"][one]),
            shared_count=len(carried[one]["observed"] & shared.values),
        )
        for one in customer_ids
    }


def _lists(con: DuckDBPyConnection, sql: str) -> defaultdict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for owner, value in con.execute(sql).fetchall():
        found[owner].append(value)
    return found


def _pairs(con: DuckDBPyConnection, sql: str) -> defaultdict[str, list[tuple[str, str]]]:
    found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for owner, system, key in con.execute(sql).fetchall():
        found[owner].append((system, key))
    return found


def _pair(text: str) -> tuple[str, str]:
    system, _, key = text.partition("|")
    return system, key


def _carried(
    con: DuckDBPyConnection, entities: Mapping[str, Entity]
) -> defaultdict[str, dict[str, set[str]]]:
    """Customer → emails, phones and cards: observed ones, and as the sources wrote them.

    observed: those of the first kind, of all three together.
    """
    found: defaultdict[str, dict[str, set[str]]] = defaultdict(
        lambda: {name: set() for name in (*_OBSERVED.values(), "observed")}
    )
    rows = con.execute(
        "select customer_id, kind, value from observed_people semi join wanted_people"
        " using (customer_id)"
    ).fetchall()
    for owner, kind, value in rows:
        if kind in _OBSERVED:
            found[owner][_OBSERVED[kind]].add(value)
            found[owner]["observed"].add(value)
    for entity in entities.values():
        columns = identifying_columns(entity)
        for name, kinds in columns.items() if "customer_key" in columns else ():
            if name != "customer_key" and {"email", "phone", "card"} & set(kinds):
                for owner, value in _written(con, entity, name):
                    found[owner][_kind_of(value, kinds)].add(value)
    return found


def _written(con: DuckDBPyConnection, entity: Entity, name: str) -> list[tuple[str, str]]:
    """(customer, value) beside the keys of the records of these people, as the source wrote it."""
    return con.execute(
        f"""select distinct resolved.customer_id, rows.{quote(name)}
        from raw_files.{quote(entity.name)} as rows
        inner join {RESOLVED} as resolved on rows.customer_system = resolved.source_system
            and rows.customer_key = resolved.customer_key
        semi join wanted_people on resolved.customer_id = wanted_people.customer_id
        where rows.{quote(name)} is not null"""
    ).fetchall()


def _kind_of(value: str, kinds: Sequence[str]) -> str:
    if "card" in kinds:
        return "cards"
    return "emails" if "email" in kinds and "@" in value else "phones"


@dataclass(frozen=True)
class _Shared:
    """What somebody else carries as well. keys: by what addresses of either kind are recognised."""

    values: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)

    def own(self, carried: Values, name: str) -> tuple[str, ...]:
        """The values of a kind that nobody else carries, in order."""
        kind = _MATCHED.get(name)
        return tuple(
            sorted(
                value
                for value in carried[name]
                if value not in self.values
                and (kind is None or match_key(kind, value) not in self.keys)
            )
        )


def _shared(con: DuckDBPyConnection, carried: Mapping[str, Values]) -> _Shared:
    """Among the values of these people; spellings differ (tags, dots), so keys are compared too."""
    values = {value for one in carried.values() for value in one["observed"]}
    mine = {
        kind: {match_key(kind, value) for one in carried.values() for value in one[name]}
        for name, kind in _MATCHED.items()
    }
    others = _carried_by_others(con, "value", "observed_people", values)
    keys = {match_key(kind, value) for value in others for kind in _MATCHED.values()}
    keys |= _carried_by_others(con, "match_key", "email_keys", mine["email"])
    # A national number that is read under another country may be somebody else's.
    phones = "(select * from observed_people where kind = 'phone')"
    keys |= _carried_by_others(con, "value", phones, mine["phone"])
    return _Shared(others, {key for key in keys if key is not None})


def _carried_by_others(
    con: DuckDBPyConnection, column: str, relation: str, values: Iterable[str | None]
) -> set[str]:
    rows = con.execute(
        f"""select distinct {column} from {relation} as carried
        where {column} in (select unnest(?::varchar[]))
            and customer_id not in (select customer_id from wanted_people)""",
        [[value for value in values if value is not None]],
    ).fetchall()
    return {row[0] for row in rows}


def _own_texts(con: DuckDBPyConnection) -> dict[str, defaultdict[str, list[str]]]:
    """Kind (name, post) → customer → texts that nobody else carries.

    An address line of a shop of ours says nothing about who gave it.
    """
    rows = con.execute(
        """select kind, owner, min(text) from said_texts as mine
        where owner in (select customer_id from wanted_people) and not exists (
            select 1 from said_texts as theirs
            where theirs.kind = mine.kind and theirs.key_text = mine.key_text
                and theirs.owner not in (select customer_id from wanted_people))
        group by kind, owner, key_text order by all"""
    ).fetchall()
    stores = {line.casefold() for line in _store_addresses(con)}
    found: dict[str, defaultdict[str, list[str]]] = {
        "name": defaultdict(list),
        "post": defaultdict(list),
    }
    for kind, owner, text in rows:
        if text.casefold() not in stores:
            found[kind][owner].append(text)
    return found


def _store_addresses(con: DuckDBPyConnection) -> list[str]:
    is_there = con.execute(
        "select 1 from information_schema.tables"
        " where table_schema = 'raw_files' and table_name = 'stores'"
    ).fetchone()
    if not is_there:
        return []
    rows = con.execute("select distinct address_line from raw_files.stores").fetchall()
    return [line for (line,) in rows if line]
