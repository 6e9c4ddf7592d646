"""The preference centre, wired: its links, whom they stand for, and the process that serves it.

It opens the state database only, so it goes on while a run holds the lock.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from orchestration.settings import Settings, read_pseudonym_key

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from starlette.applications import Starlette

    from governance.preferences.links import Links
    from governance.preferences.people import Person


def links_of(settings: Settings) -> Links:
    """What makes and reads the links of this company."""
    from governance.preferences.links import Links

    return Links(settings.preference_pages_url, read_pseudonym_key(settings))


def find_person(engine: Engine, customer_id: str) -> Person | None:
    """The records and addresses that the newest delivery to this id was decided on.

    An e-mail may be opened before its delivery is acknowledged: then those that it was planned
    with. What left the person at a parting since is told apart. None when nothing was ever planned
    for the id, or an erasure took it away.
    """
    from sqlalchemy import select

    from activation.tables import deliveries, plan_rows, plans
    from contract.gate import RecordKey
    from governance.departures import departed_of
    from governance.preferences.people import Person

    delivered = (
        select(deliveries.c.request_json)
        .where(deliveries.c.customer_id == customer_id)
        .order_by(deliveries.c.acknowledged_at.desc())
    )
    planned = (
        select(plan_rows.c.request_json)
        .join(plans, plans.c.plan_id == plan_rows.c.plan_id)
        .where(plan_rows.c.customer_id == customer_id)
        .order_by(plans.c.created_at.desc())
    )
    with engine.connect() as connection:
        found = connection.scalar(delivered.limit(1)) or connection.scalar(planned.limit(1))
        gone, gone_hashes = departed_of(connection, customer_id)
    if found is None:
        return None
    request = json.loads(found)
    records = [RecordKey(**record) for record in request["record_keys"]]
    hashes: list[str] = request["address_hashes"]
    return Person(
        customer_id,
        record_keys=tuple(one for one in records if one not in gone),
        address_hashes=tuple(one for one in hashes if one not in gone_hashes),
        departed_records=tuple(one for one in records if one in gone),
        departed_hashes=tuple(one for one in hashes if one in gone_hashes),
    )


def build_centre(settings: Settings, engine: Engine) -> Starlette:
    """The application over this company's state database."""
    from governance.preferences.app import build_app
    from governance.preferences.pages import Pages
    from governance.preferences.visits import Centre
    from orchestration.house import business_now

    return build_app(
        Centre(
            engine=engine,
            links=links_of(settings),
            find_person=partial(find_person, engine),
            pages=Pages(settings.company_name, settings.languages),
            now=partial(business_now, settings),
            is_behind_tls=urlsplit(settings.preference_pages_url).scheme == "https",
        )
    )


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve the pages until interrupted. Neither a request's address nor its link is logged."""
    import uvicorn

    from orchestration.house import log_to_file, open_state

    log_to_file(settings)
    with open_state(settings) as engine:
        uvicorn.run(
            build_centre(settings, engine),
            host=host,
            port=port,
            access_log=False,
            log_level="warning",
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=5,
            limit_concurrency=200,
        )
