"""What may be done to the entries of a ledger; each says the number of the first bad entry."""

from __future__ import annotations

from governance.merkle.record import FIELDS, fresh_salts
from tests.fixtures.tampered_ledger import ERASED, ERASURE, Scene, insert, swap_leaves


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
    insert(scene, size, act="erase", proof=str(number))
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
        swap_leaves(scene, one, other)
    return min(one, other)


def swap_two_leaves(scene: Scene) -> int:
    one, other = sorted(scene.random.sample(range(max(scene.sizes())), 2))
    swap_leaves(scene, one, other)
    return one


def take_the_number_from_an_entry(scene: Scene) -> int:
    number = scene.living()
    scene.set(number, "sequence", None)
    return number


def insert_an_entry_without_a_leaf(scene: Scene) -> int:
    size = max(scene.sizes())
    insert(scene, scene.random.choice([None, size, size + 5]), has_leaf=False)
    return size


def insert_an_entry_with_its_leaf(scene: Scene) -> int:
    size = max(scene.sizes())
    insert(scene, size)
    return size


def write_an_erased_entry_again(scene: Scene) -> int:
    number = scene.random.choice(ERASED)
    insert(scene, number, has_leaf=False)
    return number


TAMPERINGS = [
    edit_any_column,
    edit_any_column,
    edit_any_column,
    empty_any_column,
    move_a_time,
    edit_a_salt,
    remove_an_entry,
    remove_an_entry_marked_as_erased,
    remove_an_entry_and_list_it_in_an_erasure,
    remove_an_entry_and_add_an_erasure,
    remove_an_entry_and_its_leaf,
    close_the_gap_of_a_removed_entry,
    swap_two_entries,
    swap_two_leaves,
    take_the_number_from_an_entry,
    insert_an_entry_without_a_leaf,
    insert_an_entry_with_its_leaf,
    write_an_erased_entry_again,
]
