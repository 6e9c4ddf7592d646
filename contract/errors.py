"""Errors that more than one leaf raises, and the words they are made of."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

LISTABLE = 12  # more names than this are no help in a message


class ConfigError(ValueError):
    """A file that a person wrote cannot be used: the message says where, what, and what to do."""


def did_you_mean(word: str, options: Iterable[str]) -> str:
    """The end of an error message: the nearest known word, or all of them when few.

    Empty when nothing resembles the word and there are too many options to list.
    """
    known = sorted(set(options))
    near = get_close_matches(word, known, n=1, cutoff=0.6)
    if near:
        return f" Did you mean '{near[0]}'?"
    if 0 < len(known) <= LISTABLE:
        return " Known: " + ", ".join(known) + "."
    return ""
