"""Who a request is about, and everything by which the warehouse ever knew that person."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from contract.normalisation import match_key
from contract.suppression import identifying_columns
from governance.erasure.identifiers import Identifiers

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from contract.entity import Entity

RESOLVED = "intermediate.int_identity__resolved"
# Address kinds of a value column of contract.suppression, as identity names them.
_OBSERVED = {"email": "emails", "phone": "phones", "loyalty_card": "cards"}


_SAID = """
select distinct text, lower(text) as key_text, customer_system, customer_key from (
    select trim(first_name || ' ' || last_name) as text, customer_system, customer_key
    from raw_files.customers
    union all select address_line, customer_system, customer_key from raw_files.customers
    union all select address_line, customer_system, customer_key from raw_files.addresses
) where nullif(trim(text), '') is not null
"""


class UnknownCustomer(LookupError):  # noqa: N818 - a name that operators know, not an …Error
    """No record and no customer has this id."""


def prepare(con: DuckDBPyConnection) -> None:
    """Temporary tables that every look-up reads; views over millions of rows are read once.

    `observed_people`: record, customer, kind and value of every identifier. `said_texts`: full
    names and address lines, with whose record they are on.
    """
    import pyarrow as pa

    con.execute(
        f"""create or replace temp table observed_people as
        select observed.identifier_kind as kind, observed.identifier_value as value,
            resolved.customer_id
        from intermediate.int_identity__observed as observed
        inner join {RESOLVED} as resolved on observed.record_id = resolved.record_id"""
    )
    con.execute(f"create or replace temp table said_texts as {_SAID}")
    emails = con.execute(
        "select distinct value, customer_id from observed_people where kind = 'email'"
    ).fetchall()
    keyed = {"match_key": [match_key("email", value) for value, _ in emails]}
    keyed["customer_id"] = [owner for _, owner in emails]
    types = pa.schema([("match_key", pa.string()), ("customer_id", pa.string())])
    con.register("keyed_emails", pa.table(keyed, schema=types))
    con.execute("create or replace temp table email_keys as from keyed_emails")
    con.unregister("keyed_emails")


def find_customers(con: DuckDBPyConnection, wanted: Iterable[str]) -> dict[str, str]:
    """Id as asked → customer id of today. Asked: a customer id, ever published, or a record id.

    Raises UnknownCustomer naming the first that nobody has.
    """
    asked = list(dict.fromkeys(wanted))
    rows = con.execute(
        f"""with ids as (
            select customer_id as asked, customer_id from {RESOLVED}
            union select record_id, customer_id from {RESOLVED}
            union select customer_id_published, customer_id_current from core.customer_id_history)
        select asked, min(customer_id) from ids where asked in (select unnest(?)) group by asked""",
        [asked],
    ).fetchall()
    found = dict(rows)
    for one in asked:
        if one not in found:
            raise UnknownCustomer(
                f"No customer and no record has the id '{one}'. Give a customer id (c_…) or a "
                "record id as `habitue identity explain` prints it (system|key)."
            )
    return found


def owners_of(con: DuckDBPyConnection, record_id: str | None, email: str | None) -> list[str]:
    """The customers whom a request may mean: the one of its record, else all with its address."""
    if record_id:
        rows = con.execute(
            f"select customer_id from {RESOLVED} where record_id = ?", [record_id]
        ).fetchall()
        if rows:
            return [str(rows[0][0])]
    wanted = match_key("email", email)
    if wanted is None:
        return []
    rows = con.execute(
        "select distinct value, customer_id from observed_people where kind = 'email'"
    ).fetchall()
    return sorted({owner for value, owner in rows if match_key("email", value) == wanted})


def keys_of_others(con: DuckDBPyConnection, records: Collection[tuple[str, str]]) -> set[str]:
    """The keys among these that somebody else's record has, too, in another system."""
    rows = con.execute(
        f"select source_system, customer_key from {RESOLVED}"
        " where customer_key in (select unnest(?::varchar[]))",
        [sorted({key for _, key in records})],
    ).fetchall()
    return {key for system, key in rows if (system, key) not in records}


def gather(
    con: DuckDBPyConnection, customer_id: str, entities: Mapping[str, Entity]
) -> Identifiers:
    """Every record, address, card, device and id of this person, raw values included.

    After prepare.
    """
    records = tuple(
        (system, key)
        for system, key in con.execute(
            f"select source_system, customer_key from {RESOLVED}"
            " where customer_id = ? order by all",
            [customer_id],
        ).fetchall()
    )
    ids = con.execute(
        "select distinct customer_id_published from core.customer_id_history"
        " where customer_id_current = ? order by 1",
        [customer_id],
    ).fetchall()
    observed = _observed(con, customer_id)
    raw = _raw_values(con, records, entities)
    names, values = _split_by_sharing(con, customer_id, observed, raw)
    devices = con.execute(
        "select device_id from intermediate.int_devices__owned where customer_id = ? order by 1",
        [customer_id],
    ).fetchall()
    handles = con.execute(
        "select value from intermediate.int_addresses__resolved"
        " where kind = 'handle' and customer_id = ? order by 1",
        [customer_id],
    ).fetchall()
    return Identifiers(
        customer_ids=tuple(dict.fromkeys([customer_id, *(row[0] for row in ids)])),
        records=records,
        emails=tuple(sorted(values["emails"])),
        phones=tuple(sorted(values["phones"])),
        cards=tuple(sorted(values["cards"])),
        handles=tuple(row[0] for row in handles),
        visitors=tuple(_pair(device) for (device,) in devices if "|" in device),
        names=tuple(sorted(names)),
        shared_count=len(values["shared"]),
    )


