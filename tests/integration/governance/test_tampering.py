"""Whatever is changed in a ledger without its key is found, and the first bad entry is named."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from governance.merkle.verify import Verification, verify
from tests.fixtures.ledgers import NOW, make_ledger, open_ledger
from tests.fixtures.tampered_ledger import Scene
from tests.integration.governance import tampered_entries, tampered_logs

COUNT, SEED = 500, 20260701
TAMPERINGS = [*tampered_entries.TAMPERINGS, *tampered_logs.TAMPERINGS]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ledger")
    make_ledger(folder)
    return folder


def verified(folder: Path, *, is_full: bool = True) -> Verification:
    engine = open_ledger(folder)
    try:
        return verify(engine, now=NOW, is_full=is_full)
    finally:
        engine.dispose()


def test_a_ledger_that_nobody_changed_is_well(whole: Path) -> None:
    for is_full in (True, False, False, True):
        assert verified(whole, is_full=is_full).findings == ()


def test_five_hundred_tamperings_are_all_found_and_the_first_bad_entry_named(
    whole: Path, tmp_path: Path
) -> None:
    missed = []
    for turn in range(COUNT):
        tamper = TAMPERINGS[turn % len(TAMPERINGS)]
        shutil.copytree(whole, tmp_path / "copy")
        with closing(sqlite3.connect(tmp_path / "copy" / "state.db")) as con, con:
            con.execute("pragma synchronous = off")
            expected = tamper(Scene(tmp_path / "copy", con, Random(SEED + turn)))  # noqa: S311
        found = verified(tmp_path / "copy")
        shutil.rmtree(tmp_path / "copy")
        if found.first is None or found.first.sequence != expected:
            missed.append((turn, tamper.__name__, expected, str(found.first)))
    listed = "\n".join(map(str, missed))
    assert not missed, f"seed {SEED}: {len(missed)} of {COUNT}\n{listed}"
