"""The make-believe company that the tests of this folder share."""

from collections.abc import Iterator

import pytest

from tests.fixtures.make_believe import MakeBelieve, living


@pytest.fixture(scope="session")
def make_believe() -> Iterator[MakeBelieve]:
    """150 people over four months, in every system. Read it; never change it."""
    with living() as company:
        yield company
