"""What the systems around the people of `consent_world` hold, and the tables they fill."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from demo.bench.consent_reference import Record, Said, Subject

LONG_AGO = datetime.fromisoformat("2020-01-01")
SYSTEMS = ("shop", "crm", "till")
# Each address in the ways people write it; the first is the record's own.
WRITTEN = {
    "mail 1": ("zoe.lee@gmail.com", "Zoe.Lee+shop@GMAIL.com", " zoelee@gmail.com "),
    "mail 2": ("bo@exemple.fr", "BO@Exemple.FR", "bo+news@exemple.fr"),
    "mail 3": ("cy@exemple.be", "mailto:cy@exemple.be", "Cy@exemple.be."),
    "tel 1": ("+33612345678", "06 12 34 56 78", "0033 6 12 34 56 78"),
    "tel 2": ("+33698765432", "06.98.76.54.32", "+33 (0)6 98 76 54 32"),
    "tel 3": ("+32470123456", "0032 470 12 34 56", "+32 (0)470 12 34 56"),
}
COUNTRIES = {"1": "FR", "2": "US", "3": None}
TABLES = """
create schema intermediate; create schema seeds; create schema marts; create schema staging;
create table seeds.identity_guards (guard varchar, max_count bigint);
insert into seeds.identity_guards values ('record_count', 1000), ('birth_date_count', 1000),
    ('first_name_count', 1000);
create table seeds.identity_rules (rule varchar, trust double, is_joining bool);
insert into seeds.identity_rules values ('linked', 0.7, true);
create table intermediate.identity_links (record_id varchar, other_record_id varchar,
    match_probability double, match_weight double, status varchar, decided_by varchar);
create table intermediate.int_identity__records (record_id varchar);
create table intermediate.int_identity__described (record_id varchar, birth_date date,
    first_name varchar);
create table intermediate.int_identity__edges (record_id varchar, other_record_id varchar,
    rule varchar, identifier_kind varchar, identifier_value varchar, trust double);
create table intermediate.int_customers__versioned (source_system varchar, customer_key varchar,
    email varchar, phone varchar, address_line varchar, postal_code varchar, city varchar,
    country varchar, has_bought boolean, is_professional boolean);
create table staging.stg_files__objections (source_system text, source_key text,
    customer_system text, customer_key text, address text, channel text, purpose text,
    objected_at timestamp, known_at timestamp);
create table staging.stg_files__consent_events (source_system text, source_key text,
    customer_system text, customer_key text, address text, channel text, purpose text, act text,
    door text, wording_key text, proof text, occurred_at timestamp, known_at timestamp);
create table staging.stg_files__message_events (source_system text, source_key text,
    customer_system text, customer_key text, address text, channel text, event_type text,
    occurred_at timestamp, known_at timestamp);
create table staging.stg_files__preference_updates (source_system text, source_key text,
    customer_system text, customer_key text, email text, kind text, name text, value text,
    occurred_at timestamp, known_at timestamp);
create view intermediate.int_identity__resolved as
select records.record_id, split_part(records.record_id, '|', 1) as source_system,
    split_part(records.record_id, '|', 2) as customer_key,
    'c_' || clusters.cluster_id as customer_id
from intermediate.int_identity__records as records
inner join intermediate.identity_clusters as clusters using (record_id);
create view marts.customer_360 as
select resolved.customer_id, max(known.is_professional) as is_professional,
    min_by(known.country, resolved.record_id) as country,
    count(*) filter (where known.has_bought) as order_count,
    case when bool_or(known.has_bought) then 'buyer' else 'subscriber' end as relation
from intermediate.int_identity__resolved as resolved
inner join intermediate.int_customers__versioned as known using (source_system, customer_key)
group by resolved.customer_id;
"""


@dataclass(frozen=True)
class Row:
    """A customer as a source system keeps it for ever."""

    record: Record
    mail: str | None
    phone: str | None
    country: str | None
    has_bought: bool
    is_professional: bool
    registered_at: datetime

    @property
    def addresses(self) -> frozenset[str]:
        """Names of the addresses."""
        return frozenset(one for one in (self.mail, self.phone) if one)


@dataclass(frozen=True)
class Staged:
    """An act as a source system keeps it for ever, and what it means to the reference."""

    table: str
    values: tuple[object, ...]
    means: Said | None
    subject: Subject
    at: datetime
