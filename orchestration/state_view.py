"""What the doctor reads in the state database, without upgrading or changing it."""

from dataclasses import dataclass

from orchestration.state import MIGRATIONS

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
                return StateView(None, head)
            revision = con.execute(text("select version_num from alembic_version")).scalar()
            row = con.execute(text(VERIFIED)).first() if "ledger_verifications" in tables else None
    finally:
        engine.dispose()
    verified = (str(row[0])[:16], row[1], row[2]) if row else None
    return StateView(revision, head, verified)
