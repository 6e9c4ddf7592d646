"""What the CRM keeps of a period: contacts, companies, deals with their stages, activities, quotes.

Objects are kept as the CRM gives them, every property a text; links name what they belong to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from demo.systems.documents import Document, Documents, as_text, facts_of, recorded_at

if TYPE_CHECKING:
    from demo.world.facts import Facts, Period

SYSTEM = "hubspot"
STAGE_VERSIONS = "dealstage_versions"
_SALES_STAGES = {"handed_off", "contacted", "quoted", "won", "lost"}
_KINDS = {"customers": "contacts", "leads": "deals", "lead_feedback": "p_sales_feedback"}
_ACTIVITIES = {"call": "calls", "meeting": "meetings", "note": "notes"}
_CONTACT = {
    "email": "email", "phone": "phone", "firstname": "first_name", "lastname": "last_name",
    "date_of_birth": "birth_date", "address": "address_line", "zip": "postal_code",
    "city": "city", "hs_country_region_code": "country", "age_band": "age_band",
    "loyalty_card_number": "loyalty_card_key", "email_verified": "has_verified_email",
    "is_professional": "is_professional", "associatedcompanyid": "company_key",
    "is_test": "is_test", "createdate": "registered_at",
}  # fmt: skip
_COMPANY = {
    "name": "company_name", "registration_number": "registration_number",
    "industry": "industry", "employee_band": "employee_band", "zip": "postal_code",
    "city": "city", "hs_country_code": "country", "createdate": "created_at",
}  # fmt: skip
_DEAL = {
    "parent_deal": "parent_lead_key", "lead_type": "lead_type", "lead_origin": "origin",
    "product_of_interest": "product_key", "amount": "expected_amount",
    "deal_currency_code": "currency", "hubspot_owner_id": "seller_key",
    "createdate": "created_at", "closedate": "closed_at",
}  # fmt: skip
_ACTIVITY = {
    "hs_timestamp": "occurred_at", "contact_email": "email", "contact_phone": "phone",
    "contact_handle": "handle", "contact_channel": "channel", "activity_context": "context",
    "campaign_key": "campaign_key",
}  # fmt: skip
_QUOTE = {
    "quote_state": "status", "hs_quote_amount": "total_amount", "hs_currency": "currency",
    "hs_createdate": "quoted_at",
}  # fmt: skip
_FEEDBACK = {
    "is_contact_valid": "is_contact_valid", "project_on": "project_on",
    "qualification": "qualification", "outcome": "outcome", "return_reason": "return_reason",
    "hubspot_owner_id": "seller_key", "reported_at": "reported_at",
}  # fmt: skip


class Hubspot:
    """The CRM's records, in HOME/demo/systems/hubspot.db."""

    def __init__(self, home: Path) -> None:
        self.store = Documents(home / "demo" / "systems" / "hubspot.db")

    def record(self, facts: Facts, period: Period) -> None:
        """Keep what the CRM learnt in the period; a period recorded before changes nothing."""
        if self.store.has(period):
            return
        stages = _stage_versions(facts, period)
        found = {
            "contacts": self._objects(facts, period, "customers", _CONTACT),
            "companies": self._objects(facts, period, "companies", _COMPANY),
            "deals": self._deals(facts, period, stages),
            STAGE_VERSIONS: stages,
            "quotes": self._objects(facts, period, "quotes", _QUOTE),
            "p_sales_feedback": self._objects(facts, period, "lead_feedback", _FEEDBACK),
        }
        self.store.record(period, found | self._activities(facts, period))

    def close(self) -> None:
        """Nothing stays open."""

    def _objects(
        self, facts: Facts, period: Period, entity: str, properties: Mapping[str, str]
    ) -> list[Document]:
        """Documents of the rows of one entity."""
        from contract.entity import load_entities

        declared = load_entities()[entity]
        key, happened_at = declared.key[0], str(declared.happened_at)
        rows = facts_of(facts, entity, SYSTEM)
        known = set(self.store.by_key(_KINDS.get(entity, entity), [row[key] for row in rows]))
        found = []
        for row in rows:
            # What was there before, be it in this period, changed at a time that nobody tells.
            at = recorded_at(None if row[key] in known else row[happened_at], period)
            known.add(row[key])
            told = {name: as_text(row[of]) for name, of in properties.items()}
            found.append(Document(row[key], at, {"properties": told, "links": _links(row)}))
        return found

    def _deals(self, facts: Facts, period: Period, stages: list[Document]) -> list[Document]:
        """Leads as deals; a deal whose stage moved was changed when it moved last."""
        deals = {deal.key: deal for deal in self._objects(facts, period, "leads", _DEAL)}
        for row in facts_of(facts, "leads", SYSTEM):
            pipeline = "sales" if row["stage"] in _SALES_STAGES else "marketing"
            told = {"pipeline": pipeline, "dealstage": f"{pipeline}_{row['stage']}"}
            deals[row["lead_key"]].body["properties"].update(told)
        moved: dict[str, str] = {}
        for stage in stages:
            moved[stage.parent] = max(moved.get(stage.parent, ""), stage.changed_at)
        found = deals | self._kept(set(moved) - set(deals))
        return [
            replace(deal, changed_at=moved[key]) if key in moved else deal
            for key, deal in found.items()
        ]

    def _kept(self, keys: set[str]) -> dict[str, Document]:
        """Deals that are there and only moved; the count of their moves makes them differ."""
        kept = self.store.by_key("deals", sorted(keys))
        for deal in kept.values():
            properties = deal.body["properties"]
            properties["num_stage_moves"] = str(int(properties.get("num_stage_moves") or 0) + 1)
        return kept

    def _activities(self, facts: Facts, period: Period) -> dict[str, list[Document]]:
        found: dict[str, list[Document]] = {}
        for row in facts_of(facts, "interactions", SYSTEM):
            kind = _ACTIVITIES.get(row["kind"], "communications")
            properties = {name: as_text(row[of]) for name, of in _ACTIVITY.items()}
            body = {"properties": properties | _of_kind(row, kind), "links": _links(row)}
            at = recorded_at(row["occurred_at"], period)
            found.setdefault(kind, []).append(Document(row["interaction_key"], at, body))
        return found


def _of_kind(row: dict[str, Any], kind: str) -> dict[str, str | None]:
    """Properties that only this kind of activity has."""
    seconds = row["duration_seconds"]
    milliseconds = None if seconds is None else str(seconds * 1000)
    if kind == "calls":
        return {"hs_call_direction": row["direction"].upper(), "hs_call_duration": milliseconds}
    told = {"activity_direction": row["direction"], "activity_milliseconds": milliseconds}
    if kind == "communications":
        return told | {"activity_kind": row["kind"]}
    return told


def _stage_versions(facts: Facts, period: Period) -> list[Document]:
    """Each change of stage, as the history of a deal's property keeps it."""
    return [
        Document(
            key=row["lead_stage_event_key"],
            parent=row["lead_key"],
            changed_at=recorded_at(row["occurred_at"], period),
            body={
                "value": f"{row['pipeline']}_{row['stage']}",
                "timestamp": as_text(row["occurred_at"]),
                "sourceType": "CRM_UI",
                "sourceId": row["lead_stage_event_key"],
                "return_reason": row["return_reason"],
            },
        )
        for row in facts_of(facts, "lead_stage_events", SYSTEM)
    ]


def _links(row: dict[str, Any]) -> dict[str, list[str]]:
    kinds = {"customer_key": "contacts", "company_key": "companies", "lead_key": "deals"}
    return {kind: [row[of]] for of, kind in kinds.items() if row.get(of)}
