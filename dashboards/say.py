"""How the site writes sentences, numbers, money and dates in one language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from babel.dates import format_date, format_datetime
from babel.numbers import format_compact_decimal, format_currency, format_decimal, format_percent

from contract.texts import Texts

LOCALES = {"en": "en_US", "fr": "fr_FR"}
MISSING = "–"
FRENCH_SPACES = {
    " ;": "\u202f;",
    " :": "\u00a0:",
    " ?": "\u202f?",
    " !": "\u202f!",
    " %": "\u202f%",
    "« ": "«\u00a0",
    " »": "\u00a0»",
}
COMPACT_FROM = 10_000
COMPACT_TENTHS = 100_000  # below: 46.4K, above: 464K
COMPACT_HUNDREDTHS = 1_000_000


@dataclass(frozen=True)
class Say:
    """One language, one catalogue, one currency: `say("key", share=say.percent(0.5))`.

    names: code → its name by language, for what the company itself named (segments, campaigns).
    """

    lang: str
    currency: str
    texts: Texts
    shared: Texts
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def __call__(self, key: str, **values: object) -> str:
        """The sentence `key` of the page, else of the site, with its values filled in."""
        texts = self.texts if key in self.texts.sentences else self.shared
        return self.typeset(texts(key, self.lang, **values))

    def typeset(self, sentence: str) -> str:
        """The sentence with the unbreakable spaces of its language."""
        if self.lang != "fr":
            return sentence
        for sign, unbreakable in FRENCH_SPACES.items():
            sentence = sentence.replace(sign, unbreakable)
        return sentence

    def plural(self, key: str, count: float, **values: object) -> str:
        """The sentence for `count` things: `<key>_one` for one, where the catalogue has it.

        The count itself is filled in as {count}.
        """
        one = f"{key}_one"
        chosen = one if count == 1 and self.has(one) else key
        return self(chosen, count=self.number(count), **values)

    def has(self, key: str) -> bool:
        """Whether the page or the site knows the sentence."""
        return key in self.texts.sentences or key in self.shared.sentences

    @property
    def locale(self) -> str:
        """The babel locale of the language."""
        return LOCALES[self.lang]

    @property
    def separators(self) -> str:
        """Decimal sign and thousands sign, as Plotly wants them."""
        return ",\u202f" if self.lang == "fr" else ".,"

    @property
    def percent_sign(self) -> str:
        """The sign behind a percentage, with the space of the language."""
        return "\u202f%" if self.lang == "fr" else "%"

    def number(self, value: float | None, digits: int = 0) -> str:
        """A count or measure: 1,234 or 1 234."""
        if is_missing(value) or value is None:
            return MISSING
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return str(format_decimal(value, format=pattern, locale=self.locale))

    def signed(self, value: float | None, digits: int = 0) -> str:
        """A change, with its sign: +12 or −3."""
        if is_missing(value) or value is None:
            return MISSING
        sign = "+" if value > 0 else "−" if value < 0 else ""
        return sign + self.number(abs(value), digits)

    def percent(self, value: float | None, digits: int = 0) -> str:
        """A share of 1 as a percentage: 12% or 12 %; little, but not nothing: <1% or < 1 %."""
        if is_missing(value) or value is None:
            return MISSING
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        pattern += self.percent_sign
        least = 10.0 ** -(digits + 2)
        is_little = 0 < value < least / 2
        written = str(
            format_percent(least if is_little else value, format=pattern, locale=self.locale)
        )
        less = "<\u00a0" if self.lang == "fr" else "<"
        return less + written if is_little else written

    def money(self, value: float | None, digits: int = 0) -> str:
        """An amount in the company's currency: $1,234 or 1 234 $."""
        if is_missing(value) or value is None:
            return MISSING
        zeros = "." + "0" * digits if digits else ""
        pattern = f"#,##0{zeros}\u00a0¤" if self.lang == "fr" else f"¤#,##0{zeros}"
        written = format_currency(
            value, self.currency, format=pattern, locale=self.locale, currency_digits=False
        )
        return str(written).replace("$US", "$")

    def short_money(self, value: float | None) -> str:
        """A large amount in few signs: $482K, 482 k$."""
        if is_missing(value) or value is None:
            return MISSING
        if abs(value) < COMPACT_FROM:
            return self.money(value)
        digits = 0 if COMPACT_TENTHS <= abs(value) < COMPACT_HUNDREDTHS else 1
        digits = 2 if abs(value) >= COMPACT_HUNDREDTHS else digits
        compact = format_compact_decimal(value, locale=self.locale, fraction_digits=digits)
        sign = self.currency_sign
        return f"{compact}\u00a0{sign}" if self.lang == "fr" else f"{sign}{compact}"

    @property
    def currency_sign(self) -> str:
        """The sign of the company's currency: $ or €."""
        written = format_currency(0, self.currency, format="¤", locale=self.locale)
        return str(written).replace("0", "").replace("$US", "$").strip()

    def day(self, value: date | None) -> str:
        """A date in words: December 31, 2017 or 31 décembre 2017."""
        if is_missing(value) or value is None:
            return MISSING
        written = str(format_date(value, "long", self.locale))
        # French says "1er janvier", which the locale data do not.
        return written.replace("1 ", "1er ", 1) if self.lang == "fr" and value.day == 1 else written

    def short_day(self, value: date | None) -> str:
        """A date in few signs: Dec 31 or 31 déc."""
        pattern = "d MMM" if self.lang == "fr" else "MMM d"
        return MISSING if is_missing(value) else str(format_date(value, pattern, self.locale))

    def dated(self, value: date | None) -> str:
        """A date in few signs, with its year: Dec 31, 2017 or 31 déc. 2017."""
        return MISSING if is_missing(value) else str(format_date(value, "medium", self.locale))

    def month(self, value: date | None) -> str:
        """A month in words: November 2017."""
        return MISSING if is_missing(value) else str(format_date(value, "LLLL y", self.locale))

    def short_month(self, value: date | None) -> str:
        """A month in few signs: Nov."""
        return MISSING if is_missing(value) else str(format_date(value, "LLL", self.locale))

    def moment(self, value: datetime | None) -> str:
        """A moment, in UTC and saying so."""
        if is_missing(value) or value is None:
            return MISSING
        pattern = "d MMM y, HH:mm" if self.lang == "fr" else "MMM d, y, HH:mm"
        return str(format_datetime(value, pattern, locale=self.locale)) + " UTC"

    def name(self, code: object) -> str:
        """The words of a code: its given name, else the text `name_<code>`, else made readable."""
        given = self.names.get(str(code))
        if given and self.lang in given:
            return given[self.lang]
        key = f"name_{code}"
        return self(key) if self.has(key) else readable(str(code))

    def listed(self, words: Sequence[str]) -> str:
        """Words joined as the language joins them: a, b and c."""
        if len(words) < 2:  # noqa: PLR2004 one word needs no "and"
            return "".join(words)
        return ", ".join(words[:-1]) + " " + self("and") + " " + words[-1]


def readable(code: str) -> str:
    """A file or column name as a title: `gros_going_down` becomes `Gros going down`.

    A source's capitals are lowered: `SOFT DRINKS` becomes `Soft drinks`.
    """
    words = code.replace("__", ": ").replace("_", " ").strip()
    words = words.lower() if words.isupper() else words
    return words[:1].upper() + words[1:]


def is_missing(value: object) -> bool:
    """Whether a cell of a frame holds nothing: None, NaN, NaT or pandas' NA."""
    # NaN and NaT are the only values that differ from themselves; pandas.NA has no truth.
    if value is None or type(value).__name__ in {"NAType", "NaTType"}:
        return True
    return bool(value != value)  # noqa: PLR0124
