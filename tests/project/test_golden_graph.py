"""The asset graph is what it was; `make golden` rewrites it, and the change is read in review."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixtures.command import ROOT, environment

GOLDEN = ROOT / "tests" / "golden" / "asset_graph.txt"
RENDER = """
import sys
from pathlib import Path
from orchestration.environment import prepare
from orchestration.settings import load_settings
settings = load_settings()
prepare(settings)
from orchestration.definitions import build_defs
from orchestration.graph import render
sys.stdout.write(render(build_defs(settings)))
"""


def test_the_asset_graph_is_the_one_that_was_reviewed(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RENDER],
        cwd=ROOT,
        env=environment(tmp_path, {"HABITUE_AS_OF": "2018-01-01"}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    if request.config.getoption("--golden"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(done.stdout)
    assert done.stdout.splitlines() == GOLDEN.read_text().splitlines()
