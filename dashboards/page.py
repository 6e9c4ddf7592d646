"""What a page is made of: queries on the publication, and blocks that say what they found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from dashboards.say import Say

if TYPE_CHECKING:
    import pandas as pd

Figure = dict[str, Any]


@dataclass(frozen=True)
class Context:
    """What a page may use: its frames by query name, the words, and the state of the publication.

    exports: segment → link to its files, relative to the page. deliveries: acknowledged rows by
    campaign, empty without a state database. data_through: the last day whose sales are known.
    """

    frames: Mapping[str, pd.DataFrame]
    say: Say
    as_of: date
    data_through: date | None
    published_at: datetime
    exports: Mapping[str, str]
    deliveries: Any

    def frame(self, name: str) -> Any:
        """The rows of one of the page's queries."""
        return self.frames[name]


@dataclass(frozen=True)
class Table:
    """Formatted cells; numeric: positions of the columns to align right."""

    headers: Sequence[str]
    rows: Sequence[Sequence[str]]
    numeric: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Card:
    """One key figure. tone: neutral, good or alert."""

    label: str
    value: str
    note: str = ""
    tone: str = "neutral"


@dataclass(frozen=True)
class Cards:
    """Key figures side by side."""

    cards: Sequence[Card]
    kind: str = field(default="cards", init=False)


@dataclass(frozen=True)
class Chart:
    """A figure whose title says what it shows, with the same numbers as a table.

    note: what is measured, in which unit. is_wide: takes the whole width.
    """

    title: str
    note: str
    figure: Figure
    table: Table
    is_wide: bool = False
    kind: str = field(default="chart", init=False)


@dataclass(frozen=True)
class Listing:
    """A table that is the message itself."""

    title: str
    note: str
    table: Table
    is_wide: bool = True
    kind: str = field(default="listing", init=False)


@dataclass(frozen=True)
class Action:
    """A segment to act on: why, how many, what is at stake, and where its file is."""

    name: str
    sentence: str
    size: str
    size_unit: str
    facts: Sequence[str]
    reason: str
    link: str = ""


@dataclass(frozen=True)
class Actions:
    """Segments with their size and file. is_ranked: they stand in the order in which to act."""

    title: str
    note: str
    actions: Sequence[Action]
    link_text: str
    is_ranked: bool = True
    kind: str = field(default="actions", init=False)


@dataclass(frozen=True)
class Note:
    """A sentence in a box. tone: neutral, good or alert."""

    text: str
    tone: str = "neutral"
    kind: str = field(default="note", init=False)


Block = Cards | Chart | Listing | Actions | Note


@dataclass(frozen=True)
class Content:
    """A page in one language: the finding as its title, a sentence on how to read it, blocks."""

    title: str
    lead: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Page:
    """One page of the site. order: its place in the navigation.

    queries: name → SQL on `public.duckdb`; a table the company does not have gives no rows.
    """

    order: int
    queries: Mapping[str, str]
    content: Callable[[Context], Content]
