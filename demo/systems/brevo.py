"""The contacts that the e-mail tool keeps, with who may not be written to any more.

The log of its webhooks is a file: demo/systems/brevo_webhooks.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from demo.systems.documents import Document, Documents, as_text, facts_of, recorded_at

if TYPE_CHECKING:
    from demo.world.facts import Facts, Period

SYSTEM = "brevo"
STOPS = {"withdraw", "refuse", "object"}
_ATTRIBUTES = {
    "EXT_ID": "customer_key", "FNAME": "first_name", "LNAME": "last_name", "SMS": "phone",
    "BIRTH_DATE": "birth_date", "ZIP": "postal_code", "CITY": "city", "COUNTRY": "country",
    "LOYALTY_CARD": "loyalty_card_key", "IS_TEST": "is_test", "IS_PRO": "is_professional",
    "EMAIL_VERIFIED": "has_verified_email", "OPT_IN_AT": "registered_at",
}  # fmt: skip
_TYPED = {"is_test", "is_professional", "has_verified_email"}
# What a contact was asked and said yes to: attributes for the time and for the proof.
_SAID = {
    ("double_opt_in_asked", "marketing"): "DOI_ASKED",
    ("double_opt_in_confirmed", "marketing"): "DOI_CONFIRMED",
    ("grant", "open_tracking"): "TRACKING_GRANTED",
}
_YES = {"grant", "double_opt_in_confirmed"}


def attributes_of(row: dict[str, Any]) -> dict[str, Any]:
    """The attributes of a contact that are known; truth values stay what they are."""
    told = {name: row[of] if of in _TYPED else as_text(row[of]) for name, of in _ATTRIBUTES.items()}
    return {name: value for name, value in told.items() if value is not None}


class Brevo:
    """The tool's contacts, in HOME/demo/systems/brevo.db. Their e-mail address is their key."""

    def __init__(self, home: Path) -> None:
        self.store = Documents(home / "demo" / "systems" / "brevo.db")

    def record(self, facts: Facts, period: Period) -> None:
        """Keep the contacts of the period; a period recorded before changes nothing."""
        if self.store.has(period):
            return
        rows = facts_of(facts, "customers", SYSTEM)
        known = self.store.by_key("contacts", [row["customer_key"] for row in rows])
        found: dict[str, Document] = {}
        for row in rows:
            key = row["customer_key"]
            kept = found.get(key) or known.get(key)
            at = recorded_at(None if kept else row["registered_at"], period)
            found[key] = Document(key, at, _contact(row, kept, at), parent=_address(row["email"]))
        for act in sorted(facts_of(facts, "consent_events", SYSTEM), key=_happened):
            self._hear(act, period, found)
        self.store.record(period, {"contacts": list(found.values())})

    def close(self) -> None:
        """Nothing stays open."""

    def _hear(self, act: dict[str, Any], period: Period, found: dict[str, Document]) -> None:
        """Note on the contact what its person said: no, yes again, or yes for the first time."""
        contact = self._contact_of(act, found)
        if contact is None:
            return
        body = dict(contact.body)
        flag = {"email": "emailBlacklisted", "sms": "smsBlacklisted"}.get(act["channel"])
        if flag is not None and act["purpose"] == "marketing":
            body[flag] = act["act"] in STOPS or (body[flag] and act["act"] not in _YES)
        name = _SAID.get((act["act"], act["purpose"]))
        if name is not None:
            told = {f"{name}_AT": as_text(act["occurred_at"]), f"{name}_PROOF": act["proof"]}
            body["attributes"] = body["attributes"] | told
        if body != contact.body:
            at = max(contact.changed_at, recorded_at(act["occurred_at"], period))
            found[contact.key] = Document(contact.key, at, body, parent=contact.parent)

    def _contact_of(self, row: dict[str, Any], found: dict[str, Document]) -> Document | None:
        key = row["customer_key"]
        if key:
            return found.get(key) or self.store.by_key("contacts", [key]).get(key)
        kept = self.store.children("contacts", [_address(row["address"])])
        return found.get(kept[0].key, kept[0]) if kept else None


def _happened(act: dict[str, Any]) -> tuple[Any, ...]:
    return act["occurred_at"], act["consent_event_key"]


def _address(email: str | None) -> str:
    return (email or "").strip().lower()


def _contact(row: dict[str, Any], kept: Document | None, at: str) -> dict[str, Any]:
    """The body of a contact: what is new replaces what was; flags and lists stay."""
    before = kept.body if kept else {}
    return {
        "email": row["email"],
        "emailBlacklisted": before.get("emailBlacklisted", False),
        "smsBlacklisted": before.get("smsBlacklisted", False),
        "createdAt": before.get("createdAt", at),
        "listIds": before.get("listIds", []),
        "attributes": _said(before) | attributes_of(row),
    }


def _said(body: dict[str, Any]) -> dict[str, Any]:
    """What a contact said yes to stays when its other attributes are written anew."""
    names = tuple(_SAID.values())
    return {n: value for n, value in body.get("attributes", {}).items() if n.startswith(names)}
