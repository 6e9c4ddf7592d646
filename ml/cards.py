"""A model's card: what it learnt from, how good it was on later data, and what it must not see."""

from __future__ import annotations

from datetime import timedelta
from importlib.metadata import version
from typing import Any

from ml.reports import TrainingReport
from ml.spec import ModelSpec

EXCLUDED = ("age", "income", "home ownership", "marital status", "household size", "children")


def versions() -> dict[str, str]:
    """Versions of the libraries that decide what a model is."""
    return {name: version(name) for name in ("numpy", "scikit-learn", "scipy", "skops")}


def card_of(
    spec: ModelSpec, report: TrainingReport, model: dict[str, Any], sha256: str
) -> dict[str, Any]:
    """The card as plain values."""
    return {
        "score": spec.name,
        "model_version": report.model_version,
        "sha256": sha256,
        "question": f"labels known {spec.known_after_days} days after a cut-off",
        "training_cut_offs": [day.isoformat() for day in report.cut_offs],
        "data_window": data_window(spec, report),
        "test_cut_offs": [day.isoformat() for day in report.test_cut_offs],
        "labelled_rows": report.row_count,
        "positive_rows": report.positive_count,
        "metrics": report.metrics,
        "used": report.used,
        "notice": report.notice_en,
        "members": dict(zip(model["members"], model["weights"], strict=True)),
        "is_calibrated_after": bool(model["slope"] != 1.0 or model["intercept"] != 0.0),
        "features": model["names"],
        "excluded_attributes": list(EXCLUDED),
        "library_versions": versions(),
    }


def data_window(spec: ModelSpec, report: TrainingReport) -> list[str]:
    """First cut-off learnt from, and the day on which the last one's outcomes were known."""
    if not report.cut_offs:
        return []
    last = max(report.cut_offs) + timedelta(days=spec.known_after_days)
    return [min(report.cut_offs).isoformat(), last.isoformat()]


def markdown_of(card: dict[str, Any]) -> str:
    """The card for people."""
    lines = [
        f"# {card['score']} {card['model_version']}",
        "",
        f"* used: {'yes' if card['used'] else 'no'} {card['notice']}".rstrip(),
        "* this file is fitted on all cut-offs whose outcomes are known: "
        + ", ".join(card["training_cut_offs"]),
        f"* data window: {' to '.join(card['data_window'])}, first cut-off to last outcome",
        f"* back-tested at {', '.join(card['test_cut_offs'])}: each by an earlier fit of this",
        "  recipe, on the outcomes known by that day only; the metrics below are theirs, not this",
        "  file's on what it has learnt from",
        f"* labelled rows: {card['labelled_rows']}, positive: {card['positive_rows']}",
        f"* never sees: {', '.join(card['excluded_attributes'])}",
        f"* SHA-256 of the model file: {card['sha256']}",
        "",
        "| metric | " + " | ".join(card["metrics"]) + " |",
        "|---|" + "---|" * len(card["metrics"]),
    ]
    names = sorted({metric for values in card["metrics"].values() for metric in values})
    for name in names:
        cells = [f"{values.get(name, float('nan')):.4f}" for values in card["metrics"].values()]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    libraries = ", ".join(f"{name} {found}" for name, found in card["library_versions"].items())
    return "\n".join([*lines, "", f"Libraries: {libraries}", ""])
