"""What somebody with the files of a home, and without its key, may do to a ledger.

Each act changes a copy of tests/fixtures/ledgers.py and says the number of the first bad entry.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from governance.merkle.checkpoint import Checkpoint, Signer
from governance.merkle.record import FIELDS, canonical, commitment, fresh_salts
from governance.merkle.tree import Frontier, leaf_hash

ERASURE, ERASED = 18, (4, 15)


@dataclass
class Scene:
    """A copied ledger that somebody changes."""

    folder: Path
    con: sqlite3.Connection
    random: Random

    @property
    def log(self) -> Path:
        return self.folder / "ledger" / "log.txt"

    def living(self) -> int:
        """The number of an entry that anybody wrote (not the erasure's own)."""
        numbers = self.con.execute(
            "select sequence from consent_entries where act <> 'erase' order by 1"
        ).fetchall()
        return int(self.random.choice(numbers)[0])

    def sizes(self) -> list[int]:
        return [size for (size,) in self.con.execute("select tree_size from ledger_checkpoints")]

    def before(self, number: int) -> int:
        """The size of the checkpoint before the one that first covers this entry."""
        return max(size for size in self.sizes() if size <= number)

    def set(self, number: int, column: str, value: object) -> None:
        self.con.execute(
            f"update consent_entries set {column} = ? where sequence = ?", [value, number]
        )

    def commit_again(self, number: int, column: str, value: object) -> None:
        """Edit an entry and its commitment, so that both agree."""
        self.set(number, column, value)
        [salt] = fresh_salts(1)
        self.set(number, "salt", salt)
        values = self.con.execute(
            f"select {', '.join(FIELDS)} from consent_entries where sequence = ?", [number]
        ).fetchone()
        self.con.execute(
            "update ledger_leaves set commitment = ? where sequence = ?",
            [commitment(salt, canonical(number, values)), number],
        )

    def file_again(self, signer: Signer | None = None) -> None:
        """Rewrite the log file from the tables; with a key, sign every checkpoint anew."""
        leaves = [leaf_hash(one) for (one,) in self.con.execute(
            "select commitment from ledger_leaves order by sequence")]  # fmt: skip
        lines, frontier = [], Frontier()
        rows = self.con.execute(
            "select tree_size, previous_size, root, signed_at, key_id, signature"
            " from ledger_checkpoints order by tree_size"
        ).fetchall()
        for row in rows:
            checkpoint = Checkpoint(*row)
            new = leaves[frontier.size : checkpoint.tree_size]
            frontier.push(new)
            if signer:
                values = {**vars(checkpoint), "root": frontier.root().hex(), "signature": ""}
                checkpoint = signer.sign(Checkpoint(**values))
                self.con.execute(
                    "update ledger_checkpoints set root = ?, key_id = ?, signature = ?"
                    " where tree_size = ?",
                    [checkpoint.root, checkpoint.key_id, checkpoint.signature,
                     checkpoint.tree_size],
                )  # fmt: skip
            lines += [*(leaf.hex() for leaf in new), checkpoint.line()]
        self.log.write_text("".join(f"{line}\n" for line in lines))


def edit_any_column(scene: Scene) -> int:
    number, column = scene.living(), scene.random.choice(FIELDS)
    old = scene.con.execute(
        f"select {column} from consent_entries where sequence = ?", [number]
    ).fetchone()[0]
    scene.set(number, column, f"{old or ''}x" if column != "act" else "claim")
    return number


def empty_any_column(scene: Scene) -> int:
    number = scene.living()
    column = scene.random.choice(["door", "wording_key", "proof", "salt"])
    scene.set(number, column, None)
    return number


def move_a_time(scene: Scene) -> int:
    number = scene.living()
    column = scene.random.choice(["occurred_at", "known_at", "recorded_at"])
    scene.set(number, column, f"2026-06-{scene.random.randint(10, 30)} 06:00:00.000000")
    return number


def edit_a_salt(scene: Scene) -> int:
    number = scene.living()
    scene.set(number, "salt", fresh_salts(1)[0])
    return number


def remove_an_entry(scene: Scene) -> int:
    number = scene.living()
    scene.con.execute("delete from consent_entries where sequence = ?", [number])
    return number


def remove_an_entry_marked_as_erased(scene: Scene) -> int:
    number = remove_an_entry(scene)
    scene.con.execute("insert into ledger_erased values (?)", [number])
    return number


def remove_an_entry_and_list_it_in_an_erasure(scene: Scene) -> int:
    number = remove_an_entry_marked_as_erased(scene)
    scene.set(ERASURE, "proof", f"4,15,{number}")
    return min(number, *ERASED)  # the edited erasure proves none of its removals any more


def remove_an_entry_and_add_an_erasure(scene: Scene) -> int:
    """The erasure is well formed and has its leaf; nobody signed it."""
    number = remove_an_entry_marked_as_erased(scene)
    size = max(scene.sizes())
    _insert(scene, size, act="erase", proof=str(number))
    return size


def remove_an_entry_and_its_leaf(scene: Scene) -> int:
    number = remove_an_entry(scene)
    scene.con.execute("delete from ledger_leaves where sequence = ?", [number])
    return number


def close_the_gap_of_a_removed_entry(scene: Scene) -> int:
    number = remove_an_entry_and_its_leaf(scene)
    for table in ("ledger_leaves", "consent_entries"):
        scene.con.execute(f"update {table} set sequence = -sequence where sequence > {number}")
        scene.con.execute(f"update {table} set sequence = -sequence - 1 where sequence < 0")
    # An erasure that has moved proves none of its removals any more.
    return min(number, *ERASED) if number < ERASURE else number


def swap_two_entries(scene: Scene) -> int:
    one, other = scene.living(), scene.living()
    while other == one:
        other = scene.living()
    for old, new in ((one, -7), (other, one), (-7, other)):
        scene.con.execute("update consent_entries set sequence = ? where sequence = ?", [new, old])
    if scene.random.random() < 0.5:
        _swap_leaves(scene, one, other)
    return min(one, other)


def swap_two_leaves(scene: Scene) -> int:
    one, other = sorted(scene.random.sample(range(max(scene.sizes())), 2))
    _swap_leaves(scene, one, other)
    return one


def _swap_leaves(scene: Scene, one: int, other: int) -> None:
    for old, new in ((one, -7), (other, one), (-7, other)):
        scene.con.execute("update ledger_leaves set sequence = ? where sequence = ?", [new, old])


def take_the_number_from_an_entry(scene: Scene) -> int:
    number = scene.living()
    scene.set(number, "sequence", None)
    return number


def insert_an_entry_without_a_leaf(scene: Scene) -> int:
    size = max(scene.sizes())
    _insert(scene, scene.random.choice([None, size, size + 5]), has_leaf=False)
    return size


def insert_an_entry_with_its_leaf(scene: Scene) -> int:
    size = max(scene.sizes())
    _insert(scene, size)
    return size


def write_an_erased_entry_again(scene: Scene) -> int:
    number = scene.random.choice(ERASED)
    _insert(scene, number, has_leaf=False)
    return number


def _insert(
    scene: Scene, number: int | None, *, act: str = "grant", proof: str = "scan", has_leaf: bool = True
) -> None:  # fmt: skip
    at = "2026-07-01 06:00:00.000000"
    values = ["e_forged", "k_1", "shop", None, "email", "marketing", act, "test", "forged",
              at, at, at, None, None, proof]  # fmt: skip
    [salt] = fresh_salts(1)
    marks = ", ".join("?" * (len(FIELDS) + 2))
    scene.con.execute(
        f"insert into consent_entries ({', '.join(FIELDS)}, sequence, salt) values ({marks})",
        [*values, number, salt],
    )
    if has_leaf and number is not None:
        leaf = commitment(salt, canonical(number, values))
        scene.con.execute("insert into ledger_leaves values (?, ?)", [number, leaf])


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
    lines = _lines(scene)
    at = scene.random.choice([one for one in lines if one[2] is not None])
    place = at[0] + scene.random.randrange(64)
    text[place] = ord("0") if text[place] != ord("0") else ord("1")
    scene.log.write_bytes(text)
    assert at[2] is not None
    return at[2]


def cut_the_log_file(scene: Scene) -> int:
    """Before the last batch: a file that ends inside it is what a kill leaves."""
    size = scene.random.choice(scene.sizes()[1:-1])
    lines = _lines(scene)
    start = next(begin for begin, _, number in lines if number == size - 1)
    scene.log.write_bytes(scene.log.read_bytes()[:start])
    return size - 1


def swap_lines_of_the_log_file(scene: Scene) -> int:
    leaves = [one for one in _lines(scene) if one[2] is not None]
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


def _lines(scene: Scene) -> list[tuple[int, int, int | None]]:
    """Where each line of the log file begins and ends; its number, None: a checkpoint."""
    found: list[tuple[int, int, int | None]] = []
    place = number = 0
    for line in scene.log.read_text().splitlines():
        is_leaf = not line.startswith("{")
        found.append((place, place + len(line), number if is_leaf else None))
        place, number = place + len(line) + 1, number + is_leaf
    return found


TAMPERINGS: list[Callable[[Scene], int]] = [
    edit_any_column, edit_any_column, edit_any_column, empty_any_column, move_a_time, edit_a_salt,
    remove_an_entry, remove_an_entry_marked_as_erased, remove_an_entry_and_list_it_in_an_erasure,
    remove_an_entry_and_add_an_erasure, remove_an_entry_and_its_leaf,
    close_the_gap_of_a_removed_entry, swap_two_entries, swap_two_leaves,
    take_the_number_from_an_entry, insert_an_entry_without_a_leaf, insert_an_entry_with_its_leaf,
    write_an_erased_entry_again, edit_a_commitment, cut_the_end, cut_the_end_with_its_checkpoints,
    rewrite_an_entry_with_its_leaf, rewrite_an_entry_everywhere,
    rewrite_and_sign_with_another_key, edit_a_checkpoint, remove_a_checkpoint,
    remove_every_checkpoint, move_a_checkpoint, edit_the_log_file, cut_the_log_file,
    swap_lines_of_the_log_file, add_to_the_log_file, remove_the_log_file,
    mark_a_living_entry_as_erased, remove_the_mark_of_an_erasure, remove_an_erasure,
    put_another_public_key, remove_the_signing_key,
]  # fmt: skip
