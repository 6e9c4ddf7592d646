"""Finds many texts in bytes in one pass, however many they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

_WORD = 8  # bytes of a text that are compared at once
_BITS = 24
_LATIN1 = 256
_MIX = 0x9E3779B97F4A7C15


class Finder:
    """Texts in lower case, in UTF-8, UTF-16 and Latin-1; numbers are their positions."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.longest = 1
        self._short: list[tuple[int, bytes]] = []
        self._by_head: dict[int, list[tuple[int, bytes]]] = {}
        for number, text in enumerate(texts):
            for form in _forms(text):
                self.longest = max(self.longest, len(form))
                if len(form) < _WORD:
                    self._short.append((number, form))
                else:
                    head = int.from_bytes(form[:_WORD], "little")
                    self._by_head.setdefault(head, []).append((number, form))
        self._maybe = np.zeros(1 << _BITS, dtype=bool)
        heads = np.array(list(self._by_head), dtype=np.uint64)
        self._maybe[_mixed(heads)] = True

    def find(self, lowered: bytes) -> Iterator[tuple[int, int, bytes]]:
        """(number, place, form) wherever one of the texts stands; the bytes are in lower case."""
        yield from self._shortest(lowered)
        for shift in range(_WORD if self._by_head else 0):
            count = max(len(lowered) - shift, 0) // _WORD
            words = np.frombuffer(
                lowered, dtype="<u8", count=count, offset=min(shift, len(lowered))
            )
            for place in np.flatnonzero(self._maybe[_mixed(words)]):
                head = int(words[place])
                yield from self._at(lowered, shift + int(place) * _WORD, head)

    def _shortest(self, lowered: bytes) -> Iterator[tuple[int, int, bytes]]:
        for number, form in self._short:
            at = lowered.find(form)
            while at >= 0:
                yield number, at, form
                at = lowered.find(form, at + 1)

    def _at(self, lowered: bytes, at: int, head: int) -> Iterator[tuple[int, int, bytes]]:
        for number, form in self._by_head.get(head, ()):
            if lowered.startswith(form, at):
                yield number, at, form


def _mixed(words: np.ndarray) -> np.ndarray:
    """A few bits of each word: what they rule out needs no second look."""
    with np.errstate(over="ignore"):
        return (words * np.uint64(_MIX)) >> np.uint64(64 - _BITS)


def _forms(text: str) -> set[bytes]:
    forms = {text.encode(), text.encode("utf-16-le")}
    if all(ord(letter) < _LATIN1 for letter in text):
        forms.add(text.encode("latin-1"))
    return forms - {b""}
