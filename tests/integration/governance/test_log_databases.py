"""The log on PostgreSQL, and on a state database from before there was one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, delete, select, text
from sqlalchemy.exc import DBAPIError

from contract.gate import RecordKey
from governance.ledger import append, erase_about
from governance.merkle.keeper import Keeper, keep
from governance.merkle.proof import prove_entry
from governance.merkle.verify import verify
from governance.tables import consent_entries, ledger_checkpoints, ledger_erased, ledger_leaves
from orchestration.state import MIGRATIONS, open_state, upgrade
from tests.fixtures import databases
from tests.fixtures.ledgers import NOW, said


@pytest.fixture(scope="module")
def postgres_server() -> Iterator[str]:
    with databases.server() as url:
        yield url


@pytest.fixture
def postgres(postgres_server: str, tmp_path: Path) -> Iterator[Engine]:
    with databases.database(postgres_server) as url:
        engine = open_state(url.replace("postgresql://", "postgresql+psycopg://"))
        keep(engine, Keeper(tmp_path / "ledger"))
        yield engine
        engine.dispose()


def test_on_postgresql_the_log_is_the_same(postgres: Engine) -> None:
    append(postgres, [said(number) for number in range(1, 21)], now=NOW)
    append(postgres, [said(number) for number in range(15, 31)], now=NOW)
    assert erase_about(postgres, [RecordKey("shop", "k_5")], [], now=NOW) == 3
    assert verify(postgres, now=NOW).findings == ()
    append(postgres, [said(31)], now=NOW)
    found = verify(postgres, now=NOW, is_full=False)
    assert (found.since, found.tree_size, found.findings) == (31, 32, ())
    with postgres.connect() as connection:
        assert prove_entry(connection, said(30).entry_id)["path"]
    for statement in (
        delete(consent_entries).where(consent_entries.c.sequence == 1),
        consent_entries.update().values(act="grant"),
        delete(ledger_leaves),
        delete(ledger_checkpoints),
        delete(ledger_erased),
    ):
        with pytest.raises(DBAPIError, match="append-only"), postgres.begin() as connection:
            connection.execute(statement)


def test_on_postgresql_an_edit_is_found(postgres: Engine) -> None:
    append(postgres, [said(number) for number in range(1, 21)], now=NOW)
    with postgres.begin() as connection:
        connection.execute(text("alter table consent_entries disable trigger all"))
        connection.execute(text("update consent_entries set known_at = now() where sequence = 7"))
    first = verify(postgres, now=NOW).first
    assert first is not None
    assert first.sequence == 7


def test_entries_from_before_the_log_are_numbered_signed_and_kept(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/state.db")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")
        for number in range(12, 0, -1):  # the ledger's order is that in which it took them in
            connection.execute(
                text(
                    "insert into consent_entries (entry_id, channel, purpose, act, source,"
                    " source_key, occurred_at, known_at, recorded_at) values"
                    " (:id, 'post', 'marketing', 'object', 'letters', :id, :at, :at, :at)"
                ),
                {"id": f"e_{number}", "at": f"2026-01-{number:02} 06:00:00.000000"},
            )
    upgrade(engine)
    keep(engine, Keeper(tmp_path / "ledger"))
    assert verify(engine, now=NOW).findings == ()
    append(engine, [said(1)], now=NOW)
    assert verify(engine, now=NOW).findings == ()
    with engine.connect() as connection:
        numbered = connection.execute(
            select(consent_entries.c.entry_id).order_by(consent_entries.c.sequence)
        ).scalars()
        assert list(numbered) == [*(f"e_{number}" for number in range(1, 13)), said(1).entry_id]
