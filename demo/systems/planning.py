"""The campaign tool: campaigns as YAML, and what belongs to them as CSV.

Offers say for which article a coupon holds, rules in which store and channel and until when;
drops are letters handed to the post, returns those that it brought back, uses the coupons handed
in, costs the price of one contact.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import duckdb

from contract.sql import literal
from demo.systems.files import Delivery, FileSystem, ParquetRows
from demo.systems.text_files import Lines, Rows, csv_lines, yaml_list

SALES_CHANNELS = {"store": "magasin", "web": "web", "all": "tous"}
CONTACT_CHANNELS = {
    "post": "courrier", "email": "courriel", "sms": "sms", "phone": "telephone", "ads": "publicite",
}  # fmt: skip
DISCOUNTS = {"percent": "pourcentage", "amount": "montant", "shipping": "port"}
RETURN_REASONS = {
    "unknown_at_address": "NPAI", "refused": "refus", "insufficient_address": "adresse incomplete",
    "deceased": "deces",
}  # fmt: skip


def _words(column: str, words: Mapping[str, str]) -> str:
    pairs = " ".join(f"when {literal(our)} then {literal(word)}" for our, word in words.items())
    return f"case {column} {pairs} else {column} end"


def _quoted(column: str) -> str:
    # A JSON text is a YAML text too.
    return f"coalesce(cast(to_json({column}) as varchar), 'null')"


_CAMPAIGN = {
    "id": _quoted("campaign_key"),
    "nom": _quoted("campaign_name"),
    "theme": _quoted("campaign_type"),
    "debut": "cast(starts_on as varchar)",
    "fin": "cast(ends_on as varchar)",
}
_OFFER = {"bon": "coupon_key", "campagne": "campaign_key", "article": "product_key"}
_RULE = {
    "bon": "coupon_key",
    "magasin": "store_key",
    "canal": _words("channel", SALES_CHANNELS),
    "campagne": "campaign_key",
    "remise": _words("discount_kind", DISCOUNTS),
    "valeur": "comma(discount_value)",
    "debut": "french_day(valid_from_on)",
    "fin": "french_day(valid_until_on)",
}
_DROP = {
    "campagne": "campaign_key",
    "client": "customer_key",
    "canal": _words("channel", CONTACT_CHANNELS),
    "depose_le": "french_second(contacted_at)",
}
_USE = {
    "bon": "coupon_key",
    "campagne": "campaign_key",
    "client": "customer_key",
    "jour": "french_day(redeemed_on)",
}
_COST = {
    "tarif": "contact_cost_key",
    "canal": _words("channel", CONTACT_CHANNELS),
    "campagne": "campaign_key",
    "prix_unitaire": "comma(unit_cost_amount)",
    "devise": "currency",
    "a_partir_du": "french_day(valid_from_on)",
}
_RETURN = {
    "pli": "mail_return_key",
    "campagne": "campaign_key",
    "client": "customer_key",
    "motif": _words("reason", RETURN_REASONS),
    "revenu_le": "french_second(returned_at)",
}
# Entity: name of its file, columns, what tells its rows apart, and when it happened.
_TABLES = {
    "coupons": ("offres", _OFFER, "concat_ws('|', coupon_key, campaign_key, product_key)", "null"),
    "coupon_rules": ("regles", _RULE, "concat_ws('|', coupon_key, store_key, channel)", "null"),
    "campaign_contacts": (
        "depots", _DROP, "concat_ws('|', campaign_key, customer_key)", "contacted_at",
    ),
    "redemptions": (
        "utilisations", _USE,
        "concat_ws('|', customer_key, coupon_key, campaign_key, redeemed_on)", "redeemed_on",
    ),
    "contact_costs": ("couts", _COST, "contact_cost_key", "null"),
    "mail_returns": ("retours", _RETURN, "mail_return_key", "returned_at"),
}  # fmt: skip


class Planning(FileSystem):
    """Campaigns, coupons, letters and costs."""

    system = folder = "planning"
    entities = ("campaigns", *_TABLES)

    def files(
        self, con: duckdb.DuckDBPyConnection, delivery: Delivery
    ) -> Iterator[Lines | ParquetRows]:
        """Campaigns of the period, then one CSV per kind of thing."""
        stem = delivery.stem
        rows = Rows("campaigns", "campaign_key", "starts_on")
        yield yaml_list(f"campagnes-{stem}.yaml", rows, _CAMPAIGN)
        for entity, (name, columns, key, at) in _TABLES.items():
            yield self.spoiled(csv_lines(f"{name}-{stem}.csv", Rows(entity, key, at), columns))
