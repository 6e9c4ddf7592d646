"""Contacts and lists of the make-believe Brevo: imports, list changes, reading back."""

from __future__ import annotations

import csv
import io
import threading
from dataclasses import replace
from typing import Any

from demo.fakes.answers import Answer, Request, json_answer
from demo.systems.documents import Document, Documents

# Attributes of the account; others in an import are passed over in silence.
ATTRIBUTES = (
    "EXT_ID", "FNAME", "LNAME", "SMS", "BIRTH_DATE", "ZIP", "CITY", "COUNTRY", "LOYALTY_CARD",
    "IS_TEST", "IS_PRO", "EMAIL_VERIFIED", "OPT_IN_AT", "SEGMENT", "CAMPAIGN", "OFFER",
    "DOI_ASKED_AT", "DOI_ASKED_PROOF", "DOI_CONFIRMED_AT", "DOI_CONFIRMED_PROOF",
    "TRACKING_GRANTED_AT", "TRACKING_GRANTED_PROOF",
)  # fmt: skip
_OWN_NUMBERS = 10**12  # of contacts made by an import: no key of the make-believe people is so long
LARGEST_IMPORT = 10 * 1024 * 1024
_MOST_CHANGED, _LARGEST_PAGE, _MOST_LISTS = 150, 500, 50


