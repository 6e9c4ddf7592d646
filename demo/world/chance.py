"""Chance that can be repeated: every draw is named, so the order of calls changes nothing."""

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


def rng(seed: int, *names: str | int) -> np.random.Generator:
    """A generator of its own for one named purpose: same seed and names, same numbers."""
    return np.random.Generator(np.random.Philox(key=_digest(seed, names)))


def draw(seed: int, name: str, numbers: NDArray[np.int64]) -> NDArray[np.float64]:
    """One number in [0, 1) per given number, always the same for it, whoever else is asked."""
    with np.errstate(over="ignore"):
        state = numbers.astype(np.uint64) * _MIX[0] + np.uint64(_digest(seed, (name,)) % 2**64)
        state = (state ^ (state >> np.uint64(30))) * _MIX[1]
        state = (state ^ (state >> np.uint64(27))) * _MIX[2]
        state ^= state >> np.uint64(31)
    return (state >> np.uint64(11)).astype(np.float64) * 2.0**-53


def _digest(seed: int, names: tuple[str | int, ...]) -> int:
    text = "\x1f".join([str(seed), *map(str, names)])
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest(), "little")


def happens(
    generator: np.random.Generator, share: float | NDArray[np.floating[Any]], count: int
) -> NDArray[np.bool_]:
    """Which of `count` trials succeed, each with probability `share`."""
    return generator.random(count) < share


def pick(
    generator: np.random.Generator, shares: NDArray[np.floating[Any]] | list[float], count: int
) -> NDArray[np.int64]:
    """`count` choices among positions, in proportion to their shares."""
    bounds = np.cumsum(np.asarray(shares, dtype=np.float64))
    points = generator.random(count) * bounds[-1]
    return np.asarray(np.searchsorted(bounds, points, side="right"), dtype=np.int64)
