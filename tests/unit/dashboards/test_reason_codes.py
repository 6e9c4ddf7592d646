from __future__ import annotations

import ast
from pathlib import Path

from contract.texts import Texts
from ingestion.reasons import CODES

ROOT = Path(__file__).parents[3]


def codes() -> set[str]:
    """The constants, and every code written into a Check."""
    tree = ast.parse((ROOT / "ingestion/row_checks.py").read_text(encoding="utf-8"))
    checks = [
        call.args[1]
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Check"
    ]
    written = {str(code.value) for code in checks if isinstance(code, ast.Constant)}
    return written | set(CODES)


def test_every_reason_for_setting_a_row_aside_has_words_in_both_languages() -> None:
    texts = Texts.load(ROOT / "dashboards/pages/quality.texts.yml")
    assert len(codes()) >= 8
    assert {code for code in codes() if f"name_{code}" not in texts.sentences} == set()
