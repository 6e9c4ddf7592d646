"""One PostgreSQL server for all tests of sources, one empty database for each."""

from collections.abc import Iterator

import pytest

from tests.fixtures import databases


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with databases.server() as url:
        yield url


@pytest.fixture
def database_url(postgres_server: str) -> Iterator[str]:
    with databases.database(postgres_server) as url:
        yield url
