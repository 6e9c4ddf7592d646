"""The hash tree of RFC 6962: roots, paths that prove an entry, paths that prove an extension."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(commitment: str) -> bytes:
    """RFC 6962 §2.1: SHA-256 over 0x00 and the leaf's data; here a commitment, given in hex."""
    return sha256(b"\x00" + bytes.fromhex(commitment)).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 6962 §2.1: SHA-256 over 0x01 and both children."""
    return sha256(b"\x01" + left + right).digest()


@dataclass
class Frontier:
    """A tree that can only grow: the roots of its full subtrees, the largest first."""

    size: int = 0
    nodes: list[bytes] = field(default_factory=list)

    def push(self, leaves: Iterable[bytes]) -> None:
        """Append leaf hashes."""
        for leaf in leaves:
            node, size = leaf, self.size
            while size & 1:
                node = node_hash(self.nodes.pop(), node)
                size >>= 1
            self.nodes.append(node)
            self.size += 1

    def root(self) -> bytes:
        """The Merkle tree hash of everything appended."""
        if not self.nodes:
            return EMPTY_ROOT
        root = self.nodes[-1]
        for node in reversed(self.nodes[:-1]):
            root = node_hash(node, root)
        return root

    def written(self) -> str:
        """The nodes as text, to be read back by `read`."""
        return ",".join(node.hex() for node in self.nodes)

    @classmethod
    def read(cls, size: int, text: str) -> Frontier:
        """A frontier as it was written. Raises ValueError when it is none of that size."""
        nodes = [bytes.fromhex(node) for node in text.split(",") if node]
        if len(nodes) != size.bit_count():
            raise ValueError(f"{len(nodes)} nodes are no frontier of {size} leaves.")
        return cls(size, nodes)


class Tree:
    """All nodes of the full subtrees over some leaf hashes, for proofs."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.size = len(leaves)
        self._levels = [list(leaves)]
        while len(self._levels[-1]) > 1:
            level = self._levels[-1]
            pairs = range(0, len(level) - 1, 2)
            self._levels.append([node_hash(level[at], level[at + 1]) for at in pairs])

    def root(self, start: int = 0, end: int | None = None) -> bytes:
        """Of the leaves from `start` to before `end`, where RFC 6962 cuts a subtree there."""
        frontier, end = Frontier(), self.size if end is None else end
        for height in reversed(range(len(self._levels))):
            if (end - start) >> height & 1:
                frontier.nodes.append(self._levels[height][start >> height])
                start += 1 << height
        return frontier.root()

    def inclusion(self, index: int) -> list[bytes]:
        """RFC 6962 §2.1.1: what leads from a leaf to the root, the leaf's neighbour first."""
        path: list[bytes] = []
        start, end = 0, self.size
        while end - start > 1:
            middle = start + _largest_power_below(end - start)
            if index < middle:
                path.append(self.root(middle, end))
                end = middle
            else:
                path.append(self.root(start, middle))
                start = middle
        return path[::-1]

    def consistency(self, old_size: int) -> list[bytes]:
        """RFC 6962 §2.1.2: proves that the first `old_size` leaves are still the same, in order."""
        path: list[bytes] = []
        start, end, is_whole = 0, self.size, True
        while old_size != end:
            middle = start + _largest_power_below(end - start)
            if old_size <= middle:
                path.append(self.root(middle, end))
                end = middle
            else:
                path.append(self.root(start, middle))
                start, is_whole = middle, False
        return path[::-1] if is_whole else [*path, self.root(start, end)][::-1]


def _largest_power_below(size: int) -> int:
    """The largest power of two that is smaller than `size` (≥ 2)."""
    return 1 << (size - 1).bit_length() - 1


def proves_inclusion(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> bool:
    """RFC 9162 §2.1.3.2: whether `path` leads from the leaf at `index` to the root."""
    if not 0 <= index < size:
        return False
    node, at, last = leaf, index, size - 1
    for step in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            node = node_hash(step, node)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            node = node_hash(node, step)
        at, last = at >> 1, last >> 1
    return last == 0 and node == root


def proves_consistency(
    sizes: tuple[int, int], roots: tuple[bytes, bytes], path: Sequence[bytes]
) -> bool:
    """RFC 9162 §2.1.4.2: whether the tree of the second size begins with the tree of the first."""
    (old, new), (old_root, new_root) = sizes, roots
    if old == new:
        return not path and old_root == new_root
    if not 0 < old < new or not path:
        return False
    steps = [old_root, *path] if old & (old - 1) == 0 else list(path)
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    return (old_root, new_root) == _climbed(steps, at, last)


def _climbed(steps: Sequence[bytes], at: int, last: int) -> tuple[bytes, bytes] | None:
    """The roots of the old and the new tree to which the steps lead; None: to neither."""
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return None
        if at & 1 or at == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, step)
        at, last = at >> 1, last >> 1
    return (old, new) if last == 0 else None
