"""The evidence beside a score: back-tests with the naive rule, calibration, what drives it."""

from __future__ import annotations

from typing import Any

from dashboards import theme
from dashboards.charts import bars
from dashboards.grids import against
from dashboards.page import Chart, Context, Table
from dashboards.trends import lines

SHOWN_DRIVERS = 8
MODELS = (("champion", theme.ACCENT), ("lr_rfm", theme.ACCENT_MID), ("naive", theme.CONTEXT))


def backtest_query(scores: str) -> str:
    """AUC of the listed scores (SQL list) by cut-off and model."""
    return (
        "select score, cut_off, model, avg(value) as value from ml.backtests "
        f"where score in ({scores}) and metric = 'auc' "
        "group by all order by score, cut_off, model"
    )


def calibration_query(scores: str) -> str:
    """Ten bins over all test cut-offs, weighted by their rows."""
    return (
        "select score, bin, sum(predicted * row_count) / sum(row_count) as predicted, "
        "sum(observed * row_count) / sum(row_count) as observed, sum(row_count) as row_count "
        f"from ml.calibration where score in ({scores}) and row_count > 0 "
        "group by score, bin order by score, predicted"
    )


def drivers_query(scores: str) -> str:
    """Drivers of the listed scores, strongest first."""
    return (
        "select score, feature, importance, label_en, label_fr from ml.drivers "
        f"where score in ({scores}) and importance > 0 order by score, importance desc, feature"
    )


def means(context: Context, score: str) -> dict[str, float]:
    """Mean AUC of each model over the test cut-offs."""
    rows = context.frame("backtests")
    if not len(rows):
        return {}
    mine = rows[rows["score"] == score]
    return {str(name): float(v) for name, v in mine.groupby("model")["value"].mean().items()}


def backtest_chart(context: Context, score: str, *, is_used: bool) -> Chart | None:
    """AUC of the model, the regression and the naive rule on each test day."""
    say, mean = context.say, means(context, score)
    if not {"champion", "naive"} <= mean.keys():
        return None
    rows = context.frame("backtests")
    wide = rows[rows["score"] == score].pivot(index="cut_off", columns="model", values="value")
    shown = [(name, colour) for name, colour in MODELS if name in wide.columns]
    days = list(wide.index)
    series = [(say.name(name), colour, list(wide[name])) for name, colour in shown]
    cells = [[say.day(d), *[say.percent(wide.loc[d, n], 1) for n, _ in shown]] for d in days]
    title = say(
        "backtest_title" if is_used else "backtest_title_lost",
        score=say.name(score),
        champion=say.percent(mean["champion"], 1),
        naive=say.percent(mean["naive"], 1),
    )
    return Chart(
        title,
        say("backtest_note"),
        lines(say, [say.short_day(day) for day in days], series, is_share=True),
        Table([say("tested_on"), *[s[0] for s in series]], cells, frozenset({1, 2, 3})),
    )


def calibration_chart(context: Context, score: str) -> Chart | None:
    """Predicted probabilities beside what happened."""
    say, rows = context.say, context.frame("calibration")
    mine = rows[rows["score"] == score] if len(rows) else rows
    if not len(mine):
        return None
    # The bin nearest to an even chance says most about whether the numbers can be believed.
    near = mine.iloc[int((mine["predicted"] - 0.5).abs().to_numpy().argmin())]
    cells = [
        [say.percent(r.predicted, 1), say.percent(r.observed, 1), say.number(r.row_count)]
        for r in mine.itertuples()
    ]
    title = say(
        "calibration_title",
        score=say.name(score),
        predicted=say.percent(near.predicted),
        observed=say.percent(near.observed),
    )
    titles = (say("predicted"), say("observed"), say("perfect"))
    headers = [say("predicted"), say("observed"), say("predictions")]
    return Chart(
        title,
        say("calibration_note"),
        against(say, list(mine["predicted"]), list(mine["observed"]), titles),
        Table(headers, cells, frozenset({1, 2})),
    )


def drivers_chart(context: Context, score: str, *, is_wide: bool = False) -> Chart | None:
    """What the score listens to, strongest at 100."""
    say, rows = context.say, context.frame("drivers")
    mine: Any = rows[rows["score"] == score].head(SHOWN_DRIVERS) if len(rows) else rows
    if not len(mine):
        return None
    names = list(mine[f"label_{say.lang}"])
    weights = [100 * value / mine.iloc[0].importance for value in mine["importance"]]
    texts = [say.number(weight) for weight in weights]
    colours = [theme.ACCENT] + [theme.ACCENT_SOFT] * (len(names) - 1)
    cells = [list(row) for row in zip(names, texts, strict=True)]
    return Chart(
        say("drivers_title", driver=names[0]),
        say("drivers_note", score=say.name(score)),
        bars(say, names, weights, texts, colours),
        Table([say("driver"), say("weight")], cells, frozenset({1})),
        is_wide=is_wide,
    )
