"""Brevo's API v3: contacts and lists, imports, messages; what it is told, it keeps.

Looked up, not guessed:
* GET /v3/contacts, limit ≤ 1000, offset, modifiedSince, sort, count under the filter; contacts of a
  list, limit ≤ 500: developers.brevo.com/reference/get-contacts, …/get-contacts-from-list,
  developers.brevo.com/changelog/2021/5/7;
* POST /v3/contacts/import answers 202 with a process; attributes that the account does not have are
  passed over in silence; lists take at most 150 at a time: developers.brevo.com/reference/
  import-contacts, …/add-contact-to-list;
* POST /v3/smtp/email with at most 1000 messageVersions: developers.brevo.com/docs/
  batch-send-transactional-emails; POST /v3/transactionalSMS/send (/sms is the old name):
  developers.brevo.com/changelog/deprecated-endpoint-post-v3transactionalsmssms;
* contacts 10 a second, unlisted addresses 100 an hour, 429 with x-sib-ratelimit-* and no
  Retry-After: developers.brevo.com/docs/api-limits, …/docs/limit-headers.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from demo.fakes.answers import Answer, Request, json_answer
from demo.fakes.brevo_lists import Lists, shown
from demo.fakes.brevo_messages import Messages, received
from demo.fakes.budgets import Bucket
from demo.fakes.server import Fake, Route
from demo.systems.documents import Documents, Span, iso

__all__ = ["Brevo", "received"]

CONTACTS_PER_SECOND, OTHERS_PER_HOUR = 10, 100
_LARGEST_PAGE = 1000
_HOUR = 3600


class Brevo(Fake):
    """One account over the store that demo.systems.brevo fills."""

    def __init__(self, home: Path, key: str, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.store = Documents(home / "demo" / "systems" / "brevo.db")
        self.lists, self.messages = Lists(self.store), Messages(self.store)
        self.contacts_budget = Bucket(CONTACTS_PER_SECOND, CONTACTS_PER_SECOND, clock)
        self.others_budget = Bucket(OTHERS_PER_HOUR, OTHERS_PER_HOUR / _HOUR, clock)
        self._key = key

    def routes(self) -> list[Route]:
        """Contacts, lists, imports, messages."""
        lists, messages = self.lists, self.messages
        one_list = "/v3/contacts/lists/([0-9]+)/contacts"
        return [
            Route("GET", "/v3/contacts", self._contacts),
            Route("POST", "/v3/contacts/import", lists.take_import),
            Route("GET", "/v3/contacts/attributes", lists.attributes),
            Route("GET", "/v3/contacts/lists", lists.all),
            Route("POST", "/v3/contacts/lists", lists.make),
            Route("GET", one_list, lists.contacts),
            Route("POST", f"{one_list}/(add|remove)", lists.change),
            Route("GET", "/v3/contacts/([^/]+)", lists.contact),
            Route("DELETE", "/v3/contacts/([^/]+)", lists.forget),
            Route("GET", "/v3/processes/([0-9]+)", lists.process),
            Route("POST", "/v3/smtp/email", messages.take_emails),
            Route("POST", "/v3/transactionalSMS/(?:send|sms)", messages.take_sms),
        ]

    def is_authorised(self, request: Request) -> bool:
        """Whether the api-key is ours."""
        return hmac.compare_digest(request.headers.get("api-key", ""), self._key)

    def refusal(self, status: int, request: Request) -> Answer:
        """An error as Brevo writes it."""
        words = {
            400: ("invalid_parameter", "A parameter is missing or not valid"),
            401: ("unauthorized", "Key not found"),
            404: ("document_not_found", "Not found"),
        }
        code, message = words.get(status, ("internal_error", "Error"))
        return json_answer({"code": code, "message": message}, status)

    def dispatch(self, request: Request) -> Answer:
        """The answer, if the budget of its address allows one."""
        if request.path.startswith(("/v3/smtp/", "/v3/transactionalSMS/")):
            return super().dispatch(request)
        is_contacts = request.path.startswith("/v3/contacts")
        budget = self.contacts_budget if is_contacts else self.others_budget
        is_allowed = budget.take(1)
        reset = 1 if is_contacts else _HOUR // OTHERS_PER_HOUR
        headers = {
            "x-sib-ratelimit-limit": str(int(budget.capacity)),
            "x-sib-ratelimit-remaining": str(int(budget.level)),
            "x-sib-ratelimit-reset": str(reset),
        }
        if not is_allowed:
            words = {"code": "too_many_requests", "message": "The rate limit is exceeded"}
            return json_answer(words, 429, headers)
        answer = super().dispatch(request)
        return Answer(answer.status, answer.body, {**answer.headers, **headers})

    def _contacts(self, request: Request) -> Answer:
        limit, offset = int(request.param("limit", "50")), int(request.param("offset", "0"))
        if not 0 < limit <= _LARGEST_PAGE or request.param("sort", "desc") not in {"asc", "desc"}:
            raise ValueError(limit)
        span = Span(since=_utc(request.param("modifiedSince")))
        page = range(offset, offset + limit)
        is_newest_first = request.param("sort", "desc") == "desc"
        found = self.store.made("contacts", span, page, newest_first=is_newest_first)
        count = self.store.count("contacts", span)
        return json_answer({"contacts": [shown(one) for one in found], "count": count})


def _utc(text: str) -> str:
    """A time with its zone as the store writes it; empty stays empty. Raises ValueError."""
    if not text:
        return ""
    moment = datetime.fromisoformat(text)
    if moment.utcoffset() is None:
        raise ValueError(text)
    return iso((moment - (moment.utcoffset() or moment - moment)).replace(tzinfo=None))
