"""Who a request is about: customers by their ids, by a record, by an address."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from contract.normalisation import match_key

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

RESOLVED = "intermediate.int_identity__resolved"
_POST = "trim(concat_ws(' ', address_line, postal_code, city))"
# As contract.normalisation writes a postal address, near enough to see who shares one.
_POST_KEY = "regexp_replace(upper(strip_accents(text)), '[^0-9A-Z]+', ' ', 'g')"
_SAID = f"""
select distinct said.kind, said.text,
    case said.kind when 'post' then {_POST_KEY} else lower(said.text) end as key_text,
    coalesce(resolved.customer_id, said.customer_system || '|' || said.customer_key) as owner
from (
    select 'name' as kind, trim(first_name || ' ' || last_name) as text,
        customer_system, customer_key
    from raw_files.customers
    union all select 'name', address_line, customer_system, customer_key from raw_files.customers
    union all select 'name', address_line, customer_system, customer_key from raw_files.addresses
    union all
    select 'post', {_POST}, customer_system, customer_key from raw_files.customers
    where address_line is not null
    union all
    select 'post', {_POST}, customer_system, customer_key from raw_files.addresses
    where address_line is not null
) as said
left join {RESOLVED} as resolved
    on said.customer_system = resolved.source_system
    and said.customer_key = resolved.customer_key
where nullif(trim(said.text), '') is not null
"""


class UnknownCustomer(LookupError):  # noqa: N818 - a name that operators know, not an …Error
    """No record and no customer has this id."""


def prepare(con: DuckDBPyConnection) -> None:
    """Temporary tables that every look-up reads; views over millions of rows are read once.

    `observed_people`: kind and value of every identifier, with the customer. `email_keys`: what
    e-mail addresses are recognised by. `said_texts`: full names and address lines (name), whole
    postal addresses (post), with what they are compared by and whose they are.
    """
    import pyarrow as pa

    con.execute(
        f"""create or replace temp table observed_people as
        select distinct observed.identifier_kind as kind, observed.identifier_value as value,
            resolved.customer_id
        from intermediate.int_identity__observed as observed
        inner join {RESOLVED} as resolved on observed.record_id = resolved.record_id"""
    )
    con.execute(f"create or replace temp table said_texts as {_SAID}")
    emails = con.execute(
        "select value, customer_id from observed_people where kind = 'email'"
    ).fetchall()
    keyed = {"match_key": [match_key("email", value) for value, _ in emails]}
    keyed["customer_id"] = [owner for _, owner in emails]
    types = pa.schema([("match_key", pa.string()), ("customer_id", pa.string())])
    con.register("keyed_emails", pa.table(keyed, schema=types))
    con.execute("create or replace temp table email_keys as select distinct * from keyed_emails")
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


def owners_of_records(con: DuckDBPyConnection, record_ids: Collection[str]) -> dict[str, str]:
    """Record id → the customer it belongs to today; records that nobody has are left out."""
    rows = con.execute(
        f"select record_id, customer_id from {RESOLVED} where record_id in (select unnest(?))",
        [list(record_ids)],
    ).fetchall()
    return dict(rows)


def owners_of_emails(con: DuckDBPyConnection, emails: Collection[str]) -> dict[str, Sequence[str]]:
    """E-mail address → the customers who are recognised by it, in whatever spelling. After prepare.

    Addresses that nobody has are left out.
    """
    keys = {email: match_key("email", email) for email in emails}
    rows = con.execute(
        """select match_key, list(customer_id order by customer_id) from email_keys
        where match_key in (select unnest(?::varchar[])) group by match_key""",
        [[key for key in keys.values() if key]],
    ).fetchall()
    owners = dict(rows)
    return {email: owners[key] for email, key in keys.items() if key in owners}


def keys_of_others(con: DuckDBPyConnection, records: Collection[tuple[str, str]]) -> set[str]:
    """The keys among these that somebody else's record has, too, in another system."""
    rows = con.execute(
        f"select source_system, customer_key from {RESOLVED}"
        " where customer_key in (select unnest(?::varchar[]))",
        [sorted({key for _, key in records})],
    ).fetchall()
    mine = set(records)
    return {key for system, key in rows if (system, key) not in mine}
