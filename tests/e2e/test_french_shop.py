"""An invented French e-shop, three CSV files and one YAML: from its exports to a workbook."""

from __future__ import annotations

import csv
import shutil
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import pytest

from tests.fixtures.command import ROOT, habitue
from tests.fixtures.french_shop.build import build

SEGMENT = """\
title: {en: "Good customers", fr: "Bons clients"}
description: {en: "Bought for 2,000 or more.", fr: "Ont acheté pour 2 000 ou plus."}
owner: crm
where: {all: [{column: net_amount, at_least: 2000}]}
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Home of the e-shop after one `habitue run`."""
    root = tmp_path_factory.mktemp("shop")
    home, segments, campaigns = root / "var", root / "segments", root / "campaigns"
    build(home / "landing", root / "declarations")
    for folder in (segments, campaigns):
        folder.mkdir()
    (segments / "good_customers.yml").write_text(SEGMENT)
    shutil.copy(ROOT / "activation" / "campaigns" / "segment_files.yml", campaigns)
    done = habitue(
        home,
        "run",
        more={
            "HABITUE_DECLARATIONS": str(root / "declarations"),
            "HABITUE_SEGMENTS_DIR": str(segments),
            "HABITUE_CAMPAIGNS_DIR": str(campaigns),
            "HABITUE_AS_OF": "2024-06-30",
            "HABITUE_COMPANY_NAME": "La Boutique",
        },
    )
    assert done.code == 0, done.output[-4000:]
    return home


def exported_rows(home: Path, name: str) -> list[dict[str, str]]:
    text = (home / "landing" / "french_shop" / name).read_text(encoding="cp1252")
    return list(csv.DictReader(text.splitlines(), delimiter=";"))


def number(text: str) -> Decimal:
    return Decimal(text.replace("\u00a0", "").replace(" ", "").replace(",", "."))


def revenue_by_buyer(home: Path) -> dict[str, Decimal]:
    """What the three files say of each buyer, worked out without the warehouse."""
    revenue: dict[str, Decimal] = defaultdict(Decimal)
    for line in exported_rows(home, "commandes.csv"):
        if line["etat"] == "Payée":
            buyer = line["no_client"] or line["courriel"]
            revenue[buyer] += number(line["quantite"]) * number(line["prix_unitaire"])
    for refund in exported_rows(home, "remboursements.csv"):
        revenue[refund["no_client"]] -= number(refund["montant"])
    return revenue


def read(home: Path, query: str) -> list[tuple[object, ...]]:
    path = (home / "published").resolve() / "named.duckdb"
    with duckdb.connect(str(path), read_only=True) as con:
        return con.execute(query).fetchall()


def test_every_buyer_has_the_revenue_that_the_files_state(shop: Path) -> None:
    found = read(
        shop,
        """select case when relation = 'buyer' and customer_key like 'guest:%' then email
            else customer_key end, net_amount
        from marts.customer_360 where order_count > 0""",
    )
    assert dict(found) == {k: v for k, v in revenue_by_buyer(shop).items() if k}


def test_rfm_and_pmg_hold_every_buyer_and_all_of_the_window(shop: Path) -> None:
    (buyers,) = read(shop, "select count(*) from marts.customer_360 where order_count > 0")[0]
    assert read(shop, "select count(*), count(distinct rfm_group) > 1 from marts.rfm") == [
        (buyers, True)
    ]
    assert read(shop, "select sum(net_amount_share)::decimal(9, 6) from marts.pmg_classes") == [
        (Decimal("1.000000"),)
    ]


def test_a_customer_who_never_bought_is_known_and_has_no_rfm(shop: Path) -> None:
    silent = read(
        shop,
        "select count(*), count(rfm_score), count(pmg_class) from marts.customer_360 "
        "where coalesce(order_count, 0) = 0",
    )
    known = {row["no_client"] for row in exported_rows(shop, "clients.csv")}
    assert silent == [(len(known - set(revenue_by_buyer(shop))), 0, 0)]


def test_the_segment_is_a_workbook_with_its_members(shop: Path) -> None:
    expected = [v for v in revenue_by_buyer(shop).values() if v >= 2000]
    workbook = openpyxl.load_workbook(shop / "exports/good_customers/good_customers_fr.xlsx")
    rows = list(workbook.worksheets[0].iter_rows(values_only=True))
    assert len(rows) - 1 == len(expected) > 0
