"""Somebody who got an e-mail opens their own link and stops everything, page by page over HTTP."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestration.settings import Settings

_SECONDS = 60


@dataclass(frozen=True)
class Receiver:
    """Somebody whom a tool or a list holds for e-mails, and the links that their row carries."""

    customer_id: str
    campaign: str
    preferences_link: str
    unsubscribe_link: str


def receivers(settings: Settings) -> list[Receiver]:
    """Everybody who is in the e-mail exports now, by campaign and person."""
    from sqlalchemy import select

    from activation.tables import deliveries
    from orchestration.house import open_state

    columns = deliveries.c
    statement = (
        select(columns.customer_id, columns.campaign, columns.payload_json)
        .where(columns.channel == "email", columns.is_present.is_(True))
        .order_by(columns.campaign, columns.customer_id)
    )
    with open_state(settings) as engine, engine.connect() as connection:
        found = [(*row[:2], json.loads(row[2])) for row in connection.execute(statement)]
    return [
        Receiver(person, campaign, row["preferences_link"], row["unsubscribe_link"])
        for person, campaign, row in found
        if "preferences_link" in row
    ]


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """`habitue preferences serve` as a process of its own, on a free port; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "orchestration.cli.main", "preferences", "serve"]
    process = subprocess.Popen(  # noqa: S603 - our own command
        [*command, "--port", str(port)],
        env=os.environ | {"HABITUE_HOME": str(settings.home)},
        stdout=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(_SECONDS)


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    import httpx

    until = time.monotonic() + _SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(f"{address}/healthz").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError("habitue preferences serve did not start: run it by hand to see why")


def withdraw_through_pages(settings: Settings, link: str) -> None:
    """Open somebody's preferences_link and press "stop everything", as a browser would.

    Raises RuntimeError when the pages do not say that everything is stopped.
    """
    import httpx

    from governance.preferences.choices import TEXTS

    token = link.rpartition("/")[2]
    with serving(settings) as address, httpx.Client(base_url=address) as browser:
        page = browser.get(f"/p/{token}", params={"lang": "en"})
        if not page.is_success or TEXTS("stop_button", "en") not in page.text:
            raise RuntimeError(f"the link does not open the preferences: {page.status_code}")
        done = browser.post(f"/u/{token}", params={"lang": "en"}, data={"stop": "all"})
        if not done.is_success or TEXTS("stopped_all_title", "en") not in done.text:
            raise RuntimeError(f"the pages did not stop everything: {done.status_code}")
