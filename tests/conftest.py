"""One small company, built once per session by the real command; copies of it are cheap."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from tests.fixtures import poison_table
from tests.fixtures.command import CUT, Watched, run_demo, watch


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="rewrite the golden files")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What became of the poison corpus, where it was tried."""
    for line in poison_table.lines(poison_table.counted(terminalreporter.stats)):
        terminalreporter.write_line(line)


@pytest.fixture(autouse=True)
def _own_environment() -> Generator[None, None, None]:
    """A command run in a test's process prepares it for one home; the next test has its own."""
    variables, folder = dict(os.environ), tempfile.tempdir
    yield
    if dict(os.environ) != variables:
        os.environ.clear()
        os.environ.update(variables)
    tempfile.tempdir = folder


SHARED = {"small_company", "before_december", "watched_run"}


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None, None, None]:
    """One process for all tests on the small company: it is built once, and watched undisturbed.

    The browser's tests are with them, because a browser leaves files in the home folder.
    """
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if fixtures & SHARED or item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.xdist_group("company"))
    yield
    # xdist 3.8 writes the group into _nodeid, where pytest from 9.2 on does not look any more.
    for item in items:
        named = getattr(item, "_nodeid", item.nodeid)
        if named != item.nodeid:
            item._id = type(item._id).parse(named)


@pytest.fixture(scope="session")
def _stages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path | Watched]:
    """The company up to November, then with December: two runs, the first one watched."""
    home = tmp_path_factory.mktemp("company") / "var"
    watched = watch(home, "demo", "real", *CUT, "--until", "2017-11")
    before = home.with_name("before_december")
    shutil.copytree(home, before, symlinks=True)
    run_demo(home)
    return {"whole": home, "before": before, "watched": watched}


@pytest.fixture(scope="session")
def small_company(_stages: dict[str, Path]) -> Path:
    """Home of 200 households over the last six months of 2017. Read it; never change it."""
    return _stages["whole"]


@pytest.fixture(scope="session")
def before_december(_stages: dict[str, Path]) -> Path:
    """The same company one delivery earlier. Read it; never change it."""
    return _stages["before"]


@pytest.fixture(scope="session")
def watched_run(_stages: dict[str, Watched]) -> Watched:
    """What the first run of the small company did outside its home, and on the network."""
    return _stages["watched"]


@pytest.fixture
def copy_of(tmp_path: Path) -> Callable[[Path], Path]:
    """A copy of a home that a test may change."""

    def copy(home: Path) -> Path:
        target = tmp_path / "copy" / "var"
        shutil.copytree(home, target, symlinks=True)
        return target

    return copy
