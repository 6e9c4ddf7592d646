"""No e-mail leaves without its person's links: the last look at the rows before they are sent."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from activation.destination import ContactRow, OutgoingRow
from activation.payloads import LINKS


def without_links(channel: str, rows: Sequence[OutgoingRow]) -> list[ContactRow]:
    """The rows of an e-mail delivery that lack a link; removals need none."""
    if channel != "email":
        return []
    contacts = [row for row in rows if isinstance(row, ContactRow)]
    return [row for row in contacts if not all(_leads(row.payload.get(name)) for name in LINKS)]


def _leads(link: object) -> bool:
    parts = urlsplit(link) if isinstance(link, str) else None
    return (
        parts is not None
        and parts.scheme in ("http", "https")
        and bool(parts.hostname)
        and bool(parts.path.rpartition("/")[2])
    )
