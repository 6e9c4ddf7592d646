"""What may be done to leaves, checkpoints, file and keys; each says the first bad number."""

from __future__ import annotations

import json

from governance.merkle.checkpoint import Signer
from tests.fixtures.tampered_ledger import ERASED, ERASURE, Scene, lines_of


def edit_a_commitment(scene: Scene) -> int:
    number = scene.random.randrange(max(scene.sizes()))
    scene.con.execute(
        "update ledger_leaves set commitment = ? where sequence = ?",
        [scene.random.choice(["", "00" * 32, "no hex"]), number],
    )
    return number


def cut_the_end(scene: Scene) -> int:
    number = scene.random.randrange(1, max(scene.sizes()))
    for table in ("consent_entries", "ledger_leaves", "ledger_erased"):
        scene.con.execute(f"delete from {table} where sequence >= {number}")
    return min(number, *ERASED) if number <= ERASURE else number


def cut_the_end_with_its_checkpoints(scene: Scene) -> int:
    size = scene.random.choice([one for one in scene.sizes() if one > ERASURE][:-1])
    for table in ("consent_entries", "ledger_leaves"):
        scene.con.execute(f"delete from {table} where sequence >= {size}")
    scene.con.execute("delete from ledger_checkpoints where tree_size > ?", [size])
    return size


def rewrite_an_entry_with_its_leaf(scene: Scene) -> int:
    number = scene.living()
    scene.commit_again(number, "act", "claim")
    return number


def rewrite_an_entry_everywhere(scene: Scene) -> int:
    number = rewrite_an_entry_with_its_leaf(scene)
    scene.file_again()
    return scene.before(number)


def rewrite_and_sign_with_another_key(scene: Scene) -> int:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    rewrite_an_entry_with_its_leaf(scene)
    scene.file_again(Signer(Ed25519PrivateKey.generate()))
    return 0


def edit_a_checkpoint(scene: Scene) -> int:
    size = scene.random.choice(scene.sizes())
    column = scene.random.choice(["previous_size", "root", "signed_at", "key_id", "signature"])
    scene.con.execute(
        f"update ledger_checkpoints set {column} = ? where tree_size = ?",
        [7 if column == "previous_size" else "00" * 8, size],
    )
    return max([one for one in scene.sizes() if one < size], default=0)


def remove_a_checkpoint(scene: Scene) -> int:
    size = scene.random.choice(scene.sizes()[1:])
    before = max(one for one in scene.sizes() if one < size)
    scene.con.execute("delete from ledger_checkpoints where tree_size = ?", [size])
    if scene.random.random() < 0.5:
        scene.file_again()
    return before


def remove_every_checkpoint(scene: Scene) -> int:
    scene.con.execute("delete from ledger_checkpoints")
    if scene.random.random() < 0.5:
        scene.log.unlink()
    return 0


def move_a_checkpoint(scene: Scene) -> int:
    """To a size at which nothing was signed."""
    size = scene.random.choice([6, 9, 18, 27])
    before = max(one for one in scene.sizes() if one < size)
    scene.con.execute(
        "update ledger_checkpoints set tree_size = ? where tree_size = ?", [size - 1, size]
    )
    return before


def edit_the_log_file(scene: Scene) -> int:
    """One character of one leaf."""
    text = bytearray(scene.log.read_bytes())
    lines = lines_of(scene)
    at = scene.random.choice([one for one in lines if one[2] is not None])
    place = at[0] + scene.random.randrange(64)
    text[place] = ord("0") if text[place] != ord("0") else ord("1")
    scene.log.write_bytes(text)
    assert at[2] is not None
    return at[2]


def cut_the_log_file(scene: Scene) -> int:
    """Before the last batch: a file that ends inside it is what a kill leaves."""
    size = scene.random.choice(scene.sizes()[1:-1])
    lines = lines_of(scene)
    start = next(begin for begin, _, number in lines if number == size - 1)
    scene.log.write_bytes(scene.log.read_bytes()[:start])
    return size - 1


def swap_lines_of_the_log_file(scene: Scene) -> int:
    leaves = [one for one in lines_of(scene) if one[2] is not None]
    one, other = sorted(scene.random.sample(leaves, 2))
    text = bytearray(scene.log.read_bytes())
    text[one[0] : one[1]], text[other[0] : other[1]] = (
        text[other[0] : other[1]], text[one[0] : one[1]],
    )  # fmt: skip
    scene.log.write_bytes(text)
    assert one[2] is not None
    return one[2]


def add_to_the_log_file(scene: Scene) -> int:
    line = json.dumps({"tree_size": 99}) if scene.random.random() < 0.5 else "00" * 32
    with scene.log.open("a") as file:
        file.write(f"{line}\n")
    return max(scene.sizes())


def remove_the_log_file(scene: Scene) -> int:
    scene.log.unlink()
    return 0


def mark_a_living_entry_as_erased(scene: Scene) -> int:
    number = scene.living()
    scene.con.execute("insert into ledger_erased values (?)", [number])
    return number


def remove_the_mark_of_an_erasure(scene: Scene) -> int:
    number = scene.random.choice(ERASED)
    scene.con.execute("delete from ledger_erased where sequence = ?", [number])
    return number


def remove_an_erasure(scene: Scene) -> int:
    scene.con.execute("delete from consent_entries where sequence = ?", [ERASURE])
    return min(ERASED)  # from here on nothing says why entries are missing


def put_another_public_key(scene: Scene) -> int:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    pem = Signer(Ed25519PrivateKey.generate()).public.pem
    (scene.folder / "ledger" / "public_key.pem").write_text(pem)
    return 0


def remove_the_signing_key(scene: Scene) -> int:
    (scene.folder / "ledger" / "signing_key.pem").unlink()
    return max(scene.sizes())


TAMPERINGS = [
    edit_a_commitment,
    cut_the_end,
    cut_the_end_with_its_checkpoints,
    rewrite_an_entry_with_its_leaf,
    rewrite_an_entry_everywhere,
    rewrite_and_sign_with_another_key,
    edit_a_checkpoint,
    remove_a_checkpoint,
    remove_every_checkpoint,
    move_a_checkpoint,
    edit_the_log_file,
    cut_the_log_file,
    swap_lines_of_the_log_file,
    add_to_the_log_file,
    remove_the_log_file,
    mark_a_living_entry_as_erased,
    remove_the_mark_of_an_erasure,
    remove_an_erasure,
    put_another_public_key,
    remove_the_signing_key,
]
