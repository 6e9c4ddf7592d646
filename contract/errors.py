"""Errors that more than one leaf raises, and the hint that ends most of them."""

from collections.abc import Iterable
from difflib import get_close_matches


class ConfigError(ValueError):
    """A file or a setting that a person wrote cannot be used: where, what was found, what to do."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of an error message: the closest known word, or all of them when none is close."""
    names = sorted(known)
    close = get_close_matches(word, names, n=1, cutoff=0.6)
    if close:
        return f"Did you mean {close[0]!r}?"
    return f"Known: {', '.join(names)}." if names else "None is known."
