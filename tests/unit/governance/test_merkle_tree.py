"""The hash tree against the definitions of RFC 6962, written out again as the RFC writes them."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.merkle.tree import (
    Frontier,
    Tree,
    leaf_hash,
    proves_consistency,
    proves_inclusion,
)

LEAVES = [leaf_hash(sha256(str(number).encode()).hexdigest()) for number in range(140)]
SIZES = range(1, 70)


def mth(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 §2.1, over leaf hashes."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def test_a_leaf_is_hashed_as_the_rfc_says() -> None:
    # The first leaves of the test vectors of Certificate Transparency's own implementation.
    assert leaf_hash("").hex() == (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )
    assert leaf_hash("00").hex() == (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
    )


def test_roots_equal_the_definition_for_every_size() -> None:
    assert Frontier().root() == mth([])
    for size in SIZES:
        frontier = Frontier()
        frontier.push(LEAVES[:size])
        assert frontier.root() == Tree(LEAVES[:size]).root() == mth(LEAVES[:size])
        assert Frontier.read(size, frontier.written()).root() == frontier.root()


def test_every_leaf_of_every_size_is_proven() -> None:
    for size in SIZES:
        tree = Tree(LEAVES[:size])
        for index in range(size):
            path = tree.inclusion(index)
            assert proves_inclusion(LEAVES[index], index, size, path, tree.root())


def test_every_extension_is_proven() -> None:
    for size in SIZES:
        tree = Tree(LEAVES[:size])
        for old in range(1, size + 1):
            sizes, roots = (old, size), (mth(LEAVES[:old]), tree.root())
            assert proves_consistency(sizes, roots, tree.consistency(old))


@settings(derandomize=True, max_examples=500)
@given(st.integers(1, 130), st.data())
def test_a_forged_proof_of_an_entry_is_refused(size: int, data: st.DataObject) -> None:
    tree = Tree(LEAVES[:size])
    index = data.draw(st.integers(0, size - 1))
    path = tree.inclusion(index)
    other = data.draw(st.sampled_from([one for one in LEAVES if one != LEAVES[index]]))
    assert not proves_inclusion(other, index, size, path, tree.root())
    assert not proves_inclusion(LEAVES[index], index, size, [*path, other], tree.root())
    wrong = data.draw(st.integers(-1, size + 1).filter(lambda number: number != index))
    assert not proves_inclusion(LEAVES[index], wrong, size, path, tree.root())
    if path:
        at = data.draw(st.integers(0, len(path) - 1))
        bent = [*path[:at], other, *path[at + 1 :]]
        assert bent == path or not proves_inclusion(LEAVES[index], index, size, bent, tree.root())
        assert not proves_inclusion(LEAVES[index], index, size, path[:-1], tree.root())


@settings(derandomize=True, max_examples=500)
@given(st.integers(2, 130), st.data())
def test_a_rewritten_history_is_no_extension(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size - 1))
    at = data.draw(st.integers(0, old - 1))
    rewritten = [*LEAVES[:at], LEAVES[139], *LEAVES[at + 1 : size]]
    tree, forged = Tree(LEAVES[:size]), Tree(rewritten)
    old_root = mth(LEAVES[:old])
    for path in (tree.consistency(old), forged.consistency(old)):
        assert not proves_consistency((old, size), (old_root, forged.root()), path)
    assert not proves_consistency((old, size), (old_root, tree.root()), [])


def test_a_frontier_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="no frontier of 4 leaves"):
        Frontier.read(4, ",".join(leaf.hex() for leaf in LEAVES[:2]))
