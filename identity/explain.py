"""Why records are one person, or why they are not, in words and without anybody's data."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from babel.numbers import format_decimal, format_percent

from contract.texts import LANGUAGES, Texts
from identity.evidence import EVIDENCE, LINKS
from identity.overrides import Decision
from identity.who import RESOLVED, Known

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TEXTS = Texts.load(Path(__file__).parent / "explain.texts.yml")
WEIGHED = "intermediate.int_identity__weighed"
OBSERVED = "intermediate.int_identity__observed"
HOUSEHOLDS = "intermediate.int_households__grouped"


@dataclass(frozen=True)
class Step:
    """One piece of evidence that joins two records."""

    record_id: str
    other_record_id: str
    rule: str
    trust: float
    match_probability: float | None


def explain_one(
    con: DuckDBPyConnection, known: Known, decisions: Sequence[Decision], lang: str
) -> list[str]:
    """The records of the person, what joins each to the others, and what was refused."""
    records = _records(con, known.customer_id)
    steps = _steps(con, records)
    lines = [TEXTS("person", lang, customer_id=known.customer_id, count=len(records))]
    if known.is_merged_away:
        lines.append(TEXTS("merged_away", lang, asked=known.asked, now=known.customer_id))
    for record, is_founder in records.items():
        lines.append("  " + TEXTS("founder" if is_founder else "record", lang, record=said(record)))
        lines += [f"    {_said_step(step, lang)}" for step in steps if step.record_id == record]
    lines += [f"  {line}" for line in _refused(con, list(records), None, lang)]
    return lines + [f"  {line}" for line in _decided(decisions, records, records, lang)]


def explain_two(
    con: DuckDBPyConnection, one: Known, other: Known, decisions: Sequence[Decision], lang: str
) -> list[str]:
    """The evidence from one record to the other, or everything that keeps the two apart."""
    left, right = _records(con, one.customer_id), _records(con, other.customer_id)
    if one.customer_id != other.customer_id:
        lines = [TEXTS("two_people", lang, one=one.customer_id, other=other.customer_id)]
        found = list(_why_not(con, list(left), list(right), decisions, lang))
        return lines + [f"  {line}" for line in found or [TEXTS("nothing_shared", lang)]]
    lines = [TEXTS("one_person", lang, customer_id=one.customer_id)]
    path = _path(_steps(con, left), one.record_id, other.record_id)
    lines += [f"  {_said_pair(step, lang)}" for step in path]
    if one.record_id == other.record_id:
        lines.append(f"  {TEXTS('same_record', lang, record=said(one.record_id))}")
    return lines + [f"  {line}" for line in _decided(decisions, left, right, lang)]


def _records(con: DuckDBPyConnection, customer_id: str) -> dict[str, bool]:
    """Record → whether it founded the person, the founder first."""
    rows = con.execute(
        f"select record_id, is_founder from {RESOLVED} where customer_id = ?"
        " order by is_founder desc, first_seen_at, record_id",
        [customer_id],
    ).fetchall()
    return dict(rows)


def _steps(con: DuckDBPyConnection, records: dict[str, bool]) -> list[Step]:
    rows = con.execute(
        "select record_id, other_record_id, rule, trust, match_probability"
        f" from {EVIDENCE} where is_used and record_id in (select unnest(?::varchar[]))"
        " order by trust desc, record_id, other_record_id, rule",
        [list(records)],
    ).fetchall()
    return [Step(*row) for row in rows]


def _path(steps: Sequence[Step], start: str, end: str) -> list[Step]:
    """The fewest steps from one record to the other, of those the most trusted."""
    beside: dict[str, list[tuple[str, Step]]] = defaultdict(list)
    for step in steps:
        beside[step.record_id].append((step.other_record_id, step))
        beside[step.other_record_id].append((step.record_id, step))
    came: dict[str, tuple[str, Step] | None] = {start: None}
    waiting = deque([start])
    while waiting and end not in came:
        record = waiting.popleft()
        for other, step in beside[record]:
            if other not in came:
                came[other] = (record, step)
                waiting.append(other)
    path, before = [], came.get(end)
    while before is not None:
        path.append(before[1])
        before = came[before[0]]
    return path[::-1]


def _why_not(
    con: DuckDBPyConnection,
    left: list[str],
    right: list[str],
    decisions: Sequence[Decision],
    lang: str,
) -> Iterator[str]:
    yield from _decided(decisions, left, right, lang)
    yield from _refused(con, left, right, lang)
    between = (
        "((one.record_id in (select unnest($left::varchar[]))"
        " and other.record_id in (select unnest($right::varchar[]))))"
    )
    asked = {"left": left, "right": right}
    for rule, reason in con.execute(
        "select distinct one.rule, coalesce(one.reason_not, other.reason_not, 'another_name')"
        f" from {WEIGHED} as one inner join {WEIGHED} as other"
        " on one.rule = other.rule and one.identifier_value = other.identifier_value"
        f" where {between} order by all",
        asked,
    ).fetchall():
        yield TEXTS("shared_but", lang, what=_rule(rule, lang), why=_reason(reason, lang))
    for (kind,) in con.execute(
        f"select distinct one.identifier_kind from {OBSERVED} as one"
        f" inner join {OBSERVED} as other on one.identifier_kind = other.identifier_kind"
        f" and one.identifier_value = other.identifier_value where {between} order by all",
        asked,
    ).fetchall():
        yield TEXTS("shared_alone", lang, what=TEXTS(f"kind_{kind}", lang))
    yield from _probable(con, asked, lang)


def _probable(con: DuckDBPyConnection, asked: dict[str, list[str]], lang: str) -> Iterator[str]:
    """Links that were too weak, or wait for an answer, and a home that both share."""
    for probability, status in con.execute(
        f"select max(match_probability), status from {LINKS} where status <> 'accepted'"
        " and ((record_id in (select unnest($left::varchar[]))"
        " and other_record_id in (select unnest($right::varchar[])))"
        " or (record_id in (select unnest($right::varchar[]))"
        " and other_record_id in (select unnest($left::varchar[])))) group by status order by all",
        asked,
    ).fetchall():
        yield TEXTS(f"link_{status}", lang, share=_share(probability, lang))
    row = con.execute(
        f"select count(distinct homes.household_id) = 1 and count(distinct homes.customer_id) = 2"
        f" from {HOUSEHOLDS} as homes inner join {RESOLVED} as resolved"
        " on homes.customer_id = resolved.customer_id"
        " where resolved.record_id in (select unnest($left::varchar[]))"
        " or resolved.record_id in (select unnest($right::varchar[]))",
        asked,
    ).fetchone()
    if row and row[0]:
        yield TEXTS("same_household", lang)


def _refused(
    con: DuckDBPyConnection, left: list[str], right: list[str] | None, lang: str
) -> Iterator[str]:
    """Evidence that a guard refused, between the two sides or with anybody."""
    rows = con.execute(
        f"select record_id, other_record_id, rule, cut_reason from {EVIDENCE} where not is_used"
        " and (record_id in (select unnest($left::varchar[])) and ($any or other_record_id in"
        " (select unnest($right::varchar[]))) or other_record_id in"
        " (select unnest($left::varchar[])) and ($any or record_id in"
        " (select unnest($right::varchar[])))) order by all",
        {"left": left, "right": right or [], "any": right is None},
    ).fetchall()
    for record, other, rule, reason in rows:
        yield TEXTS(
            "cut", lang, one=said(record), other=said(other),
            what=_rule(rule, lang), why=_reason(reason, lang),
        )  # fmt: skip


def _decided(
    decisions: Sequence[Decision], left: Sequence[str] | dict[str, bool],
    right: Sequence[str] | dict[str, bool], lang: str,
) -> Iterator[str]:  # fmt: skip
    for one in decisions:
        is_between = (one.record_id in left and one.other_record_id in right) or (
            one.record_id in right and one.other_record_id in left
        )
        if is_between:
            yield TEXTS(
                one.decision, lang, one=said(one.record_id), other=said(one.other_record_id),
                by=one.decided_by, day=one.decided_on.isoformat(), reason=one.reason,
            )  # fmt: skip


def _said_step(step: Step, lang: str) -> str:
    key = "joined_by" if step.match_probability is None else "joined_by_link"
    return TEXTS(key, lang, other=said(step.other_record_id), **_values(step, lang))


def _said_pair(step: Step, lang: str) -> str:
    key = "pair" if step.match_probability is None else "pair_link"
    ends = {"one": said(step.record_id), "other": said(step.other_record_id)}
    return TEXTS(key, lang, **ends, **_values(step, lang))


def _values(step: Step, lang: str) -> dict[str, str]:
    share = "" if step.match_probability is None else _share(step.match_probability, lang)
    trust = format_decimal(step.trust, format="0.00", locale=lang)
    return {"what": _rule(step.rule, lang), "trust": trust, "share": share}


def _share(probability: float, lang: str) -> str:
    sign = "\u202f%" if lang == "fr" else "%"
    return str(format_percent(probability, format=f"0.0{sign}", locale=lang))


def said(record_id: str) -> str:
    """A record as people name it: the system, then its key."""
    system, _, key = record_id.partition("|")
    return f"{system} {key}"


def _rule(rule: str, lang: str) -> str:
    key = f"rule_{rule}"
    return TEXTS(key, lang) if key in TEXTS.keys() else rule  # noqa: SIM118 - not a mapping


def _reason(reason: str, lang: str) -> str:
    key = f"why_{reason}"
    return TEXTS(key, lang) if key in TEXTS.keys() else reason  # noqa: SIM118 - not a mapping


def require_language(lang: str) -> str:
    """The language, where there are texts in it. Raises ConfigError."""
    from contract.errors import ConfigError

    if lang not in LANGUAGES:
        raise ConfigError(f"No texts in '{lang}'. Known: {', '.join(LANGUAGES)}.")
    return lang
