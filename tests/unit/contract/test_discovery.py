import sys
from pathlib import Path

import pytest

from contract.discovery import discover
from contract.errors import ConfigError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    package = tmp_path / f"pages_of_{tmp_path.name}"
    package.mkdir()
    (package / "__init__.py").touch()
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    return package


def test_every_module_is_found_by_its_name(folder: Path) -> None:
    (folder / "b.py").write_text("PAGE = 'bee'")
    (folder / "a.py").write_text("PAGE = 'ay'")
    assert discover(folder.name, "PAGE") == {"a": "ay", "b": "bee"}


def test_a_module_without_the_name_is_refused(folder: Path) -> None:
    (folder / "a.py").write_text("PGAE = 'ay'")
    with pytest.raises(ConfigError, match=r"a\.py: does not define PAGE"):
        discover(folder.name, "PAGE")
