"""The work list of pairs that the model leaves to somebody: an XLSX out, answers back in.

A pair is on the list while its status is `review`, nobody decided about it, and its two records are
not one person by other evidence. Everything in a cell is text, a number or empty, never a formula.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contract.errors import ConfigError, did_you_mean
from contract.texts import LANGUAGES, Texts

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TEXTS = Texts.load(Path(__file__).parent / "review.texts.yml")
FIELDS = (
    "first_name",
    "last_name",
    "birth_date",
    "email",
    "phone",
    "address_line",
    "postal_code",
    "city",
    "loyalty_card_key",
)
ANSWERS = ("same", "never_same", "unsure")
_FIXED = ("probability", "why", "answer", "reason", "record_id", "other_record_id")
_WIDTHS = (11, 44, 16, 30, 24, 24)
_ANSWER_COLUMN = _FIXED.index("answer")


@dataclass(frozen=True)
class Pair:
    """A pair to look at: its records, how likely, what spoke, and what each says of itself."""

    record_id: str
    other_record_id: str
    probability: float
    evidence: str
    one: Sequence[object]
    other: Sequence[object]


@dataclass(frozen=True)
class Answer:
    """What somebody answered: decision is same or never_same, reason as written or empty."""

    decision: str
    record_id: str
    other_record_id: str
    reason: str


def pairs_to_review(con: DuckDBPyConnection, decided: Collection[frozenset[str]]) -> list[Pair]:
    """The pairs of the list, likeliest first."""
    columns = ", ".join(f"{side}.{field}" for side in ("one", "other") for field in FIELDS)
    rows = con.execute(
        f"""
        select links.record_id, links.other_record_id, match_probability, evidence, {columns}
        from intermediate.identity_links as links
        inner join intermediate.int_identity__profiles as one on links.record_id = one.record_id
        inner join intermediate.int_identity__profiles as other
            on links.other_record_id = other.record_id
        left join intermediate.identity_clusters as cluster
            on links.record_id = cluster.record_id
        left join intermediate.identity_clusters as other_cluster
            on links.other_record_id = other_cluster.record_id
        where links.status = 'review'
            and cluster.cluster_id is distinct from other_cluster.cluster_id
        order by match_probability desc, links.record_id, links.other_record_id
        """
    ).fetchall()
    middle = 4 + len(FIELDS)
    return [
        Pair(row[0], row[1], row[2], row[3], row[4:middle], row[middle:])
        for row in rows
        if frozenset(row[:2]) not in decided
    ]


def write_review(path: Path, pairs: Sequence[Pair], lang: str) -> None:
    """Write the list, readable by its owner alone."""
    import xlsxwriter

    partial = path.with_name(path.name + ".partial")
    partial.touch(mode=0o600)
    partial.chmod(0o600)
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(partial), options) as book:
        sheet = book.add_worksheet(TEXTS("sheet", lang))
        _head(book, sheet, lang)
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        for line, pair in enumerate(pairs, start=1):
            for position, value in enumerate(_cells(pair, lang)):
                if isinstance(value, float):
                    sheet.write_number(line, position, value, wrapped)
                elif value:
                    sheet.write_string(line, position, value, wrapped)
        labels = [TEXTS(answer, lang) for answer in ANSWERS]
        sheet.data_validation(
            1,
            _ANSWER_COLUMN,
            max(len(pairs), 1),
            _ANSWER_COLUMN,
            {
                "validate": "list",
                "source": labels,
                "error_message": TEXTS("choose", lang, **dict(zip(ANSWERS, labels, strict=True))),
            },
        )
        sheet.freeze_panes(1, _ANSWER_COLUMN + 1)
    os.replace(partial, path)  # noqa: PTH105 - in one step


def read_answers(path: Path, known: Collection[frozenset[str]]) -> list[Answer]:
    """The answers of a list that came back; empty and "unsure" cells are none.

    known: the pairs that were scored. Raises ConfigError with the row for an answer that is not
    one, or a pair that is not known.
    """
    from openpyxl import load_workbook

    if not path.exists():
        raise ConfigError(f"{path}: no such file.")
    book = load_workbook(path, read_only=True, data_only=True)
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    book.close()
    columns = _columns(path, rows[0] if rows else ())
    answers = [
        _answer(f"{path}: row {number}", row, columns, known)
        for number, row in enumerate(rows[1:], start=2)
    ]
    return [answer for answer in answers if answer is not None]


def words(evidence: str, lang: str) -> str:
    """What speaks for and against, in words, the strongest first."""
    weights = [part.split(":") for part in evidence.split("|") if part]
    said = []
    for key, sign in (("for", 1), ("against", -1)):
        names = sorted(
            ((sign * float(weight), name) for name, weight in weights if sign * float(weight) > 0),
            reverse=True,
        )
        if names:
            what = ", ".join(TEXTS(name, lang) for _, name in names)
            said.append(TEXTS(key, lang, what=what))
    return "; ".join(said)


def _head(book: Any, sheet: Any, lang: str) -> None:
    bold = book.add_format({"bold": True, "bg_color": "#DDE7F0", "text_wrap": True})
    fields = [
        TEXTS("side", lang, field=TEXTS(field, lang), side=side)
        for field in FIELDS
        for side in (1, 2)
    ]
    titles = [*(TEXTS(name, lang) for name in _FIXED), *fields]
    for position, title in enumerate(titles):
        sheet.write_string(0, position, title, bold)
        width = _WIDTHS[position] if position < len(_WIDTHS) else 20
        sheet.set_column(position, position, width)


def _cells(pair: Pair, lang: str) -> list[str | float]:
    sides = [
        "" if value is None else str(value)
        for both in zip(pair.one, pair.other, strict=True)
        for value in both
    ]
    why = words(pair.evidence, lang)
    return [pair.probability, why, "", "", pair.record_id, pair.other_record_id, *sides]


def _columns(path: Path, head: Sequence[object]) -> dict[str, int]:
    titles = {str(title): position for position, title in enumerate(head)}
    found = {}
    for name in ("answer", "reason", "record_id", "other_record_id"):
        labels = [TEXTS(name, lang) for lang in LANGUAGES]
        (found[name],) = [titles[label] for label in labels if label in titles][:1] or [-1]
        if found[name] < 0:
            raise ConfigError(f"{path}: no column '{labels[0]}'.{did_you_mean(labels[0], titles)}")
    return found


def _answer(
    where: str, row: Sequence[object], columns: dict[str, int], known: Collection[frozenset[str]]
) -> Answer | None:
    said = {
        name: str(row[place] or "").strip() if place < len(row) else ""
        for name, place in columns.items()
    }
    by_label = {TEXTS(answer, lang): answer for answer in ANSWERS for lang in LANGUAGES}
    if not said["answer"]:
        return None
    if said["answer"] not in by_label:
        hint = did_you_mean(said["answer"], by_label)
        raise ConfigError(f"{where}: no answer '{said['answer']}'.{hint}")
    if frozenset((said["record_id"], said["other_record_id"])) not in known:
        raise ConfigError(
            f"{where}: {said['record_id']} and {said['other_record_id']} were never compared. "
            "Change only the answers and reasons of a list."
        )
    decision = by_label[said["answer"]]
    if decision == "unsure":
        return None
    return Answer(decision, said["record_id"], said["other_record_id"], said["reason"])
