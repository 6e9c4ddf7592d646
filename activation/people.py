"""The people of a campaign: their values, and every record and address they are known by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from contract.gate import ContactRequest, RecordKey
from contract.normalisation import address_hashes

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_ASKED = ("relation", "country", "order_count", "is_professional")
_VERSIONS = "int_customers__versioned"


@dataclass(frozen=True)
class Member:
    """One person matched by a campaign, by the first of its segments that holds them."""

    customer_id: str
    segment: str
    reasons: Mapping[str, str]
    values: Mapping[str, Any]
    request: ContactRequest
    entered_on: date | None = None
    is_new: bool = False  # entered since the count before; nobody is, in a first count


@dataclass(frozen=True)
class Asked:
    """On which channel, for which purpose, and with which columns of customer_360.

    promotes: the categories that the message is about; none: whatever the company sells.
    """

    segments: tuple[str, ...]
    channel: str
    purpose: str
    columns: tuple[str, ...]
    hash_key: bytes = field(repr=False)
    promotes: tuple[str, ...] = ()


def who_waits_for_an_answer(con: DuckDBPyConnection) -> frozenset[str]:
    """Customers with a question that nobody answered yet: no promotion before the answer."""
    rows = con.execute(
        "select customer_id from marts.customer_360 where has_open_question"
    ).fetchall()
    return frozenset(str(customer_id) for (customer_id,) in rows)


def load_members(con: DuckDBPyConnection, asked: Asked) -> list[Member]:
    """Members of the asked segments, one row per person, by customer_id.

    columns: names that the caller took from the documented columns.
    """
    matched = _matched(con, asked.segments)
    _select_people(con, list(matched))
    values = _values(con, asked.columns)
    requests = _requests(con, values, asked)
    con.execute("drop table matched_people")
    return [
        Member(customer_id, segment, reasons, values[customer_id], requests[customer_id], *entered)
        for customer_id, (segment, reasons, entered) in sorted(matched.items())
    ]


def load_requests(
    con: DuckDBPyConnection, customer_ids: Sequence[str], asked: Asked
) -> dict[str, ContactRequest]:
    """What to ask a gate about these people, whatever segments they are in."""
    _select_people(con, customer_ids)
    requests = _requests(con, _values(con, ()), asked)
    con.execute("drop table matched_people")
    return requests


def refreshed(
    con: DuckDBPyConnection, hash_key: bytes, asked: Sequence[ContactRequest]
) -> list[ContactRequest]:
    """The same questions about the same ids, with the records and addresses they have today.

    An id that was merged away has none, and a gate denies it.
    """
    if not asked:
        return []
    head = _head(asked, hash_key)
    today = load_requests(con, [request.customer_id for request in asked], head)
    return [
        today.get(one.customer_id) or replace(one, record_keys=(), address_hashes=())
        for one in asked
    ]


def _head(asked: Sequence[ContactRequest], hash_key: bytes) -> Asked:
    """What the rows of one campaign were asked about."""
    return Asked((), asked[0].channel, asked[0].purpose, (), hash_key, asked[0].promotes)


def with_heirs(
    con: DuckDBPyConnection, hash_key: bytes, asked: Sequence[ContactRequest]
) -> list[ContactRequest]:
    """As refreshed; an id that was merged away has the records of whoever holds its own today.

    For taking out, never for sending: what that person said counts for the old id, too.
    """
    today = refreshed(con, hash_key, asked)
    gone = [old for old, new in zip(asked, today, strict=True) if not new.record_keys]
    found = {one.customer_id: one for one in _inherited(con, hash_key, gone)}
    return [found.get(one.customer_id, one) for one in today]


def _inherited(
    con: DuckDBPyConnection, hash_key: bytes, asked: Sequence[ContactRequest]
) -> list[ContactRequest]:
    if not asked:
        return []
    keys = [record.customer_key for one in asked for record in one.record_keys]
    rows = con.execute(
        "select source_system, customer_key, customer_id from intermediate.int_identity__resolved "
        "where customer_key in (select unnest(?::varchar[]))",
        [keys],
    ).fetchall()
    holder = {RecordKey(system, key): customer_id for system, key, customer_id in rows}
    head = _head(asked, hash_key)
    today = load_requests(con, sorted(set(holder.values())), head)
    return [
        _joined(one, [today[holder[key]] for key in one.record_keys if holder.get(key) in today])
        for one in asked
    ]


def _joined(one: ContactRequest, heirs: Sequence[ContactRequest]) -> ContactRequest:
    known = (one, *heirs)
    records = dict.fromkeys(record for who in known for record in who.record_keys)
    addresses = dict.fromkeys(digest for who in known for digest in who.address_hashes)
    return replace(one, record_keys=tuple(records), address_hashes=tuple(addresses))


def _select_people(con: DuckDBPyConnection, customer_ids: Sequence[str]) -> None:
    con.execute(
        "create or replace temp table matched_people as select unnest(?::varchar[]) as customer_id",
        [list(customer_ids)],
    )


def _requests(
    con: DuckDBPyConnection, values: Mapping[str, Mapping[str, Any]], asked: Asked
) -> dict[str, ContactRequest]:
    records, addresses = _records(con), _address_hashes(con, asked.hash_key)
    similar = _bought_in(con, asked.promotes)
    return {
        customer_id: ContactRequest(
            customer_id=customer_id,
            channel=asked.channel,
            purpose=asked.purpose,
            relation=person["relation"],
            country=person["country"],
            has_purchased=bool(person["order_count"])
            and (not asked.promotes or customer_id in similar),
            record_keys=tuple(records.get(customer_id, ())),
            address_hashes=tuple(sorted(addresses.get(customer_id, ()))),
            is_professional=bool(person["is_professional"]),
            promotes=asked.promotes,
        )
        for customer_id, person in values.items()
    }


def _matched(
    con: DuckDBPyConnection, segments: Sequence[str]
) -> dict[str, tuple[str, dict[str, str], tuple[date, bool]]]:
    """Person → (first matching segment, reasons, since when and whether that is new); only people
    who are still known.
    """
    found: dict[str, tuple[str, dict[str, str], tuple[date, bool]]] = {}
    for segment in segments:
        rows = con.execute(
            "select members.customer_id, members.reasons_en, members.reasons_fr, "
            "members.entered_on, coalesce(members.since_run_id = sizes.run_id "
            "and sizes.compared_on is not null, false) "
            "from segments.members as members left join segments.sizes as sizes "
            "on members.segment = sizes.segment inner join marts.customer_360 as customer_360 "
            "on members.customer_id = customer_360.customer_id where members.segment = ?",
            [segment],
        ).fetchall()
        for customer_id, english, french, *entered in rows:
            told = (segment, {"en": english, "fr": french}, (entered[0], bool(entered[1])))
            found.setdefault(customer_id, told)
    return found


def _values(con: DuckDBPyConnection, columns: Sequence[str]) -> dict[str, dict[str, Any]]:
    names = list(dict.fromkeys(["customer_id", *_ASKED, *columns]))
    listed = ", ".join(f'customer_360."{name}"' for name in names)
    rows = con.execute(
        f"select {listed} from marts.customer_360 as customer_360 "
        "inner join matched_people on customer_360.customer_id = matched_people.customer_id"
    ).fetchall()
    return {row[0]: dict(zip(names, row, strict=True)) for row in rows}


def _bought_in(con: DuckDBPyConnection, categories: Sequence[str]) -> set[str]:
    """Who bought in one of these categories; a category that nobody knows is bought by nobody."""
    if not categories:
        return set()
    rows = con.execute(
        "select distinct customer_categories.customer_id "
        "from marts.customer_categories as customer_categories "
        "inner join matched_people on customer_categories.customer_id = matched_people.customer_id "
        "where customer_categories.order_count > 0 "
        "and customer_categories.category in (select unnest(?::varchar[]))",
        [list(categories)],
    ).fetchall()
    return {customer_id for (customer_id,) in rows}


def _records(con: DuckDBPyConnection) -> dict[str, list[RecordKey]]:
    rows = con.execute(
        "select resolved.customer_id, resolved.source_system, resolved.customer_key "
        "from intermediate.int_identity__resolved as resolved "
        "inner join matched_people on resolved.customer_id = matched_people.customer_id "
        "order by resolved.source_system, resolved.customer_key"
    ).fetchall()
    found: dict[str, list[RecordKey]] = {}
    for customer_id, source_system, customer_key in rows:
        found.setdefault(customer_id, []).append(RecordKey(source_system, customer_key))
    return found


def _address_hashes(con: DuckDBPyConnection, key: bytes) -> dict[str, set[str]]:
    """Hashes of every address ever known for the person, over records and their versions."""
    rows = con.execute(
        "select distinct resolved.customer_id, known.email, known.phone, "
        "concat_ws(' ', known.address_line, known.postal_code, known.city), known.country "
        f"from intermediate.{_VERSIONS} as known "
        "inner join intermediate.int_identity__resolved as resolved "
        "on known.source_system = resolved.source_system "
        "and known.customer_key = resolved.customer_key "
        "inner join matched_people on resolved.customer_id = matched_people.customer_id "
        "where coalesce(known.email, known.phone, known.address_line) is not null"
    ).fetchall()
    found: dict[str, set[str]] = {}
    for customer_id, email, phone, address, country in rows:
        digests = address_hashes(email, phone, address, country, key=key)
        found.setdefault(customer_id, set()).update(digests)
    return found
