"""What the doctor reads in the state database, without upgrading or changing it."""

from dataclasses import dataclass
from datetime import datetime

from orchestration.state import MIGRATIONS

# A person who objected, refused or withdrew after a tool last acknowledged them as present there.
# Names only source keys on our side: the tool's row is found by the person's id in the plan's
# request.
REFUSED = """
select min(entry.occurred_at) from consent_entries as entry
where entry.act in ('object', 'refuse', 'withdraw') and exists (
    select 1 from plan_rows as line
    join deliveries as sent
        on sent.customer_id = line.customer_id and sent.is_present
    where line.request_json like '%"' || entry.customer_key || '"%'
        and entry.channel in (sent.channel, 'all')
        and entry.known_at > sent.acknowledged_at
)
"""


VERIFIED = """
select verified_at, tree_size, finding from ledger_verifications
order by verification_id desc limit 1
"""


@dataclass(frozen=True)
class StateView:
    """revision: of the database, None when it does not exist yet; head: of this version.

    verified: when the consent ledger was last verified, how many leaves, the first finding.
    """

    revision: str | None
    head: str | None
    oldest_withdrawal: datetime | None
    verified: tuple[str, int, str | None] | None = None


def read_state(url: str) -> StateView:
    """Look at the database of this URL as it is."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from sqlalchemy import create_engine, inspect, text

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    head = ScriptDirectory.from_config(config).get_current_head()
    engine = create_engine(url)
    try:
        with engine.connect() as con:
            tables = set(inspect(con).get_table_names())
            if "alembic_version" not in tables:
                return StateView(None, head, None)
            revision = con.execute(text("select version_num from alembic_version")).scalar()
            refused = con.execute(text(REFUSED)).scalar() if "deliveries" in tables else None
            row = con.execute(text(VERIFIED)).first() if "ledger_verifications" in tables else None
    finally:
        engine.dispose()
    verified = (str(row[0])[:16], row[1], row[2]) if row else None
    return StateView(revision, head, refused, verified)
