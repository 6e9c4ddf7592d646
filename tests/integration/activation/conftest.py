from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from activation.destination import DeliverySettings
from demo.tool import Running, serve
from orchestration.state import open_state
from tests.fixtures import small_marts
from tests.fixtures.small_company import SECRET, Company


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with serve(tmp_path, 0, SECRET) as running:
        yield running


@pytest.fixture
def company(tmp_path: Path, running: Running) -> Iterator[Company]:
    con = duckdb.connect()
    small_marts.build(con)
    engine = open_state(f"sqlite:///{tmp_path}/state/state.db")
    settings = DeliverySettings(
        exports_dir=tmp_path / "exports",
        columns=small_marts.columns(),
        webhook_url=running.url,
        webhook_secret=SECRET,
        is_loopback_allowed=True,
        retry_attempts=3,
        retry_wait_seconds=0.0,
        timeout_seconds=2.0,
    )
    yield Company(con, engine, tmp_path, settings)
    engine.dispose()
    con.close()