def _pair(text: str) -> tuple[str, str]:
    system, _, key = text.partition("|")
    return system, key


def _observed(con: DuckDBPyConnection, customer_id: str) -> dict[str, set[str]]:
    rows = con.execute(
        "select kind, value from observed_people where customer_id = ?", [customer_id]
    ).fetchall()
    found: dict[str, set[str]] = {name: set() for name in _OBSERVED.values()}
    for kind, value in rows:
        if kind in _OBSERVED:
            found[_OBSERVED[kind]].add(value)
    return found


def _raw_values(
    con: DuckDBPyConnection, records: Sequence[tuple[str, str]], entities: Mapping[str, Entity]
) -> dict[str, set[str]]:
    """What the sources wrote beside the keys of these records, as they wrote it."""
    con.execute("create or replace temp table wanted_records (system varchar, key varchar)")
    if records:
        con.executemany("insert into wanted_records values (?, ?)", [list(r) for r in records])
    found: dict[str, set[str]] = {name: set() for name in ("emails", "phones", "cards")}
    for entity in entities.values():
        columns = identifying_columns(entity)
        if "customer_key" not in columns:
            continue
        for name, kinds in columns.items():
            if name == "customer_key" or not {"email", "phone", "card"} & set(kinds):
                continue
            rows = con.execute(
                f"""select distinct rows."{name}" from raw_files."{entity.name}" as rows
                inner join wanted_records on rows.customer_system = wanted_records.system
                    and rows.customer_key = wanted_records.key
                where rows."{name}" is not null"""
            ).fetchall()
            for (value,) in rows:
                found[_kind_of(value, kinds)].add(value)
    return found


def _kind_of(value: str, kinds: Sequence[str]) -> str:
    if "card" in kinds:
        return "cards"
    return "emails" if "email" in kinds and "@" in value else "phones"


def _split_by_sharing(
    con: DuckDBPyConnection,
    customer_id: str,
    observed: Mapping[str, set[str]],
    raw: Mapping[str, set[str]],
) -> tuple[set[str], dict[str, set[str]]]:
    """Names nobody else has, and the values by kind; what somebody else carries is `shared`."""
    normal = {value for values in observed.values() for value in values}
    others = {
        row[0]
        for row in con.execute(
            """select distinct value from observed_people
            where customer_id <> ? and value in (select unnest(?))""",
            [customer_id, sorted(normal)],
        ).fetchall()
    }
    kinds = {"emails": "email", "phones": "phone"}
    shared_keys = {match_key(kind, value) for value in others for kind in kinds.values()} - {None}
    # Spellings differ (tags, dots): who is recognised by the same key carries the same address.
    mine = {match_key("email", value) for value in observed["emails"] | raw["emails"]} - {None}
    shared_keys |= {
        row[0]
        for row in con.execute(
            "select distinct match_key from email_keys"
            " where customer_id <> ? and match_key in (select unnest(?))",
            [customer_id, sorted(str(one) for one in mine)],
        ).fetchall()
    }
    # A national number that is read under another country may be somebody else's.
    numbers = {match_key("phone", value) for value in raw["phones"]} - {None}
    shared_keys |= {
        row[0]
        for row in con.execute(
            "select distinct value from observed_people"
            " where kind = 'phone' and customer_id <> ? and value in (select unnest(?))",
            [customer_id, sorted(str(one) for one in numbers)],
        ).fetchall()
    }
    split: dict[str, set[str]] = {"shared": set(others)}
    for name in ("emails", "phones", "cards"):
        kind = kinds.get(name)
        split[name] = {
            value
            for value in observed[name] | raw[name]
            if value not in others and (kind is None or match_key(kind, value) not in shared_keys)
        }
    return _own_names(con), split


def _own_names(con: DuckDBPyConnection) -> set[str]:
    """Full names and address lines of the wanted records that no other record carries.

    An address line of a shop of ours says nothing about who gave it.
    """
    rows = con.execute(
        """with mine as (
            select said_texts.key_text, min(said_texts.text) as written from said_texts
            semi join wanted_records on said_texts.customer_system = wanted_records.system
                and said_texts.customer_key = wanted_records.key
            group by said_texts.key_text
        )
        select written from mine where not exists (
            select 1 from said_texts
            where said_texts.key_text = mine.key_text
                and (said_texts.customer_system, said_texts.customer_key) not in (
                    select system, key from wanted_records))"""
    ).fetchall()
    stores = {str(line).casefold() for line in _store_addresses(con)}
    return {row[0] for row in rows if row[0] and row[0].casefold() not in stores}


def _store_addresses(con: DuckDBPyConnection) -> list[str]:
    is_there = con.execute(
        "select 1 from information_schema.tables"
        " where table_schema = 'raw_files' and table_name = 'stores'"
    ).fetchone()
    if not is_there:
        return []
    rows = con.execute("select distinct address_line from raw_files.stores").fetchall()
    return [line for (line,) in rows if line]
