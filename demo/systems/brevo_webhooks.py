"""The log of the e-mail tool's webhooks: JSON lines as its servers post them, files only added.

Names and values are the vendor's (developers.brevo.com/docs/transactional-webhooks): event is
request, delivered, opened, proxy_open (a machine opened), click, soft_bounce, hard_bounce, spam or
unsubscribed; ts_event counts seconds UTC, ts_epoch milliseconds, date is the account's local time.
message-id is ours for the message, tag the campaign, contact_id the contact, 0 when there is none
(a declaration says nulls: ["0"]). Two events of one kind and message never share a ts_epoch. A
click by a machine shows in user_agent, which then begins with "LinkScanner/". A webhook that got no
answer is posted again: the same line twice. Text messages have a log of their own, sms-webhooks-…,
with msg_status and messageId.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import duckdb

from contract.sql import literal
from demo.systems.files import Delivery, FileSystem, ParquetRows
from demo.systems.text_files import Lines, Rows, json_lines

EMAIL_EVENTS = {
    "sent": "request",
    "delivered": "delivered",
    "opened": "opened",
    "clicked": "click",
    "soft_bounced": "soft_bounce",
    "hard_bounced": "hard_bounce",
    "complained": "spam",
    "unsubscribed": "unsubscribed",
}
SMS_EVENTS = {
    "sent": "sent",
    "delivered": "delivered",
    "opened": "opened",
    "clicked": "clicked",
    "soft_bounced": "soft_bounce",
    "hard_bounced": "hard_bounce",
    "complained": "blacklisted",
    "unsubscribed": "unsubscribe",
}

_EMAIL = """{{
    'event': case when event_type = 'opened' and is_machine then 'proxy_open'
        else case event_type {names} end end,
    'email': address, 'id': 41877, 'date': strftime(paris(occurred_at), '%Y-%m-%d %H:%M:%S'),
    'ts': epoch_ms(occurred_at) // 1000, 'message-id': message_key,
    'ts_event': epoch_ms(occurred_at) // 1000, 'ts_epoch': posted_ms,
    'subject': 'Des nouvelles de votre magasin', 'tag': campaign_key,
    'tags': [campaign_key], 'sending_ip': '192.0.2.44', 'template_id': 12,
    'contact_id': coalesce(customer_key, '0'), 'link': link_url,
    'reason': case event_type when 'hard_bounced' then '550 5.1.1 user unknown'
        when 'soft_bounced' then '452 4.2.2 mailbox full' end,
    'user_agent': case when event_type = 'clicked' and is_machine then 'LinkScanner/2.1'
        when event_type in ('opened', 'clicked') then 'Mozilla/5.0' end
}}"""
_SMS = """{{
    'id': 41878, 'to': address, 'sender': 'MAGASIN',
    'msg_status': case event_type {names} end, 'messageId': message_key,
    'date': strftime(paris(occurred_at), '%Y-%m-%d %H:%M:%S'),
    'ts_event': epoch_ms(occurred_at) // 1000, 'ts_epoch': posted_ms,
    'tag': campaign_key, 'contact_id': coalesce(customer_key, '0'), 'link': link_url,
    'description': '', 'reference': {{'1': message_key}}
}}"""
# Milliseconds are kept, and made different within a message and kind of event.
_EVENTS = """
create or replace temp table events as
select *, epoch_ms(occurred_at) - 1 + row_number() over (
    partition by message_key, event_type, is_machine, epoch_ms(occurred_at)
    order by message_event_key) as posted_ms
from message_events
"""


class BrevoWebhooks(FileSystem):
    """What the e-mail tool told about its messages."""

    system, folder = "brevo", "brevo"
    entities = ("message_events",)

    def files(
        self, con: duckdb.DuckDBPyConnection, delivery: Delivery
    ) -> Iterator[Lines | ParquetRows]:
        """The log of e-mails and the one of text messages."""
        con.execute(_EVENTS)
        key, at = "message_event_key", "occurred_at"
        emails = Rows("message_events", key, at, "channel <> 'sms'", "events")
        texts = Rows("message_events", key, at, "channel = 'sms'", "events")
        name = f"webhooks-{delivery.stem}.jsonl"
        yield self.spoiled(json_lines(name, emails, _EMAIL.format(names=_cases(EMAIL_EVENTS))))
        yield self.spoiled(json_lines(f"sms-{name}", texts, _SMS.format(names=_cases(SMS_EVENTS))))


def _cases(events: Mapping[str, str]) -> str:
    return " ".join(f"when {literal(our)} then {literal(name)}" for our, name in events.items())
