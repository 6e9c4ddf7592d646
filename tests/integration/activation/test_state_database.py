import stat
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import delete, insert, text
from sqlalchemy.exc import DBAPIError

from activation.tables import metadata as activation_metadata
from governance.erasure.tables import metadata as erasure_metadata
from governance.preferences.tables import metadata as preferences_metadata
from governance.tables import consent_entries
from governance.tables import metadata as governance_metadata
from orchestration.state import open_state


def test_the_migrated_schema_equals_the_tables_in_the_code(tmp_path: Path) -> None:
    engine = open_state(f"sqlite:///{tmp_path}/state.db")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        wanted = [
            governance_metadata,
            activation_metadata,
            preferences_metadata,
            erasure_metadata,
        ]
        differences = compare_metadata(context, wanted)  # type: ignore[arg-type]
    assert differences == []


def test_opening_twice_is_harmless_and_the_file_is_private(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/state/state.db"
    open_state(url).dispose()
    with open_state(url).connect() as connection:
        assert connection.execute(text("pragma journal_mode")).scalar() == "wal"
        assert connection.execute(text("pragma foreign_keys")).scalar() == 1
    assert stat.S_IMODE((tmp_path / "state/state.db").stat().st_mode) == 0o600


def test_consent_entries_can_only_be_appended(tmp_path: Path) -> None:
    engine = open_state(f"sqlite:///{tmp_path}/state.db")
    entry = {
        "entry_id": "e_1", "channel": "post", "purpose": "marketing", "act": "object",
        "source": "letters", "source_key": "1", "occurred_at": _at("2018-01-01"),
        "known_at": _at("2018-01-01"), "recorded_at": _at("2018-01-01"),
    }  # fmt: skip
    with engine.begin() as connection:
        connection.execute(insert(consent_entries), entry)
    for statement in (delete(consent_entries), consent_entries.update().values(act="grant")):
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(statement)


def _at(day: str):  # type: ignore[no-untyped-def]
    from datetime import datetime

    return datetime.fromisoformat(day)
