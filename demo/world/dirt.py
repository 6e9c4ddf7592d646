"""How data gets dirty when people and clerks type it: accents lost, capitals, typos, swaps."""

import unicodedata

import numpy as np
from numpy.typing import NDArray

from demo.world.chance import happens, rng
from demo.world.columns import Ints, Words
from demo.world.lexicon import towns

Bools = NDArray[np.bool_]
HABITS = 5  # as it should be, without accents, in capitals, in small letters, garbled


class Misspeller:
    """Turns texts into what stands in a record. Codes are of the given texts, which grow."""

    def __init__(self, seed: int, texts: Words) -> None:
        self._seed = seed
        self._texts = texts

    def names(self, first: Ints, last: Ints, is_till: Bools) -> tuple[Ints, Ints]:
        """First and last names as typed; a few are swapped."""
        chance = rng(self._seed, "names typed")
        habit = np.where(
            is_till,
            chance.choice(HABITS, len(first), p=[0.5, 0.14, 0.33, 0.02, 0.01]),
            chance.choice(HABITS, len(first), p=[0.855, 0.08, 0.02, 0.04, 0.005]),
        )
        swapped = happens(chance, 0.008, len(first))
        typed = []
        for name in (first, last):
            changed = self._in_habit(name, habit)
            wrong = np.flatnonzero(happens(chance, 0.022, len(name)))
            changed[wrong] = self._mistyped(changed[wrong], chance)
            typed.append(changed)
        return np.where(swapped, typed[1], typed[0]), np.where(swapped, typed[0], typed[1])

    def emails(self, email: Ints, is_till: Bools) -> Ints:
        """E-mail addresses as typed; clerks at the till mistype four times as often."""
        chance = rng(self._seed, "emails typed")
        wrong = happens(chance, 0.008, len(email)) | (is_till & happens(chance, 0.024, len(email)))
        which = np.flatnonzero(wrong & (email >= 0))
        typed = email.copy()
        typed[which] = self._mistyped(email[which], chance)
        return typed

    def phones(self, phone: Ints) -> Ints:
        """Numbers as typed: one in seven with the country's prefix, one in thirty run together."""
        chance = rng(self._seed, "phones typed")
        known = phone >= 0
        typed = phone.copy()
        for share, change in ((0.14, abroad), (0.03, run_together)):
            which = np.flatnonzero(known & happens(chance, share, len(phone)))
            texts = self._texts.list(phone[which])
            typed[which] = self._texts.add([change(text) for text in texts])
        wrong = np.flatnonzero(known & happens(chance, 0.006, len(phone)))
        typed[wrong] = self._mistyped(phone[wrong], chance)
        return typed

    def cities(self, town: Ints, texts: Words) -> Ints:
        """Names of towns as typed."""
        chance = rng(self._seed, "cities typed")
        codes = texts.add([place.city for place in towns()])[town]
        return self._in_habit(
            codes, chance.choice(HABITS, len(town), p=[0.715, 0.1, 0.15, 0.03, 0.005])
        )

    def _in_habit(self, codes: Ints, habit: Ints) -> Ints:
        known, place = np.unique(codes, return_inverse=True)
        names = self._texts.list(known)
        forms = np.vstack(
            [
                known,
                self._texts.add([without_accents(name) for name in names]),
                self._texts.add([without_accents(name).upper() for name in names]),
                self._texts.add([name.lower() for name in names]),
                self._texts.add([garbled(name) for name in names]),
            ]
        )
        return np.asarray(forms[habit, place], np.int64)

    def _mistyped(self, codes: Ints, chance: np.random.Generator) -> Ints:
        where, how = chance.random(len(codes)), chance.integers(0, 3, len(codes))
        texts = self._texts.list(codes)
        return self._texts.add(
            [mistype(text, *dice) for text, *dice in zip(texts, where, how, strict=True)]
        )


def without_accents(text: str) -> str:
    """The text with its letters plain."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def mistype(text: str, where: float, how: int) -> str:
    """The text with one slip: two letters swapped (0), one left out (1), one doubled (2)."""
    place = int(where * max(len(text.split("@", maxsplit=1)[0]) - 1, 1))
    before, letter, after = text[:place], text[place : place + 1], text[place + 1 :]
    if how == 0 and after[:1] not in {"", "@"}:
        return before + after[0] + letter + after[1:]
    return before + letter * (2 if how == 2 else 0) + after  # noqa: PLR2004 - doubled


def garbled(text: str) -> str:
    """The text as a program shows it that takes UTF-8 for Latin-1."""
    return text.encode("utf-8").decode("latin-1")


def abroad(number: str) -> str:
    """A number with the prefix of its country, which its grouping tells: 0475 12 …, 079 123 …"""
    if number.startswith("04"):
        return "+32 " + number[1:]
    if number[3:4] == " ":
        return "+41 " + number[1:]
    return "+33 " + number[1:]


def run_together(number: str) -> str:
    """A number without its blanks and dots."""
    return number.replace(" ", "").replace(".", "")
