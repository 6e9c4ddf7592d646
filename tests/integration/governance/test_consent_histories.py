"""Random histories of consent: nothing leaves for anybody whom the rules in words forbid."""

from __future__ import annotations

import os
from typing import Any

import pyarrow.compute as pc
import pytest

from demo.bench.consent_histories import run
from governance.entry_table import read_entries

SEED = 20260811
FEW, MANY = 150, 100_000


def test_a_short_history_leaks_nobody_and_denies_nobody_wrongly() -> None:
    found = run(FEW, SEED)
    assert (found.leaks, found.missed) == ([], []), str(found)
    assert found.contacts > 0
    assert sum(found.steps.values()) >= FEW


def test_a_gate_that_overlooks_one_kind_of_refusal_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def without_objections(*asked: Any) -> Any:
        entries = read_entries(*asked)
        return entries.filter(pc.not_equal(entries["act"], "object"))

    monkeypatch.setattr("governance.gate.read_entries", without_objections)
    assert run(FEW, SEED).leaks != []


def test_lives_in_two_processes_are_the_lives_of_one() -> None:
    alone, together = run(40, SEED), run(40, SEED, processes=2)
    assert together.steps.total() > alone.steps.total()  # the second life is lived as well
    assert alone.steps <= together.steps
    assert (together.leaks, together.missed) == ([], [])


@pytest.mark.slow
def test_a_hundred_thousand_steps_leak_nobody(record_property: Any) -> None:
    found = run(MANY, SEED, processes=os.cpu_count() or 1)
    record_property("found", str(found))
    assert (found.leaks, found.missed) == ([], []), str(found)
