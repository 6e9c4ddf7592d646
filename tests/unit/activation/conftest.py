from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import StaticPool

from activation.tables import metadata as activation_metadata
from governance.tables import metadata as governance_metadata
from tests.fixtures import small_marts


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect()
    small_marts.build(con)
    yield con
    con.close()


@pytest.fixture
def engine() -> Engine:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    governance_metadata.create_all(engine)
    activation_metadata.create_all(engine)
    return engine


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "segments"
    folder.mkdir()
    return folder
