"""Whoever is erased leaves the tools, and is not taken for gone before the tool has said so."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from demo.tool import Fault, Running
from governance.erasure.identifiers import Identifiers
from governance.erasure.saga import Keys, Open
from governance.erasure.state_rows import wipe_state
from orchestration import delivering
from orchestration.control import BUILT
from orchestration.delivering import Desk, Playbook
from orchestration.erasure_places import ORIGINS, Places
from tests.fixtures.small_company import KEY, LETTER, Company


@pytest.fixture
def places(company: Company, monkeypatch: pytest.MonkeyPatch) -> Places:
    monkeypatch.setattr(delivering, "read_pseudonym_key", lambda _: KEY)
    monkeypatch.setattr(delivering, "delivery_settings", lambda *_: company.settings)

    @contextmanager
    def connect() -> Iterator[duckdb.DuckDBPyConnection]:
        yield company.con

    house: Any = SimpleNamespace(
        settings=SimpleNamespace(home=company.home, webhook_url=company.settings.webhook_url),
        warehouse=SimpleNamespace(connect=connect),
        clock=company.now,
        as_of=company.as_of,
        run_id="run",
    )
    playbook = Playbook(company.settings.columns, company.segments, company.destinations, [LETTER])
    return Places(Desk(house, playbook, company.engine, company.gate), Keys(KEY, b""))


def first_held_after_a_letter(company: Company, running: Running) -> tuple[str, str]:
    """(customer key, customer id) of the first whom the tool holds."""
    company.run(LETTER)
    key = sorted(running.tool.members("letter"))[0]
    ((customer_id,),) = company.con.execute(
        "select customer_id from marts.customer_360 where customer_key = ?", [key]
    ).fetchall()
    return key, customer_id


def test_a_tool_that_is_down_for_a_while_keeps_the_erasure_waiting_with_its_identifiers(
    company: Company, running: Running, places: Places
) -> None:
    key, customer_id = first_held_after_a_letter(company, running)
    others = set(running.tool.members("letter")) - {key}
    due = [Open("er_1", "hash", Identifiers(customer_ids=(customer_id,)))]
    assert places.steps["removals"](due).evidence == {"plans": 1}
    running.tool.always = Fault(500)
    waits = places.steps["destinations"](due)["er_1"]
    assert not waits.is_done
    assert waits.evidence["waits_for"] == ["mail_house_key"]
    assert key in running.tool.members("letter")
    running.tool.always = Fault()
    done = places.steps["destinations"](due)["er_1"]
    assert (done.is_done, dict(done.evidence)) == (True, {"acknowledged": True})
    assert set(running.tool.members("letter")) == others
    assert places.steps["destinations"](due)["er_1"].is_done
    wiped = wipe_state(company.engine, due[0].person, KEY)
    assert wiped["deliveries"] == 1
    assert wiped["plan_rows"] >= 1
    assert wipe_state(company.engine, due[0].person, KEY) == {}
    assert customer_id.encode() not in (company.home / "state" / "state.db").read_bytes()


def test_a_tool_that_has_left_the_playbook_is_named_as_one_that_cannot_be_asked(
    company: Company, running: Running, places: Places
) -> None:
    _, customer_id = first_held_after_a_letter(company, running)
    due = [Open("er_1", "hash", Identifiers(customer_ids=(customer_id,)))]
    never_sent = [Open("er_2", "hash", Identifiers(customer_ids=("c_never_sent",)))]
    del places.desk.playbook.destinations[LETTER.destination]
    said = places.steps["destinations"]([*due, *never_sent])
    assert said["er_1"].evidence["cannot_be_asked"] == [LETTER.destination]
    assert said["er_1"].is_done
    assert dict(said["er_2"].evidence) == {"acknowledged": True}


def test_a_campaign_that_is_not_declared_any_more_is_still_taken_back(
    company: Company, running: Running, places: Places
) -> None:
    key, customer_id = first_held_after_a_letter(company, running)
    places.desk.playbook.campaigns.clear()
    due = [Open("er_1", "hash", Identifiers(customer_ids=(customer_id,)))]
    assert places.steps["destinations"](due)["er_1"].is_done
    assert key not in running.tool.members("letter")


def test_what_tables_are_made_from_is_never_left_with_tables_that_pass_for_built(
    company: Company, places: Places
) -> None:
    built = "select asset_key from raw_control.built"
    company.con.execute("create schema raw_control")
    company.con.execute(BUILT)
    company.con.execute("insert into raw_control.built values ('marts/rfm', 'x', 'run', now())")
    due = [Open("er_1", "hash", Identifiers(customer_ids=("c_somebody",)))]
    places.steps["destinations"](due)
    assert company.con.execute(built).fetchall() == [("marts/rfm",)]
    for place in ORIGINS:
        company.con.execute("insert or replace into raw_control.built values ('a', 'x', 'r', null)")
        with suppress(duckdb.Error):  # this small company has no raw tables
            places.steps[place](due)
        assert company.con.execute(built).fetchall() == [], place
