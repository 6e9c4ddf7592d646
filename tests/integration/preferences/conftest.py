from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures import preference_centre


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[preference_centre.Desk]:
    with preference_centre.desk(tmp_path) as opened:
        yield opened
