"""Everything that is known and decided about one person, and why: `habitue why CUSTOMER_ID`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from activation.columns import PERSON_MART, Marts
from activation.explained_values import Line, Section, value_sections
from activation.people import Asked, load_requests
from activation.tables import deliveries, experiment_assignments, plan_rows, plans
from activation.words import day, said
from contract.errors import ConfigError
from contract.gate import CHANNELS, Allowed, Gate, contact_purpose
from contract.texts import Texts

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from sqlalchemy import Engine

TEXTS = Texts.load(Path(__file__).parent / "why.texts.yml")
LANGUAGES = ("en", "fr")


@dataclass(frozen=True)
class Explanation:
    """What explain_customer found. `as_text` is the printed form."""

    customer_id: str
    sections: tuple[Section, ...]
    lang: str

    def as_text(self) -> str:
        """Sections and lines, one under the other."""
        parts = [self.customer_id]
        for section in self.sections:
            parts += ["", section.title]
            parts += [f"  {_joined(line, self.lang)}" for line in section.lines]
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
    """Identity, every value with its rule, segments, contact decisions, deliveries.

    Raises ConfigError when nobody has this id, or there are no texts in that language.
    """
    require_language(asking.lang)
    values = _row(con, customer_id)
    lang = asking.lang
    known = value_sections(con, values, asking.columns[PERSON_MART], lang)
    identity = Section(TEXTS("identity", lang), list(_identity(con, customer_id, lang)))
    found = {
        "segments": _segments(con, customer_id, lang),
        "gate": _decisions(con, customer_id, asking),
        "deliveries": _deliveries(engine, customer_id, asking),
    }
    nothing = Line(TEXTS("nothing", lang), "")
    others = (Section(TEXTS(key, lang), list(lines) or [nothing]) for key, lines in found.items())
    return Explanation(customer_id, (identity, *known, *others), lang)


def require_language(lang: str) -> None:
    """Raises ConfigError for a language that has no texts, naming those that have."""
    if lang not in LANGUAGES:
        raise ConfigError(f"No texts in '{lang}'. Languages: {', '.join(LANGUAGES)}.")


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


def _segments(con: DuckDBPyConnection, customer_id: str, lang: str) -> Iterator[Line]:
    reasons = f"reasons_{lang}"
    rows = con.execute(
        f"select segment, entered_on, {reasons} from segments.members where customer_id = ? "
        "order by segment",
        [customer_id],
    ).fetchall()
    for segment, entered_on, why in rows:
        yield Line(segment, TEXTS("since", lang, day=day(entered_on, lang), reason=why))


def _decisions(con: DuckDBPyConnection, customer_id: str, asking: Asking) -> Iterator[Line]:
    for channel in CHANNELS:
        asked = Asked((), channel, contact_purpose(channel), (), asking.hash_key)
        requests = load_requests(con, [customer_id], asked)
        [decision] = asking.gate.decide(list(requests.values()), asking.now)
        if isinstance(decision, Allowed):
            text = TEXTS("allowed", asking.lang, basis=TEXTS(decision.basis, asking.lang))
        else:
            reason = asking.gate_texts(decision.reason, asking.lang)
            text = TEXTS("denied", asking.lang, reason=reason)
        yield Line(said(channel, asking.lang, "channel"), text, decision.entry_id or "")


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


def _joined(line: Line, lang: str) -> str:
    text = line.name
    if line.value:
        text = TEXTS("line", lang, name=line.name, value=line.value)
    return f"{text}  [{line.note}]" if line.note else text
