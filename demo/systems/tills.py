"""The tills of the stores: tickets by store and period, loyalty cards, the list of stores.

CSV with `;`, decimal comma and dd/mm/yyyy. Two stores still run the old software: their files are
cp1252 with CRLF, named CAISSE_…, and some end in a total. The others write UTF-8, some of them
with a byte order mark. A store whose line was down sends its last day with the next delivery, and
a file that the head office lost is sent again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from zlib import crc32

import duckdb

from contract.sql import literal
from demo.systems.files import Delivery, FileSystem, ParquetRows
from demo.systems.text_files import CLEAN, Lines, Rows, csv_lines

OLD_SOFTWARE = {3, 7}
OPERATIONS = {"sale": "V", "return": "R", "refund": "B", "cancellation": "A"}

_TICKET = {
    "no_ticket": "order_key",
    "ligne": "line_number",
    "magasin": "store_key",
    "date_heure": "french_minute(ordered_at)",
    "porteur": "customer_key",
    "article": "product_key",
    "operation": "case line_kind "
    + " ".join(f"when '{kind}' then '{code}'" for kind, code in OPERATIONS.items())
    + " end",
    "libelle_operation": "case line_kind when 'sale' then 'Vente' else 'Reprise à la caisse' end",
    "qte": "comma(quantity)",
    "montant_ttc": "comma(net_amount)",
    "remise_carte": "comma(retail_discount_amount)",
    "bon_fabricant": "comma(coupon_discount_amount)",
    "bon_enseigne": "comma(coupon_match_discount_amount)",
    "devise": "currency",
}
_YES_OR_NO = "case when {0} then 'O' when not {0} then 'N' end"
_CARD = {
    "porteur": "customer_key",
    "no_carte": "loyalty_card_key",
    "nom": "last_name",
    "prenom": "first_name",
    "courriel": "email",
    "telephone": "phone",
    "adresse": "address_line",
    "cp": "postal_code",
    "ville": "city",
    "pays": "country",
    "naissance": "french_day(birth_date)",
    "tranche_age": "age_band",
    "revenus": "income_band",
    "logement": "home_ownership",
    "situation": "marital_status",
    "taille_foyer": "household_size",
    "foyer": "household_composition",
    "enfants": "children_count",
    "courriel_verifie": _YES_OR_NO.format("has_verified_email"),
    "pro": _YES_OR_NO.format("is_professional"),
    "societe": "company_key",
    "essai": _YES_OR_NO.format("is_test"),
    "ouverture": "french_second(registered_at)",
    "maj": "french_second(changed_at)",
}
_STORE = {
    "code": "store_key",
    "enseigne": "store_name",
    "adresse": "address_line",
    "cp": "postal_code",
    "ville": "city",
    "pays": "country",
    "ouverture": "french_day(opened_on)",
}
_SPOILED_NAMES = ("first_name", "last_name", "address_line", "city")


class Tills(FileSystem):
    """Tills and loyalty cards of all stores, as the head office collects them."""

    system = folder = "tills"
    entities = ("order_lines", "customers", "stores")

    def files(
        self, con: duckdb.DuckDBPyConnection, delivery: Delivery
    ) -> Iterator[Lines | ParquetRows]:
        """Tickets of each store, then cards and stores that are new or changed."""
        stores = con.execute("select distinct coalesce(store_key, '') from order_lines order by 1")
        for (store,) in stores.fetchall():
            yield from self._tickets(con, delivery, store)
        yield self._cards(con, delivery)
        rows = Rows("stores", "store_key", "null")
        stem = delivery.stem
        yield replace(csv_lines(f"magasins_{stem}.csv", rows, _STORE), encoding="utf-8-sig")

    def _tickets(
        self, con: duckdb.DuckDBPyConnection, delivery: Delivery, store: str
    ) -> Iterator[Lines]:
        of_store = f"coalesce(store_key, '') = {literal(store)}"
        rows = Rows("order_lines", "order_key || '-' || line_number", "ordered_at", of_store)
        name = f"{prefix(store)}_{store}_{delivery.stem}"
        if self._happens(con, "late_files", name):
            last_day = f"timestamp '{delivery.until}' - interval 1 day"
            late = replace(rows, where=f"{of_store} and ordered_at >= {last_day}")
            rows = replace(rows, where=f"{of_store} and ordered_at < {last_day}")
            file = _ticket_file(f"{name}_suite.csv", late, store)
            yield replace(file, keep_for_later="late_row")
        elif self._happens(con, "resent_files", name):
            file = _ticket_file(f"{name}_renvoi.csv", rows, store)
            # Sent by hand, from another machine: never the same bytes, which would be no news.
            other_end = "\n" if file.line_end == "\r\n" else "\r\n"
            file = replace(file, rates=replace(CLEAN, displaced=0.2), line_end=other_end)
            yield replace(file, keep_for_later="resent_row")
        yield self.spoiled(_ticket_file(f"{name}.csv", rows, store))

    def _cards(self, con: duckdb.DuckDBPyConnection, delivery: Delivery) -> Lines:
        """One line per card: its last state of the period. A new card is as old as its opening."""
        spoiled = ", ".join(
            f"case when is_spoiled then mojibake({name}) else {name} end as {name}"
            for name in _SPOILED_NAMES
        )
        is_new = (
            "registered_at is not null"
            if delivery.is_first
            else f"registered_at >= timestamp '{delivery.since}'"
        )
        texts = " || ".join(f"coalesce({name}, '')" for name in _SPOILED_NAMES)
        con.execute(f"""
            create or replace temp table cards as
            select * replace ({spoiled})
            from (
                select *,
                    case when {is_new} then registered_at
                        else timestamp '{delivery.until}' - interval 2 hour end as changed_at,
                    chance('mojibake', customer_key) < {self.rates.mojibake}
                        and mojibake({texts}) <> {texts} as is_spoiled
                from customers
            )""")
        found = con.execute("select count(*) from cards where is_spoiled").fetchone()
        rows = Rows("customers", "customer_key", "changed_at", table="cards")
        file = csv_lines(f"cartes_{delivery.stem}.csv", rows, _CARD)
        return replace(self.spoiled(file), counted={"mojibake": found[0] if found else 0})

    def _happens(self, con: duckdb.DuckDBPyConnection, kind: str, name: str) -> bool:
        found = con.execute("select chance(?, ?)", [kind, name]).fetchone()
        return found is not None and bool(found[0] < getattr(self.rates, kind))


def has_old_software(store: str) -> bool:
    """Whether the store's tills write the old files: decided by its number."""
    digits = re.sub(r"\D", "", store) or str(crc32(store.encode()))
    return int(digits) % 11 in OLD_SOFTWARE


def prefix(store: str) -> str:
    """How the names of a store's files begin."""
    return "CAISSE" if has_old_software(store) else "tickets"


def _ticket_file(name: str, rows: Rows, store: str) -> Lines:
    file = csv_lines(name, rows, _TICKET)
    if has_old_software(store):
        empty = ";" * (len(_TICKET) - 10)
        total = f"select 'TOTAL;;;;;;;;;' || comma(sum(net_amount)) || '{empty}' from order_lines"
        footer = f"{total} where {rows.where}"
        return replace(file, encoding="cp1252", line_end="\r\n", footer=footer)
    has_mark = len(store) > 0 and store[-1] in "02468"
    return replace(file, encoding="utf-8-sig" if has_mark else "utf-8")
