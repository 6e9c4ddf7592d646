"""What happened in a period, one table per canonical entity, before any system recorded it.

Columns are those of the entity (contract/entities/*.yml) plus system (which source system records
the row) and person_id (the truth; null for machines, tests and strangers).
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

import pyarrow as pa

from contract.entity import ENTITIES_FOLDER, load_entity_file

Facts = dict[str, pa.Table]

SYSTEMS = (
    "shop", "shopify", "prestashop", "web", "matomo", "ga4", "brevo", "hubspot", "tills",
    "callcentre", "support", "social", "ads", "surveys", "configurator", "preferences", "planning",
)  # fmt: skip

_TYPES = {
    "text": pa.string(),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "decimal(18,2)": pa.decimal128(18, 2),
    "decimal(18,3)": pa.decimal128(18, 3),
    "decimal(18,4)": pa.decimal128(18, 4),
    "decimal(9,4)": pa.decimal128(9, 4),
}
_TRUTH = (("system", pa.string()), ("person_id", pa.int64()))
_PRODUCT_EXTRAS = (
    ("price_amount", pa.decimal128(18, 2)),
    ("cost_amount", pa.decimal128(18, 2)),
    ("is_organic", pa.bool_()),
    ("is_configurable", pa.bool_()),
    ("launched_on", pa.date32()),
)
_EXTRA_TABLES = {
    "people": (
        ("person_id", pa.int64()),
        ("household_id", pa.int64()),
        ("first_name", pa.string()),
        ("last_name", pa.string()),
        ("gender", pa.string()),
        ("birth_date", pa.date32()),
        ("email", pa.string()),
        ("phone", pa.string()),
        ("address_line", pa.string()),
        ("postal_code", pa.string()),
        ("city", pa.string()),
        ("country", pa.string()),
        ("is_professional", pa.bool_()),
        ("arrived_on", pa.date32()),
        ("valid_from_on", pa.date32()),
        ("system", pa.string()),
    ),
    "contents": (
        ("content_key", pa.string()),
        ("content_kind", pa.string()),
        ("topic", pa.string()),
        ("title", pa.string()),
        *_TRUTH,
    ),
}


@dataclass(frozen=True)
class Period:
    """Days that were lived together, first and last included."""

    first_day: date
    last_day: date
    is_history: bool


@dataclass(frozen=True)
class Received:
    """A message of Habitué that a tool accepted, to which its reader may react.

    channel: email, sms, post, phone. address: where it went; customer_key: record of `system`,
    empty when only the address is known. offer: none, percent, amount or shipping. sent_at: UTC.
    """

    channel: str
    address: str
    customer_key: str
    system: str
    campaign: str
    message_key: str
    sent_at: datetime
    offer: str = "none"


@cache
def schema_of(name: str) -> pa.Schema:
    """Columns of one table of facts, in order. Raises FileNotFoundError for a name that is none."""
    if name in _EXTRA_TABLES:
        return pa.schema(_EXTRA_TABLES[name])
    entity = load_entity_file(ENTITIES_FOLDER / f"{name}.yml")
    columns = [(column.name, _TYPES[column.type]) for column in entity.columns]
    extras = _PRODUCT_EXTRAS if name == "products" else ()
    return pa.schema([*columns, *extras, *_TRUTH])


def empty(name: str) -> pa.Table:
    """A table of facts in which nothing happened."""
    return schema_of(name).empty_table()


FACT_TABLES: tuple[str, ...] = (
    *(path.stem for path in sorted(ENTITIES_FOLDER.glob("*.yml"))),
    *_EXTRA_TABLES,
)