class Lists:
    """What may be done with contacts; every change is in the store when it is answered."""

    def __init__(self, store: Documents) -> None:
        self._store, self._lock = store, threading.Lock()
        self._counts: dict[str, int] = {}

    def take_import(self, request: Request) -> Answer:
        """Upsert contacts by e-mail address, into lists; answers with a process that is done."""
        if len(request.body) > LARGEST_IMPORT:
            return _said(400, "invalid_parameter", "The body is larger than 10 MB")
        asked = request.json()
        rows = asked["jsonBody"] if "jsonBody" in asked else _csv_rows(asked["fileBody"])
        with self._lock:
            lists = [int(number) for number in asked.get("listIds", [])]
            if asked.get("newList"):
                lists.append(self._made(str(asked["newList"]["listName"])))
            if any(self._list(str(number)) is None for number in lists):
                return _said(400, "invalid_parameter", "List ID does not exist")
            for row in rows:
                self._upsert(row, lists, asked)
            process = self._numbered("processes", {"name": "IMPORTUSER", "status": "completed"})
        return json_answer({"processId": process}, 202)

    def process(self, request: Request, number: str) -> Answer:
        """How an import goes."""
        found = self._store.by_key("processes", [number]).get(number)
        if found is None:
            return _said(404, "document_not_found", "Process does not exist")
        return json_answer({"id": int(number), **found.body})

    def attributes(self, request: Request) -> Answer:
        """The attributes of the account."""
        told = [{"name": name, "category": "normal", "type": "text"} for name in ATTRIBUTES]
        return json_answer({"attributes": told})

    def all(self, request: Request) -> Answer:
        """The lists."""
        limit, offset = int(request.param("limit", "10")), int(request.param("offset", "0"))
        found = self._store.after("lists", 0, 100_000)
        if not 0 < limit <= _MOST_LISTS:
            raise ValueError(limit)
        page = [{"id": int(one.key), **one.body} for one in found[offset : offset + limit]]
        return json_answer({"lists": page, "count": len(found)})

    def make(self, request: Request) -> Answer:
        """A new list, empty."""
        with self._lock:
            return json_answer({"id": self._made(str(request.json()["name"]))}, 201)

    def contacts(self, request: Request, number: str) -> Answer:
        """Who is in a list."""
        limit, offset = int(request.param("limit", "50")), int(request.param("offset", "0"))
        if self._list(number) is None:
            return _said(404, "document_not_found", "List ID does not exist")
        if not 0 < limit <= _LARGEST_PAGE:
            raise ValueError(limit)
        found = [shown(one) for one in self.members(int(number))]
        return json_answer({"contacts": found[offset : offset + limit], "count": len(found)})

    def members(self, number: int) -> list[Document]:
        """The contacts of a list, in the order in which they were made."""
        found = self._store.after("contacts", 0, 10_000_000)
        return [one for one in found if number in one.body["listIds"]]

    def change(self, request: Request, number: str, verb: str) -> Answer:
        """Put contacts into a list or take them out; those it makes no difference for failed."""
        asked = request.json()
        names = [name for name in ("emails", "ids", "extIds") if name in asked]
        if len(names) != 1 or not 0 < len(asked[names[0]]) <= _MOST_CHANGED:
            return _said(400, "invalid_parameter", "One of emails, ids, extIds; at most 150")
        if self._list(number) is None:
            return _said(404, "document_not_found", "List ID does not exist")
        told: dict[str, list[Any]] = {"success": [], "failure": []}
        with self._lock:
            for one in asked[names[0]]:
                is_done = self._moved(names[0], one, int(number), is_added=verb == "add")
                told["success" if is_done else "failure"].append(one)
        if not told["success"]:
            words = "Contact already in list and/or does not exist"
            return _said(400, "invalid_parameter", words)
        return json_answer({"contacts": told}, 201)

    def contact(self, request: Request, email: str) -> Answer:
        """One contact."""
        found = self._of_email(email)
        if found is None:
            return _said(404, "document_not_found", "Contact does not exist")
        return json_answer(shown(found))

    def forget(self, request: Request, email: str) -> Answer:
        """Delete one contact."""
        found = self._of_email(email)
        if found is None:
            return _said(404, "document_not_found", "Contact does not exist")
        self._store.remove("contacts", found.key)
        return Answer(204)

    def _upsert(self, row: dict[str, Any], lists: list[int], asked: dict[str, Any]) -> None:
        email = str(row["email"]).strip().lower()
        told = {
            name: value for name, value in row.get("attributes", {}).items() if name in ATTRIBUTES
        }
        kept = self._of_email(email)
        if kept is not None and asked.get("updateExistingContacts") is False:
            return
        at = self._store.now()
        body = kept.body if kept else _new_contact(email, at)
        known = {} if asked.get("emptyContactsAttributes") else body["attributes"]
        body = body | {
            "attributes": known | told,
            "listIds": sorted({*body["listIds"], *lists}),
            "emailBlacklisted": asked.get("emailBlacklist") or body["emailBlacklisted"],
            "smsBlacklisted": asked.get("smsBlacklist") or body["smsBlacklisted"],
        }
        key = kept.key if kept else str(told.get("EXT_ID") or email)
        self._store.put("contacts", Document(key, at, body, parent=email))
        for number in set(lists) - set(kept.body["listIds"] if kept else ()):
            self._entered(number, key)

    def _moved(self, by: str, name: Any, number: int, *, is_added: bool) -> bool:
        found = self._of_email(str(name)) if by == "emails" else self._of(by, name)
        if found is None or (number in found.body["listIds"]) == is_added:
            return False
        members = set(found.body["listIds"]) ^ {number}
        body = found.body | {"listIds": sorted(members)}
        self._store.put("contacts", replace(found, body=body, changed_at=self._store.now()))
        if is_added:
            self._entered(number, found.key)
        return True

    def _entered(self, number: int, contact: str) -> None:
        self._numbered("list_entries", {"list": number, "contact": contact})

    def _of(self, by: str, name: Any) -> Document | None:
        if by == "extIds":
            return self._store.by_key("contacts", [str(name)]).get(str(name))
        number = int(name) - _OWN_NUMBERS
        if number < 0:
            return self._store.by_key("contacts", [str(name)]).get(str(name))
        found = self._store.after("contacts", number - 1, 1)
        return found[0] if found and found[0].number == number else None

    def _of_email(self, email: str) -> Document | None:
        found = self._store.children("contacts", [email.strip().lower()])
        return found[0] if found else None

    def _list(self, number: str) -> Document | None:
        return self._store.by_key("lists", [number]).get(number)

    def _made(self, name: str) -> int:
        return self._numbered("lists", {"name": name, "folderId": 1})

    def _numbered(self, kind: str, body: dict[str, Any]) -> int:
        number = (self._counts.get(kind) or self._store.count(kind)) + 1
        self._counts[kind] = number
        self._store.put(kind, Document(str(number), self._store.now(), body))
        return number


def _new_contact(email: str, at: str) -> dict[str, Any]:
    flags = {"emailBlacklisted": False, "smsBlacklisted": False}
    return {"email": email, **flags, "createdAt": at, "listIds": [], "attributes": {}}


def _csv_rows(text: str) -> list[dict[str, Any]]:
    """Rows of a fileBody: ';' between columns, the address in EMAIL. Raises KeyError."""
    rows = csv.DictReader(io.StringIO(text), delimiter=";")
    return [{"email": row.pop("EMAIL"), "attributes": row} for row in rows]


def shown(one: Document) -> dict[str, Any]:
    """A contact as the API tells it."""
    return {"id": _number(one), **one.body, "modifiedAt": one.changed_at}


def _number(one: Document) -> int:
    """The tool's own number of a contact: the one that its webhooks state, too."""
    is_ours = one.key.isdigit() and len(one.key) < len(str(_OWN_NUMBERS))
    return int(one.key) if is_ours else _OWN_NUMBERS + one.number


def _said(status: int, code: str, message: str) -> Answer:
    return json_answer({"code": code, "message": message}, status)
