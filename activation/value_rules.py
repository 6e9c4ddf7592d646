"""The rule behind a computed value, with one person's numbers: cuts, limits, own rhythm, score."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from activation.words import said
from contract.texts import Texts

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TEXTS = Texts.load(Path(__file__).parent / "why.texts.yml")
_AXES = {"recency": "days_since_last_order", "frequency": "order_count", "monetary": "net_amount"}
_ATTRITION = ("attrition_28d", "attrition_56d", "attrition_own_rhythm")
_OWN = "attrition_own_rhythm"

Facts = dict[str, Any]


def notes_of(con: DuckDBPyConnection, values: Mapping[str, Any], lang: str) -> dict[str, str]:
    """Column of customer_360 → the rule that gave its value. Columns without a rule are absent."""
    customer = str(values["customer_id"])
    settings = _pairs(con, "seeds", "customer_settings", "setting, value")
    rfm = _row(con, "rfm", customer)
    cycle = _row(con, "purchase_cycle", customer)
    notes = _rfm(con, rfm, settings, lang) if rfm and settings else {}
    pmg = _row(con, "pmg", customer)
    if pmg and settings:
        notes |= _pmg(con, pmg, settings, lang)
    if cycle and settings:
        notes |= _rhythm(cycle, settings, lang)
        notes |= _stage(str(values.get("lifecycle_stage")), cycle, rfm, (settings, lang))
    elif not cycle:
        notes["lifecycle_stage"] = TEXTS("rule_never_bought", lang)
    return notes | _predicted(con, values, lang)


def exists(con: DuckDBPyConnection, schema: str, table: str) -> bool:
    """Whether the warehouse has this table already."""
    found = con.execute(
        "select 1 from information_schema.tables where table_schema = ? and table_name = ?",
        [schema, table],
    ).fetchone()
    return found is not None


def _row(con: DuckDBPyConnection, mart: str, customer_id: str) -> Facts:
    if not exists(con, "marts", mart):
        return {}
    found = con.execute(f"select * from marts.{mart} where customer_id = ?", [customer_id])
    names = [column[0] for column in found.description]
    return dict(zip(names, found.fetchone() or (), strict=False))


def _pairs(con: DuckDBPyConnection, schema: str, table: str, columns: str) -> Facts:
    if not exists(con, schema, table):
        return {}
    return dict(con.execute(f"select {columns} from {schema}.{table} order by 2").fetchall())


def _rfm(con: DuckDBPyConnection, rfm: Facts, settings: Facts, lang: str) -> dict[str, str]:
    cuts = con.execute(
        "select axis, score, lower_bound, upper_bound from marts.rfm_cuts where as_of_date = ?",
        [rfm["as_of_date"]],
    ).fetchall()
    bounds = {(axis, score): (lower, upper) for axis, score, lower, upper in cuts}
    notes = {}
    for axis, measure in _AXES.items():
        score = rfm[f"{axis}_score"]
        notes[f"{axis}_score"] = TEXTS(
            f"rule_{axis}",
            lang,
            value=said(rfm[measure], lang, measure),
            window=said(settings["window_days"], lang),
            score=score,
            bounds=_bounds(bounds.get((axis, score), (None, None)), measure, lang),
        )
    frequency, monetary = rfm["frequency_score"], rfm["monetary_score"]
    scores = {"recency": rfm["recency_score"], "frequency": frequency, "monetary": monetary}
    notes["rfm_score"] = TEXTS("rule_rfm_score", lang, **scores)
    mean = (frequency + monetary + 1) // 2
    notes["rfm_group"] = TEXTS("rule_rfm_group", lang, **scores, mean=mean)
    return notes


def _bounds(bounds: tuple[Any, Any], measure: str, lang: str) -> str:
    lower, upper = (said(one, lang, measure) if one is not None else None for one in bounds)
    if lower is None:
        return TEXTS("up_to", lang, upper=upper) if upper else TEXTS("any", lang)
    if upper is None:
        return TEXTS("above", lang, lower=lower)
    return TEXTS("between", lang, lower=lower, upper=upper)


def _pmg(con: DuckDBPyConnection, pmg: Facts, settings: Facts, lang: str) -> dict[str, str]:
    classes = _pairs(con, "seeds", "pmg_settings", "pmg_class, upper_share")
    limits = ", ".join(
        TEXTS(
            "pmg_limit",
            lang,
            name=said(name, lang, "pmg_class"),
            share=said(share, lang, "upper_share"),
        )
        for name, share in classes.items()
    )
    text = TEXTS(
        "rule_pmg",
        lang,
        amount=said(pmg["net_amount"], lang, "net_amount"),
        window=said(settings["window_days"], lang),
        share=said(pmg["cumulative_share"], lang, "cumulative_share"),
        limits=limits,
    )
    return {"pmg_class": text}


def _rhythm(cycle: Facts, settings: Facts, lang: str) -> dict[str, str]:
    gaps = cycle["purchase_day_count"] - 1
    numbers = _said(cycle, lang) | {
        "gaps": said(gaps, lang),
        "prior": said(settings["prior_gap_count"], lang),
        "least": said(settings["smallest_unusual_silence_days"], lang),
    }
    own = "rule_gap" if gaps else "rule_gap_of_all"
    return {
        "typical_gap_days": TEXTS(own, lang, **numbers),
        "silence_unusual_on": TEXTS("rule_unusual", lang, **numbers),
        "is_silence_unusual": TEXTS("rule_silence", lang, **numbers),
    }


def _stage(stage: str, cycle: Facts, rfm: Facts, how: tuple[Facts, str]) -> dict[str, str]:
    settings, lang = how
    numbers = {name: said(value, lang) for name, value in settings.items()}
    numbers |= _said(cycle, lang) | {"frequency": said(rfm.get("frequency_score"), lang)}
    key = f"rule_stage_{stage}"
    if key not in TEXTS.sentences:
        return {}
    rule = TEXTS(key, lang, **numbers)
    return {
        "lifecycle_stage": TEXTS("and_then", lang).join(
            (rule, TEXTS("rule_stage_numbers", lang, **numbers))
        )
    }


def _said(cycle: Facts, lang: str) -> dict[str, str]:
    return {name: said(value, lang, name) for name, value in cycle.items()}


def _predicted(con: DuckDBPyConnection, values: Mapping[str, Any], lang: str) -> dict[str, str]:
    if not exists(con, "ml", "scores"):
        return {}
    rows = con.execute(
        "select score, subject, percentile, model_version, used, reasons from ml.scores "
        "where customer_id = ? and (score <> 'appetence' or subject = ?)",
        [values["customer_id"], values.get("top_appetence_category")],
    ).fetchall()
    notes = {}
    for score, _, percentile, version, used, reasons in rows:
        column = f"{score}_probability" if score in _ATTRITION else f"top_{score}_probability"
        items = json.loads(reasons) if reasons and not _is_said(score, values, lang) else []
        drivers = TEXTS("and_then", lang).join(str(item[lang]) for item in items)
        notes[column] = TEXTS(
            "score",
            lang,
            percentile=said(percentile, lang, "score_percentile"),
            version=version,
            used=TEXTS("used" if used else "not_used", lang),
            drivers=f" – {drivers}" if drivers else "",
        )
    return notes


def _is_said(score: str, values: Mapping[str, Any], lang: str) -> bool:
    """Whether customer_360 has the reasons of this score in a column of their own."""
    return score == _OWN and bool(values.get(f"attrition_reasons_{lang}"))
