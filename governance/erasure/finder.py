"""Finds many texts in bytes in one pass, however many they are."""

from __future__ import annotations

import json
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

import numpy as np

_WORD = 8  # bytes of a text that are compared at once
_BITS = 24
_LATIN1 = 256
_MIX = 0x9E3779B97F4A7C15
# A mark that no text holds parts the cells: nothing stands over two of them.
_PARTED = b"\n\x1f\n"
_BEFORE, _AFTER = re.compile(rb"[a-z0-9._+-]"), re.compile(rb"[a-z0-9]")


class Finder:
    """Texts in UTF-8, UTF-16, Latin-1 and as JSON escapes them; numbers are their positions."""

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
        """(number, place, form) wherever one of the texts stands.

        lowered: bytes as `bytes.lower` leaves them, which is to say that "É" is still a capital.
        """
        yield from self._shortest(lowered)
        for shift in range(_WORD if self._by_head else 0):
            count = max(len(lowered) - shift, 0) // _WORD
            words = np.frombuffer(
                lowered, dtype="<u8", count=count, offset=min(shift, len(lowered))
            )
            for place in np.flatnonzero(self._maybe[_mixed(words)]):
                head = int(words[place])
                yield from self._at(lowered, shift + int(place) * _WORD, head)

    def stands_in(self, cells: Sequence[str]) -> Iterator[tuple[int, int, bool]]:
        """(cell, number, whether it stands by itself) wherever a cell holds one of the texts."""
        parts = [cell.lower().encode(errors="surrogateescape") for cell in cells]
        starts = list(accumulate((len(part) + len(_PARTED) for part in parts), initial=0))
        joined = _PARTED.join(parts)
        for number, at, form in self.find(joined):
            yield bisect_right(starts, at) - 1, number, stands_alone(joined, at, form)

    def holding(self, cells: Sequence[str]) -> set[int]:
        """Which of the cells hold one of the texts by itself."""
        return {cell for cell, _, is_alone in self.stands_in(cells) if is_alone}

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


def stands_alone(lowered: bytes, at: int, form: bytes) -> bool:
    """Whether the text stands there by itself, not as the end or begin of somebody else's."""
    step = 2 if form[1:2] == b"\0" else 1  # UTF-16: the neighbour is two bytes away
    before = lowered[max(at - step, 0) : at][:1]
    after = lowered[at + len(form) : at + len(form) + 1]
    return not _BEFORE.match(before) and not _AFTER.match(after)


def _forms(text: str) -> set[bytes]:
    """As bytes may hold the text once their ASCII letters, and no others, are in lower case.

    An accent may be written with its letter or after it.
    """
    forms: set[bytes] = set()
    for composition in ("NFC", "NFD"):
        composed = unicodedata.normalize(composition, text)
        for spelled in {composed, composed.lower(), composed.upper(), composed.title()}:
            forms |= {spelled.encode(), spelled.encode("utf-16-le")}
            forms.add(json.dumps(spelled)[1:-1].encode())
            if all(ord(letter) < _LATIN1 for letter in spelled):
                forms.add(spelled.encode("latin-1"))
    return {form.lower() for form in forms} - {b""}
