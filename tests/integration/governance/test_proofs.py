"""Proofs that leave the house: checked by the stand-alone script in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from sqlalchemy import select

from contract.errors import ConfigError
from governance.ledger import append
from governance.merkle.check_proof import check
from governance.merkle.checkpoint import Checkpoint
from governance.merkle.proof import extends, prove_entry, prove_extension
from governance.tables import consent_entries, ledger_checkpoints
from tests.fixtures.ledgers import NOW, make_ledger, open_ledger, said

SCRIPT = Path(__file__).parents[3] / "governance" / "merkle" / "check_proof.py"
SEED = 7


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    folder = tmp_path_factory.mktemp("ledger")
    make_ledger(folder)
    engine = open_ledger(folder)
    yield folder, engine
    engine.dispose()


def proofs(engine) -> list[dict[str, Any]]:  # type: ignore[no-untyped-def]
    with engine.connect() as connection:
        entries = connection.scalars(select(consent_entries.c.entry_id)).all()
        sizes = connection.scalars(select(ledger_checkpoints.c.tree_size)).all()
        return [
            *(prove_entry(connection, one) for one in entries),
            *(prove_extension(connection, size) for size in sizes if 0 < size < max(sizes)),
        ]


def test_every_entry_and_every_checkpoint_is_proven(ledger) -> None:  # type: ignore[no-untyped-def]
    folder, engine = ledger
    key = load_pem_public_key((folder / "ledger" / "public_key.pem").read_bytes())
    found = proofs(engine)
    assert len(found) == 25 + 7
    for proof in found:
        check(proof, key)


def test_the_script_needs_nothing_of_the_project(ledger, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    folder, engine = ledger
    lines = SCRIPT.read_text().splitlines()
    assert len(lines) <= 60
    assert not [line for line in lines if "import" in line and "governance" in line]
    proof = proofs(engine)[7]
    forged = {**proof, "record": proof["record"].replace("withdraw", "grant")}
    forged["salt"] = "00" * 16
    for name, content, code in (("true", proof, 0), ("forged", forged, 1)):
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
        done = subprocess.run(
            [sys.executable, "-I", "-O", str(SCRIPT), f"{name}.json",
             str(folder / "ledger" / "public_key.pem")],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stderr
    assert "NOT proven" in done.stderr


def test_no_forged_proof_is_accepted(ledger) -> None:  # type: ignore[no-untyped-def]
    folder, engine = ledger
    key = load_pem_public_key((folder / "ledger" / "public_key.pem").read_bytes())
    found, random = proofs(engine), Random(SEED)  # noqa: S311
    for turn in range(500):
        proof = json.loads(json.dumps(random.choice(found)))
        _forge(proof, found, random)
        with pytest.raises((ValueError, InvalidSignature)):
            pytest.fail(f"seed {SEED}, turn {turn}: {check(proof, key)}")


def _forge(proof: dict[str, Any], others: list[dict[str, Any]], random: Random) -> None:
    """Change one thing."""
    head = proof[random.choice(["old", "checkpoint"]) if "old" in proof else "checkpoint"]
    ways = ["path", "longer", "head", *(["record", "salt", "number"] if "salt" in proof else [])]
    way = random.choice(ways)
    if way == "path" and proof["path"]:
        proof["path"][random.randrange(len(proof["path"]))] = "ab" * 32
    elif way in ("path", "longer"):
        proof["path"].append("cd" * 32)
    elif way == "head":
        name = random.choice(["tree_size", "previous_size", "root", "signed_at", "signature"])
        head[name] = 3 if name == "tree_size" else f"{head[name]}"[::-1] + "0"
    elif way == "record":
        proof["record"] = proof["record"].replace('"marketing"', '"profiling"').replace(
            '"all"', '"email"')  # fmt: skip
    elif way == "salt":
        proof["salt"] = "ef" * 16
    else:
        number = json.loads(proof["record"])["sequence"]
        wrong = random.choice([one for one in range(-1, 30) if one != number])
        proof["record"] = proof["record"].replace(f'"sequence": {number}', f'"sequence": {wrong}')


def test_what_is_not_there_or_was_erased_cannot_be_proven(ledger) -> None:  # type: ignore[no-untyped-def]
    _, engine = ledger
    with engine.connect() as connection:
        for wanted in ("e_nobody", said(5).entry_id):
            with pytest.raises(ConfigError, match="may have been erased"):
                prove_entry(connection, wanted)
        with pytest.raises(ConfigError, match="No checkpoint over 5"):
            prove_extension(connection, 5)


def test_a_checkpoint_kept_elsewhere_shows_a_ledger_put_back(tmp_path: Path) -> None:
    make_ledger(tmp_path / "one")
    make_ledger(tmp_path / "other")
    with open_ledger(tmp_path / "one").connect() as connection:
        last = select(ledger_checkpoints).order_by(ledger_checkpoints.c.tree_size.desc())
        kept = Checkpoint(**connection.execute(last).mappings().first())  # type: ignore[arg-type]
        assert extends(connection, kept)
    append(open_ledger(tmp_path / "one"), [said(100)], now=NOW)
    with open_ledger(tmp_path / "one").connect() as connection:
        assert extends(connection, kept)
    with open_ledger(tmp_path / "other").connect() as connection:
        assert not extends(connection, kept)
