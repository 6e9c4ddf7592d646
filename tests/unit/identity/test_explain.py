"""What joins two records, or keeps them apart, is said in words; nobody's data is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest

from contract.errors import ConfigError
from identity.explain import TEXTS, explain_one, explain_two
from identity.who import find
from tests.fixtures.identity_records import Inputs, Shared, clustered, decided, open_warehouse

RECORDS = ["crm|1", "crm|9", "shop|1", "shop|2", "tills|7", "web|5"]
APART = decided("never_same", "shop|1", "web|5")
INPUTS = Inputs(
    RECORDS,
    [
        Shared(("shop|1", "tills|7"), rule="loyalty_card", trust=1.0, value="77"),
        Shared(("crm|1", "tills|7"), rule="email", value="anne@b.fr"),
        Shared(("shop|2", "tills|7"), rule="name_and_address", trust=0.8, value="home"),
        Shared(("shop|1", "web|5"), rule="phone_and_first_name", trust=0.9, value="0612"),
    ],
    {"tills|7": (date(1980, 1, 1), "anne"), "shop|2": (date(1990, 1, 1), "anne")},
    decisions=[APART],
)
ANNE, LATER = "c_anne", "c_later"


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    from identity.guards import Bounds

    with open_warehouse(Bounds(10, 1, 3)) as warehouse:
        clustered(warehouse, INPUTS)
        warehouse.execute(f"""
            create table intermediate.int_identity__resolved as
            select record_id, record_id in ('tills|7', 'shop|2', 'web|5', 'crm|9') as is_founder,
                case cluster_id when 'crm|1' then '{ANNE}' else 'c_' || record_id end
                    as customer_id, record_id as first_seen_at
            from intermediate.identity_clusters;
            create schema core;
            create table core.customer_id_history as
            select '{LATER}' as customer_id_published, '{ANNE}' as customer_id_current,
                'crm|1' as record_id;
            create table intermediate.int_identity__weighed as
            select * from (values
                ('crm|9', 'email', 'family@b.fr', 'another_name'),
                ('tills|7', 'email', 'family@b.fr', 'another_name')
            ) as rows(record_id, rule, identifier_value, reason_not);
            create table intermediate.int_identity__observed as
            select * from (values
                ('crm|9', 'phone', '+33612'), ('crm|1', 'phone', '+33612')
            ) as rows(record_id, identifier_kind, identifier_value);
            create table intermediate.int_households__grouped as
            select customer_id, 'h_1' as household_id from intermediate.int_identity__resolved;
            insert into intermediate.identity_links by name
            select 'crm|9' as record_id, 'crm|1' as other_record_id, 0.8 as match_probability,
                'review' as status
        """)
        yield warehouse


def test_one_person_is_told_record_by_record_with_what_was_refused(
    con: duckdb.DuckDBPyConnection,
) -> None:
    lines = explain_one(con, find(con, "shop|1"), [APART], "en")
    assert lines[0] == "c_anne is one person of 3 records"
    told = "\n".join(lines)
    assert "tills 7: seen first" in told
    assert "one with shop 1: the same loyalty card (trust 1.00)" in told
    assert "two birth dates would be one person" in told
    assert "somebody decided that they are never the same" in told
    assert "anne@b.fr" not in told


def test_the_path_goes_over_the_fewest_records(con: duckdb.DuckDBPyConnection) -> None:
    lines = explain_two(con, find(con, "shop|1"), find(con, LATER), [], "en")
    assert lines == [
        "One person, c_anne; the evidence from the one to the other:",
        "  tills 7 and shop 1: the same loyalty card (trust 1.00)",
        "  tills 7 and crm 1: the same proved e-mail address, first names not in conflict"
        " (trust 0.95)",
    ]


def test_two_people_are_told_what_keeps_them_apart(con: duckdb.DuckDBPyConnection) -> None:
    lines = explain_two(con, find(con, "shop|1"), find(con, "crm|9"), [], "fr")
    assert lines[0] == "Deux personnes, c_anne et c_crm|9 ; ce qui a été examiné entre elles :"
    told = "\n".join(lines)
    assert "la même adresse e-mail prouvée" in told
    assert "leurs noms diffèrent" in told
    assert "Un numéro de téléphone en commun" in told
    assert "80,0\u202f%" in told
    assert "même foyer" in told
    apart = explain_two(con, find(con, "shop|1"), find(con, "web|5"), [APART], "en")
    assert "Test decided on 2026-01-01 that shop 1 and web 5 are never the same" in apart[1]


def test_an_id_of_nobody_is_refused(con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(ConfigError, match="Nobody has the id 'c_0'"):
        find(con, "c_0")


def test_every_rule_kind_and_reason_has_its_words() -> None:
    import csv
    from pathlib import Path

    from identity.guards import NEVER_SAME

    seeds = Path(__file__).parents[3] / "dbt_project" / "seeds"

    def column(name: str, seed: str) -> set[str]:
        with (seeds / f"{seed}.csv").open() as file:
            return {row[name] for row in csv.DictReader(file) if row.get("is_joining") != "false"}

    wanted = {f"rule_{rule}" for rule in column("rule", "identity_rules")}
    wanted |= {f"kind_{kind}" for kind in column("identifier_kind", "identity_kinds")}
    wanted |= {f"why_{reason}" for reason in column("reason", "identity_blocked_values")}
    wanted |= {
        f"why_too_many_{guard.removesuffix('_count')}s"
        for guard in column("guard", "identity_guards")
    }
    wanted |= {f"why_{NEVER_SAME}", "rule_decision"}
    assert wanted - set(TEXTS.keys()) == set()
