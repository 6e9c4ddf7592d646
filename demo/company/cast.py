"""Who plays in the story of one person and their word: people found where the demo left them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from contract.errors import ConfigError

if TYPE_CHECKING:
    from orchestration.settings import Settings

CONTACTED = """
select customer_id, channel, payload_json from deliveries
where is_present and is_contact order by customer_id, campaign
"""
# People of two records, neither a guest's: one decision splits them.
PAIRS = """
select customer_id, min(record_id), max(record_id)
from intermediate.int_identity__resolved
group by customer_id
having count(*) = 2 and bool_and(customer_key not like 'guest:%')
"""


@dataclass(frozen=True)
class Cast:
    """Customer ids, but for the two records: of somebody merged, somebody who has enough of
    e-mails (with the link of the last one), and somebody who wants to be forgotten.
    """

    merged: str
    record: str
    other_record: str
    withdrawing: str
    link: str
    forgotten: str


def find_cast(settings: Settings) -> Cast:
    """The first people who fit, or those of an earlier telling. Raises ConfigError for nobody."""
    told = settings.home / "demo" / "story.json"
    if told.exists():
        return Cast(**json.loads(told.read_text(encoding="utf-8"))["cast"])
    contacted, pairs = _contacted(settings), _pairs(settings)
    linked = dict(_links(contacted))
    withdrawing = _first("an e-mail with its link", sorted(linked))
    merged = _first("two records", sorted((set(contacted) & set(pairs)) - {withdrawing}))
    others = sorted(set(contacted) - {withdrawing, merged})
    return Cast(
        merged, *pairs[merged], withdrawing, linked[withdrawing], _first("a message", others)
    )


def keep_cast(settings: Settings, cast: Cast) -> None:
    """Remember them: the story is told once, and goes on with the same people after a kill."""
    told = settings.home / "demo" / "story.json"
    partial = told.with_suffix(".part")
    partial.write_text(json.dumps({"cast": asdict(cast)}), encoding="utf-8")
    partial.replace(told)


def _first(what: str, people: list[str]) -> str:
    if not people:
        raise ConfigError(f"Nobody of this company has {what}: tell the story on a larger one.")
    return people[0]


def _contacted(settings: Settings) -> dict[str, list[tuple[str, dict[str, Any]]]]:
    """Customer → (channel, payload) of what reached them and stands at its destination."""
    from sqlalchemy import text

    from orchestration.state import open_state

    engine = open_state(settings.state_url)
    found: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    with engine.connect() as connection:
        for who, channel, payload in connection.execute(text(CONTACTED)):
            found.setdefault(str(who), []).append((str(channel), json.loads(payload)))
    engine.dispose()
    return found


def _links(
    contacted: dict[str, list[tuple[str, dict[str, Any]]]],
) -> Iterator[tuple[str, str]]:
    for who, received in contacted.items():
        for channel, payload in received:
            if channel == "email" and payload.get("preferences_link"):
                yield who, str(payload["preferences_link"])


def _pairs(settings: Settings) -> dict[str, tuple[str, str]]:
    import duckdb

    with duckdb.connect(str(settings.warehouse), read_only=True) as con:
        return {who: (one, other) for who, one, other in con.execute(PAIRS).fetchall()}


def holder_of(settings: Settings, record_id: str) -> str:
    """The customer id of the person that a record belongs to now."""
    return str(_resolved(settings, "customer_id", "record_id", record_id)[0])


def is_held(settings: Settings, customer_id: str) -> bool:
    """Whether any record is this person's."""
    return bool(_resolved(settings, "record_id", "customer_id", customer_id))


def _resolved(settings: Settings, wanted: str, known: str, value: str) -> list[Any]:
    import duckdb

    query = f"select {wanted} from intermediate.int_identity__resolved where {known} = ?"
    with duckdb.connect(str(settings.warehouse), read_only=True) as con:
        return [row[0] for row in con.execute(query, [value]).fetchall()]
