"""A make-believe warehouse, its documents, and the stamp of a publication."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "fixtures"))

import published

from governance.publishing.build import Stamp
from governance.publishing.documents import TableDocument, load_documents


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    published.build_warehouse(folder / "habitue.duckdb")
    published.write_mart_documents(folder / "habitue.duckdb", folder / "marts")
    return folder


@pytest.fixture
def warehouse(built: Path, tmp_path: Path) -> Path:
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    return tmp_path / "habitue.duckdb"


@pytest.fixture(scope="session")
def documents(built: Path) -> dict[str, TableDocument]:
    return load_documents(built / "marts")


@pytest.fixture
def stamp() -> Callable[[str], Stamp]:
    def make(run_id: str) -> Stamp:
        return Stamp(run_id, datetime(2018, 1, 1, 7), "0.1.0", b"k" * 32)  # noqa: DTZ001

    return make
