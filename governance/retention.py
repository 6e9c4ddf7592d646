"""How long data is kept: the rules, what leaves when, and who is due to be purged.

The state of each person is computed in marts.retention; here it is read, never decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from contract.texts import Texts

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TEXTS = Texts.load(Path(__file__).parent / "retention.texts.yml")
# Whatever is overdue leaves in the month of the run.
_CALENDAR = """
with leaving as (
    select data_class, as_of_date, archive_on as leaves_on,
        case when archive_on = purge_on then 'purge' else 'archive' end as step
    from marts.retention where retention_state = 'active'
    union all
    select data_class, as_of_date, purge_on, 'purge'
    from marts.retention where archive_on < purge_on or retention_state = 'purge_due'
),
dated as (
    select data_class, step,
        cast(date_trunc('month', greatest(leaves_on, as_of_date)) as date) as month_on
    from leaving
)
select month_on, data_class, step, count(*) as person_count
from dated
where month_on < cast(? as date)
group by month_on, data_class, step
order by month_on, data_class, step
"""
_RULES = """
select data_class, kept_in, active_years, archive_years, legal_pointer, meaning_en, meaning_fr
from seeds.retention_rules
where valid_from_on <= ?
qualify row_number() over (partition by data_class order by valid_from_on desc) = 1
order by kept_in <> 'people', data_class
"""


@dataclass(frozen=True)
class Leaving:
    """How many people of a class leave use (archive) or are erased (purge) in a month."""

    month_on: date
    data_class: str
    step: str
    person_count: int


@dataclass(frozen=True)
class Rule:
    """How long a class of data is kept on the day asked about, and by which text."""

    data_class: str
    kept_in: str
    active_years: int
    archive_years: int
    legal_pointer: str
    meaning_en: str
    meaning_fr: str

    def meaning(self, lang: str) -> str:
        """What the class holds, in a language."""
        return self.meaning_en if lang == "en" else self.meaning_fr


def calendar(con: DuckDBPyConnection, *, until: date) -> list[Leaving]:
    """What leaves when, by month, class and step, before `until`; the overdue in this month."""
    return [Leaving(*row) for row in con.execute(_CALENDAR, [until]).fetchall()]


def rules(con: DuckDBPyConnection, *, as_of: date) -> list[Rule]:
    """The rule of each class of data that holds on a day."""
    return [Rule(*row) for row in con.execute(_RULES, [as_of]).fetchall()]


def purge_due(con: DuckDBPyConnection) -> list[str]:
    """Ids of those whose data may be kept no longer, oldest due first."""
    rows = con.execute(
        "select customer_id from marts.retention where retention_state = 'purge_due'"
        " order by purge_on, customer_id"
    ).fetchall()
    return [str(customer_id) for (customer_id,) in rows]


def written(leaving: Sequence[Leaving], lang: str) -> list[str]:
    """The calendar as lines in a language."""
    if not leaving:
        return [TEXTS("nothing_leaves", lang)]
    return [
        TEXTS(
            f"leaves_{one.step}",
            lang,
            month=one.month_on.strftime("%Y-%m"),
            count=f"{one.person_count:>7}",
            data_class=TEXTS(f"class_{one.data_class}", lang),
        )
        for one in leaving
    ]
