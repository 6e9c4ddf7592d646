import copy
import dataclasses
import pickle
from collections.abc import Sequence
from datetime import datetime

import pytest

from contract.gate import Allowed, ContactRequest, Denied, Gate, Permit, RecordKey, Refusal

NOW = datetime.fromisoformat("2018-01-01")
ASKED = ContactRequest("c_1", "post", "marketing", "buyer", "FR", True, (RecordKey("till", "1"),))


class OpenGate(Gate):
    def judge(self, batch: Sequence[ContactRequest], now: datetime) -> list[Permit | Refusal]:
        return [Permit("legitimate_interest") for _ in batch]


class BrokenGate(Gate):
    def judge(self, batch: Sequence[ContactRequest], now: datetime) -> list[Permit | Refusal]:
        raise OSError("disk gone")


class ShortGate(Gate):
    def judge(self, batch: Sequence[ContactRequest], now: datetime) -> list[Permit | Refusal]:
        return [Permit("consent")]


def test_a_gate_makes_allowed() -> None:
    [decision] = OpenGate().decide([ASKED], NOW)
    assert isinstance(decision, Allowed)
    assert (decision.basis, decision.decided_at) == ("legitimate_interest", NOW)


def test_nobody_else_can_make_allowed() -> None:
    with pytest.raises(TypeError, match="made by a Gate only"):
        Allowed(ASKED, Permit("consent"), NOW, object())  # type: ignore[arg-type]


def test_allowed_cannot_be_changed_copied_stored_or_extended() -> None:
    [decision] = OpenGate().decide([ASKED], NOW)
    with pytest.raises(TypeError, match="cannot be changed"):
        decision._request = dataclasses.replace(ASKED, customer_id="c_2")
    for trick in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="cannot be copied"):
            trick(decision)
    with pytest.raises(TypeError, match="cannot be extended"):
        type("Forged", (Allowed,), {})


def test_an_error_denies_everybody() -> None:
    decisions = BrokenGate().decide([ASKED, ASKED], NOW)
    assert [type(decision) for decision in decisions] == [Denied, Denied]
    assert isinstance(decisions[0], Denied)
    assert decisions[0].reason == "ledger_error"


def test_a_missing_judgement_denies_everybody() -> None:
    assert all(isinstance(one, Denied) for one in ShortGate().decide([ASKED, ASKED], NOW))
