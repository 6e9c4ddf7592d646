"""Who may be contacted, written down once more from the rules in words, with plain dicts.

It grades the gate, so it shares nothing with it: no import of the product, no table, no SQL.
Records are (system, key), addresses are names of this file's own; a person is a set of both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

Record = tuple[str, str]
Subject = Record | str  # a record, or an address
PAIRS = (
    ("email", "marketing"),
    ("sms", "marketing"),
    ("phone", "marketing"),
    ("post", "marketing"),
    ("email", "profiling"),
    ("email", "open_tracking"),
    ("ads", "sale_or_sharing"),
)
NO = ("withdraw", "object", "refuse")
# Saying no to one of these stops what is asked about.
STOPPING = {
    "marketing": ("marketing", "profiling"),
    "profiling": ("profiling",),
    "open_tracking": ("open_tracking", "profiling"),
    "sale_or_sharing": ("sale_or_sharing", "marketing", "profiling"),
}
TELEPHONE_OPT_IN = date(2026, 8, 11)
STALE = timedelta(hours=36)
NEVER = datetime.fromisoformat("0001-01-01")
# At one instant the yes comes first, the confirmation after it, and the no is the last word.
ORDER = {"grant": 0, "double_opt_in_asked": 1, "double_opt_in_confirmed": 2}


@dataclass(frozen=True)
class Said:
    """One act about one subject. channel and purpose may be `all`."""

    subject: Subject
    channel: str
    purpose: str
    act: str
    at: datetime


@dataclass(frozen=True)
class Person:
    """What the rules look at: who they are to the shop, and how they are known."""

    records: frozenset[Record]
    addresses: frozenset[str]
    has_bought: bool
    country: str | None
    is_professional: bool


@dataclass
class Reference:
    """Everything that was said and taken in so far, and when that was last done."""

    said: dict[Subject, list[Said]] = field(default_factory=dict)
    taken_at: datetime | None = None

    def hear(self, acts: Iterable[Said]) -> None:
        """These acts have reached the ledger."""
        for act in acts:
            self.said.setdefault(act.subject, []).append(act)

    def forget(self, subjects: Iterable[Subject]) -> None:
        """These subjects were erased: nothing they said is kept."""
        for subject in subjects:
            self.said.pop(subject, None)

    def may(self, person: Person, channel: str, purpose: str, now: datetime) -> bool:
        """Whether the person may be contacted at this instant."""
        if not person.records or self.taken_at is None or now - self.taken_at > STALE:
            return False
        for stopping in STOPPING[purpose]:
            if "no" in self._last_words(person, channel, stopping, now):
                return False
        has_said_yes = "yes" in self._last_words(person, channel, purpose, now)
        return self._on_a_basis(person, channel, purpose, now, has_said_yes=has_said_yes)

    def _about(self, person: Person, channel: str, purpose: str) -> dict[Subject, list[Said]]:
        found: dict[Subject, list[Said]] = {}
        subjects: list[Subject] = [*person.records, *person.addresses]
        for subject in subjects:
            acts = [
                act
                for act in self.said.get(subject, [])
                if act.channel in (channel, "all") and act.purpose in (purpose, "all")
            ]
            found[subject] = sorted(acts, key=lambda act: (act.at, ORDER.get(act.act, 3)))
        return found

    def _ended_at(self, person: Person, channel: str, purpose: str, now: datetime) -> datetime:
        """The last time at which every yes of the person came to its end."""
        about = self._about(person, channel, purpose).values()
        ends = [act.at for acts in about for act in acts if act.act == "expire" and act.at <= now]
        return max(ends, default=NEVER)

    def _last_words(self, person: Person, channel: str, purpose: str, now: datetime) -> set[str]:
        """Each subject's last word: yes, no, or a yes that still waits to be confirmed."""
        ended_at = self._ended_at(person, channel, purpose, now)
        words = set()
        for acts in self._about(person, channel, purpose).values():
            word, is_sure, has_refused = "", False, False
            for act in acts:
                if act.act in NO:
                    word, is_sure, has_refused = "no", False, True
                elif act.at > now or act.at <= ended_at:
                    continue  # a yes to come, or one that has come to its end
                elif act.act == "double_opt_in_confirmed":
                    word, is_sure, has_refused = "yes", True, False
                elif act.act == "grant" and not is_sure:
                    word = "yes"
                elif act.act == "double_opt_in_asked" and not is_sure:
                    word = "no" if has_refused else "waits"  # anybody can ask for it
            words.add(word)
        return words

    def _was_told(self, person: Person, channel: str, purpose: str, now: datetime) -> bool:
        ended_at = self._ended_at(person, channel, purpose, now)
        return any(
            act.act == "inform" and ended_at < act.at <= now
            for acts in self._about(person, channel, purpose).values()
            for act in acts
        )

    def _on_a_basis(
        self, person: Person, channel: str, purpose: str, now: datetime, *, has_said_yes: bool
    ) -> bool:
        if purpose == "profiling" or has_said_yes:
            return True
        if channel == "ads":
            return person.country == "US"
        if purpose == "open_tracking":
            return False
        was_told = person.has_bought and self._was_told(person, channel, purpose, now)
        is_early = now.date() < TELEPHONE_OPT_IN
        return {
            "email": was_told or person.is_professional,
            "sms": was_told,
            "phone": person.is_professional
            or (person.has_bought and person.country == "FR" and is_early),
            "post": person.has_bought or person.is_professional,
        }[channel]
