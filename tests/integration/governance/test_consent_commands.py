"""`habitue consent …` on a home of its own: no warehouse, no run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from governance.ledger import append
from governance.tables import consent_entries
from orchestration.cli.consent import consent
from orchestration.house import open_state
from orchestration.settings import load_settings
from tests.fixtures.ledgers import NOW, said


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HABITUE_HOME", str(tmp_path))
    with open_state(load_settings()) as engine:
        append(engine, [said(number) for number in range(1, 9)], now=NOW)
    return tmp_path


def ask(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(consent, list(words))
    return done.exit_code, done.output


def test_a_ledger_is_verified_proven_and_shown(home: Path) -> None:
    assert ask("verify")[0] == 0
    assert ask("checkpoint", "--out", str(home / "kept.json"))[0] == 0
    with open_state(load_settings()) as engine:
        append(engine, [said(9)], now=NOW)
    code, told = ask("verify", "--quick", "--kept", str(home / "kept.json"))
    assert (code, "9 leaves as signed, read from 8 on" in told) == (0, True)
    assert ask("proof", said(3).entry_id, "--out", str(home / "proof.json"))[0] == 0
    assert json.loads((home / "proof.json").read_text())["checkpoint"]["tree_size"] == 9
    assert ask("extension", "8", "--out", str(home / "extension.json"))[0] == 0
    assert "checkout" in ask("show", said(3).entry_id)[1]


def test_a_changed_ledger_ends_with_code_1_and_what_to_do(home: Path) -> None:
    ask("checkpoint", "--out", str(home / "kept.json"))
    with open_state(load_settings()) as engine, engine.begin() as connection:
        connection.exec_driver_sql("drop trigger consent_entries_no_update")
        changed = consent_entries.update().where(consent_entries.c.sequence == 5)
        connection.execute(changed.values(channel="sms"))
    code, told = ask("verify", "--kept", str(home / "kept.json"))
    assert code == 1
    assert "entry 5: edited" in told
    assert "docs/runbook.md" in told
    assert ask("begin-again", "--by", "Anne", "--because", "a test")[0] == 0
    assert ask("verify")[0] == 0
    code, told = ask("verify", "--kept", str(home / "kept.json"))
    assert (code, "no longer begins with the 8 leaves" in told) == (1, True)
