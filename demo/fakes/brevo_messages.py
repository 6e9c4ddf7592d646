"""Messages that the make-believe Brevo was asked to send, and who got them."""

from __future__ import annotations

import re
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

from demo.fakes.answers import Answer, Request, json_answer
from demo.systems.documents import Document, Documents
from demo.world.facts import Received

_MOST_VERSIONS, _MOST_RECIPIENTS = 1000, 2000
_NUMBER = re.compile(r"\+?\d{6,15}")
_FIRST_SMS = 1511882900176220


class Messages:
    """Keeps one document per message to one person."""

    def __init__(self, store: Documents) -> None:
        self._store, self._lock = store, threading.Lock()
        self._count = store.count("messages")

    def take_emails(self, request: Request) -> Answer:
        """One message, or up to 1000 versions of it, each to its own recipients."""
        asked = request.json()
        versions = asked.get("messageVersions") or [asked]
        recipients = [(version, one["email"]) for version in versions for one in version["to"]]
        if len(versions) > _MOST_VERSIONS or not 0 < len(recipients) <= _MOST_RECIPIENTS:
            return _said("invalid_parameter", "too many recipients, or none")
        if "templateId" not in asked and not {"sender", "subject"} <= set(asked):
            return _said("missing_parameter", "sender and subject are missing")
        with self._lock:
            names = [self._keep("email", email, asked | version) for version, email in recipients]
        if asked.get("messageVersions"):
            return json_answer({"messageIds": names}, 201)
        return json_answer({"messageId": names[0]}, 201)

    def take_sms(self, request: Request) -> Answer:
        """One text message."""
        asked = request.json()
        if not {"sender", "recipient", "content"} <= set(asked):
            return _said("missing_parameter", "sender, recipient and content are needed")
        if not _NUMBER.fullmatch(str(asked["recipient"])):
            return _said("invalid_parameter", "recipient is not a number")
        tags = asked.get("tag", [])
        told = asked | {"tags": [tags] if isinstance(tags, str) else tags}
        with self._lock:
            name = self._keep("sms", str(asked["recipient"]), told)
        return json_answer({"messageId": int(name)}, 201)

    def _keep(self, channel: str, address: str, asked: dict[str, Any]) -> str:
        self._count += 1
        number = self._count
        is_email = channel == "email"
        name = f"<{number}@smtp-relay.mailin.fr>" if is_email else str(_FIRST_SMS + number)
        contact = self._contact(address) if is_email else None
        params = asked.get("params") or {}
        known = contact.body["attributes"].get("EXT_ID", "") if contact else ""
        body = {
            "channel": channel,
            "address": address,
            "customer_key": str(params.get("customer_key") or known),
            "system": str(params.get("system") or ("brevo" if known else "")),
            "campaign": str((asked.get("tags") or [""])[0]),
            "offer": str(params.get("offer") or "none"),
            "is_blocked": bool(contact and contact.body["emailBlacklisted"]),
        }
        at = str(asked.get("scheduledAt") or self._store.now())
        self._store.put("messages", Document(name, at, body))
        return name

    def _contact(self, email: str) -> Document | None:
        found = self._store.children("contacts", [email.strip().lower()])
        return found[0] if found else None


def received(home: Path, since: datetime) -> list[Received]:
    """Messages that left after `since` (naive UTC, by the demo's clock), in order.

    A contact put into a list counts as a message of the campaign that the list is named for. What
    the tool keeps back, because the person said no to it, reached nobody.
    """
    store = Documents(home / "demo" / "systems" / "brevo.db")
    lists = {one.key: one.body["name"] for one in store.after("lists", 0, 100_000)}
    found = []
    for message in store.after("messages", 0, 100_000_000):
        told = {name: value for name, value in message.body.items() if name != "is_blocked"}
        if not message.body["is_blocked"]:
            found.append(Received(**told, message_key=message.key, sent_at=_utc(message)))
    for entry in store.after("list_entries", 0, 100_000_000):
        contact = store.by_key("contacts", [entry.body["contact"]]).get(entry.body["contact"])
        if contact is not None and not contact.body["emailBlacklisted"]:
            name = lists[str(entry.body["list"])]
            found.append(_by_list(entry, contact, name))
    return sorted(
        (one for one in found if one.sent_at > since),
        key=lambda one: (one.sent_at, one.message_key),
    )


def _by_list(entry: Document, contact: Document, name: str) -> Received:
    attributes = contact.body["attributes"]
    return Received(
        channel="email",
        address=contact.body["email"] or "",
        customer_key=str(attributes.get("EXT_ID", "")),
        system="brevo" if attributes.get("EXT_ID") else "",
        campaign=str(name),
        message_key=f"list-{entry.key}",
        sent_at=_utc(entry),
        offer=str(attributes.get("OFFER", "none")),
    )


def _utc(one: Document) -> datetime:
    moment = datetime.fromisoformat(one.changed_at)
    offset = moment.utcoffset()
    return (moment - offset).replace(tzinfo=None) if offset else moment.replace(tzinfo=None)


def _said(code: str, message: str) -> Answer:
    return json_answer({"code": code, "message": message}, 400)
