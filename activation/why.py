"""Everything that is known and decided about one person, and why: `habitue why CUSTOMER_ID`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from activation.columns import PERSON_MART, Marts
from activation.people import Asked, load_requests
from activation.tables import deliveries, experiment_assignments, plan_rows, plans
from activation.words import day, said
from contract.errors import ConfigError
from contract.gate import CHANNELS, Allowed, Gate
from contract.texts import Texts

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from sqlalchemy import Engine

TEXTS = Texts.load(Path(__file__).parent / "why.texts.yml")


@dataclass(frozen=True)
class Line:
    """One fact: what, its value, and why or from where."""

    name: str
    value: str
    note: str = ""


@dataclass
class Section:
    """Facts of one kind."""

    title: str
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True)
class Explanation:
    """What explain_customer found. `as_text` is the printed form."""

    customer_id: str
    sections: tuple[Section, ...]

    def as_text(self) -> str:
        """Sections and lines, one under the other."""
        parts = [self.customer_id]
        for section in self.sections:
            parts += ["", section.title]
            parts += [f"  {_joined(line)}" for line in section.lines]
        return "\n".join(parts)


@dataclass(frozen=True)
class Asking:
    """With what the explanation is asked: gate and clock for "may we?", columns for the words.

    gate_texts: reason code → sentence of governance/gate.texts.yml.
    """

    lang: str
    columns: Marts
    gate: Gate
    gate_texts: Texts
    now: datetime
    hash_key: bytes = field(repr=False)


def explain_customer(
    con: DuckDBPyConnection, engine: Engine, customer_id: str, asking: Asking
) -> Explanation:
    """Identity, values with origin, segments, scores, contact decisions, deliveries.

    Raises ConfigError when nobody has this id.
    """
    values = _row(con, customer_id)
    lang = asking.lang
    found = {
        "identity": _identity(con, customer_id, lang),
        "values": _values(values, asking),
        "segments": _segments(con, customer_id, lang),
        "scores": _scores(con, customer_id, lang),
        "gate": _decisions(con, customer_id, asking),
        "deliveries": _deliveries(engine, customer_id, asking),
    }
    nothing = Line(TEXTS("nothing", lang), "")
    sections = (Section(TEXTS(key, lang), list(lines) or [nothing]) for key, lines in found.items())
    return Explanation(customer_id, tuple(sections))


def _row(con: DuckDBPyConnection, customer_id: str) -> dict[str, Any]:
    cursor = con.execute(f"select * from marts.{PERSON_MART} where customer_id = ?", [customer_id])
    names = [column[0] for column in cursor.description]
    row = cursor.fetchone()
    if row is None:
        raise ConfigError(f"Nobody has the id '{customer_id}'. Ids are in marts.{PERSON_MART}.")
    return dict(zip(names, row, strict=True))


def _identity(con: DuckDBPyConnection, customer_id: str, lang: str) -> Iterator[Line]:
    cursor = con.execute(
        "select * from intermediate.int_identity__resolved where customer_id = ? "
        "order by source_system, customer_key",
        [customer_id],
    )
    names = [column[0] for column in cursor.description]
    for row in cursor.fetchall():
        record = dict(zip(names, row, strict=True))
        name = TEXTS("record", lang, key=record["customer_key"], system=record["source_system"])
        note = TEXTS("founder", lang) if record.get("is_founder") else ""
        yield Line(name, said(record.get("first_seen_at"), lang), note)


def _values(values: dict[str, Any], asking: Asking) -> Iterator[Line]:
    for name, column in asking.columns[PERSON_MART].items():
        origin = TEXTS(column.origin, asking.lang)
        value = said(values.get(name), asking.lang, name)
        yield Line(column.label[asking.lang], value, f"{origin}; {column.description}")


def _segments(con: DuckDBPyConnection, customer_id: str, lang: str) -> Iterator[Line]:
    reasons = f"reasons_{lang}"
    rows = con.execute(
        f"select segment, entered_on, {reasons} from segments.members where customer_id = ? "
        "order by segment",
        [customer_id],
    ).fetchall()
    for segment, entered_on, why in rows:
        yield Line(segment, TEXTS("since", lang, day=day(entered_on, lang), reason=why))


def _scores(con: DuckDBPyConnection, customer_id: str, lang: str) -> Iterator[Line]:
    exists = con.execute(
        "select 1 from information_schema.tables "
        "where table_schema = 'ml' and table_name = 'scores'"
    ).fetchone()
    rows = (
        con.execute(
            "select score, subject, probability, model_version, used, reasons from ml.scores "
            "where customer_id = ? order by score, probability desc",
            [customer_id],
        ).fetchall()
        if exists
        else []
    )
    for score, subject, probability, version, used, reasons in rows:
        drivers = "; ".join(str(item[lang]) for item in json.loads(reasons)) if reasons else ""
        text = TEXTS(
            "score",
            lang,
            share=said(probability, lang, "score_probability"),
            version=version,
            used=TEXTS("used" if used else "not_used", lang),
            drivers=f" – {drivers}" if drivers else "",
        )
        yield Line(f"{score} {subject}".strip(), text)


def _decisions(con: DuckDBPyConnection, customer_id: str, asking: Asking) -> Iterator[Line]:
    for channel in CHANNELS:
        asked = Asked((), channel, "marketing", (), asking.hash_key)
        requests = load_requests(con, [customer_id], asked)
        [decision] = asking.gate.decide(list(requests.values()), asking.now)
        if isinstance(decision, Allowed):
            text = TEXTS("allowed", asking.lang, basis=TEXTS(decision.basis, asking.lang))
        else:
            reason = asking.gate_texts(decision.reason, asking.lang)
            text = TEXTS("denied", asking.lang, reason=reason)
        yield Line(channel, text, decision.entry_id or "")


def _deliveries(engine: Engine, customer_id: str, asking: Asking) -> Iterator[Line]:
    lang = asking.lang
    with engine.connect() as connection:
        held = select(deliveries).where(deliveries.c.customer_id == customer_id)
        for row in connection.execute(held.order_by(deliveries.c.campaign)).mappings():
            key = "delivered" if row["is_present"] else "removed"
            on = day(row["contacted_on"], lang)
            text = TEXTS(key, lang, destination=row["destination"], day=on)
            yield Line(row["campaign"], text, row["entry_id"] or row["basis"] or "")
        control = select(experiment_assignments.c.experiment).where(
            experiment_assignments.c.customer_id == customer_id,
            experiment_assignments.c.arm == "control",
        )
        for experiment in connection.scalars(control):
            yield Line(experiment, TEXTS("held_out", lang))
        refused = (
            select(plans.c.campaign, plans.c.destination, plan_rows.c.reason)
            .join(plans, plans.c.plan_id == plan_rows.c.plan_id)
            .where(
                plan_rows.c.customer_id == customer_id,
                plan_rows.c.state.in_(("cancelled", "rejected")),
            )
        )
        for row in connection.execute(refused).mappings():
            reason = _reason(asking, str(row["reason"] or ""))
            text = TEXTS("refused", lang, destination=row["destination"], reason=reason)
            yield Line(row["campaign"], text)


def _reason(asking: Asking, code: str) -> str:
    known = asking.gate_texts.sentences
    return asking.gate_texts(code, asking.lang) if code in known else code


def _joined(line: Line) -> str:
    text = f"{line.name}: {line.value}" if line.value else line.name
    return f"{text}  [{line.note}]" if line.note else text
