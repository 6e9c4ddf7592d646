"""Lists of entry numbers, written short: `3-5,17`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

NUMBERS_LENGTH = 400  # characters of one list; the width of a proof


def written_numbers(numbers: Sequence[int], length: int) -> Iterator[str]:
    """Ascending numbers as runs, in as many texts of at most `length` characters as it takes."""
    text = ""
    for first, last in _runs(numbers):
        run = str(first) if first == last else f"{first}-{last}"
        if text and len(text) + 1 + len(run) > length:
            yield text
            text = ""
        text = f"{text},{run}" if text else run
    if text:
        yield text


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    first = last = None
    for number in numbers:
        if first is not None and last is not None and number == last + 1:
            last = number
            continue
        if first is not None and last is not None:
            yield first, last
        first = last = number
    if first is not None and last is not None:
        yield first, last


def read_numbers(text: str) -> Iterator[int]:
    """The numbers of a written list. Raises ValueError when it is none."""
    for run in text.split(","):
        first, _, last = run.partition("-")
        yield from range(int(first), int(last or first) + 1)
