from pathlib import Path

import pytest

from activation.definitions import load_segments
from contract.errors import ConfigError
from tests.fixtures.small_marts import columns

HEAD = """
title: {en: Big spenders, fr: Gros acheteurs}
description: {en: Spend a lot., fr: Dépensent beaucoup.}
owner: crm
"""


def write(folder: Path, where: str, name: str = "big", head: str = HEAD) -> None:
    (folder / f"{name}.yml").write_text(head + where, encoding="utf-8")


@pytest.mark.parametrize(
    ("where", "message"),
    [
        (
            "where: {all: [{column: city, is: x}, {column: net_amout, at_least: 5}]}",
            r"activation/segments/big.yml: where.all\[1\]: no column 'net_amout' in "
            r"marts.customer_360. Did you mean 'net_amount'\?",
        ),
        (
            "where: {al: [{column: net_amount, at_least: 5}]}",
            r"unknown key 'al'. Did you mean 'all'",
        ),
        ("where: {all: [{column: net_amount, atleast: 5}]}", r"Did you mean 'at_least'"),
        ("where: {all: [{column: net_amount, at_least: '5'}]}", r"is a number, found '5'"),
        ("where: {all: [{column: net_amount, at_least: .nan}]}", r"is a number, found nan"),
        ("where: {all: [{column: rfm_group, is: no}]}", r"found False. Put it in quotes"),
        ("where: {all: [{column: rfm_group, at_least: 'a'}]}", r"it has no more or less"),
        ("where: {all: [{column: net_amount, within_days: 5}]}", r"is a number, not a date"),
        ("where: {all: [{column: last_ordered_on, within_days: -5}]}", r"whole number ≥ 0"),
        ("where: {all: [{column: rfm_group, in: []}]}", r"expected a list of values"),
        ("where: {all: [{column: rfm_group, is_missing: 1}]}", r"expected true or false"),
        ("where: {all: [{column: net_amount, at_least: 5, at_most: 9}]}", r"expected one of"),
        ("where: {all: []}", r"where.all: expected a list of conditions"),
        ("where: {}", r"expected all, any or none"),
        ("where: {all: [{segment: bigg}]}", r"no segment 'bigg'. Did you mean 'big'"),
        ("where: {all: [{segment: big}]}", r"in a circle: big → big"),
        (
            "where: {all: [{has: {mart: customer_category}}]}",
            r"has.mart: no child mart 'customer_category'. Did you mean 'customer_categories'",
        ),
        (
            "where: {all: [{has: {mart: customer_categories, where: [{has: {mart: x}}]}}]}",
            r"has.where\[0\]: expected \{column",
        ),
        (
            "where: {all: [{column: rfm_group, is: {parameter: group}}]}",
            r"where.all\[0\].is: no parameter 'group'",
        ),
        ("where: {all: [{column: net_amount, is: 1}]}\nsql: drop table", r"unknown key 'sql'"),
        ("where: {all: [{column: net_amount, is: 1}], all: []}", r"'all' is written twice"),
        ("where: &a {all: [*a]}", r"aliases are not allowed"),
        ("where: {all: [{column: net_amount, is: 1}]}\nexpect: {max_share: 9}", r"from 0 to 1"),
        (
            "where: {all: [{column: last_ordered_on, older_than_days: 180}]}\nclock: own_cycle",
            r"clock: 'last_ordered_on' is one delay for everybody. Ask for is_silence_unusual",
        ),
        (
            "where: {all: [{column: net_amount, is: 1}]}\nclock: own_cycle",
            r"clock: no condition on the own purchase cycle",
        ),
    ],
)
def test_a_mistake_says_where_what_and_what_to_do(folder: Path, where: str, message: str) -> None:
    write(folder, where)
    with pytest.raises(ConfigError, match=message):
        load_segments(folder, columns())


def test_a_file_with_parameters_is_one_segment_per_value(folder: Path) -> None:
    head = """
title: {en: "Ready for {category}", fr: "Prêts pour {category}"}
description: {en: "{category}.", fr: "{category}."}
owner: crm
parameters: {category: {values: [COFFEE, FROZEN PIZZA]}}
"""
    where = """
where:
  all:
    - has: {mart: customer_categories, where: [{column: category, is: {parameter: category}}]}
"""
    write(folder, where, "appetence_for", head)
    write(folder, "where: {all: [{segment: appetence_for, with: {category: COFFEE}}]}")
    segments = load_segments(folder, columns())
    assert list(segments) == ["appetence_for__coffee", "appetence_for__frozen_pizza", "big"]
    assert segments["appetence_for__coffee"].title["en"] == "Ready for COFFEE"


def test_deep_nesting_is_refused(folder: Path) -> None:
    where = "{column: net_amount, is: 1}"
    for _ in range(9):
        where = f"{{all: [{where}]}}"
    write(folder, f"where: {where}")
    with pytest.raises(ConfigError, match="nested deeper"):
        load_segments(folder, columns())
