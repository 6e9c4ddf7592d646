"""The make-believe company: the same bytes for the same seed, however its days are lived."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from contract.entity import load_entities
from demo.world.facts import FACT_TABLES, SYSTEMS, Facts, Period, Received, schema_of
from demo.world.received import people_of as received_people
from demo.world.records import SHOP
from demo.world.regime import load_regime
from demo.world.world import World

FIRST, LAST = date(2024, 1, 1), date(2024, 3, 31)
PEOPLE, SEED = 400, 7
SENT = datetime.fromisoformat("2024-02-01T08:00")


def make(regime: str = "default", seed: int = SEED, last: date = LAST) -> World:
    return World.create(PEOPLE, seed, load_regime(regime), FIRST, last)


def united(periods: Iterable[tuple[Period, Facts]]) -> Facts:
    parts = [facts for _, facts in periods]
    return {name: pa.concat_tables([facts[name] for facts in parts]) for name in FACT_TABLES}


def differing(one: Facts, other: Facts) -> list[str]:
    return [name for name in FACT_TABLES if not one[name].equals(other[name])]


@pytest.fixture(scope="module")
def history() -> Facts:
    return united(make().months())


def test_every_system_tells_something_and_every_table_has_its_columns(history: Facts) -> None:
    told = {system for table in history.values() for system in table["system"].unique().to_pylist()}
    assert set(SYSTEMS) <= told
    for name, table in history.items():
        assert table.schema == schema_of(name)


def test_facts_obey_the_entities(history: Facts) -> None:
    for name, entity in load_entities().items():
        table = history[name]
        for column in entity.columns:
            values = table[column.name]
            if column.required:
                assert values.null_count == 0, f"{name}.{column.name}"
            if column.domain:
                assert set(values.drop_null().unique().to_pylist()) <= set(column.domain)
            if column.at_least is not None and len(values.drop_null()):
                assert pa.compute.min(values).as_py() >= column.at_least


def test_keys_are_unique_within_a_system_where_nothing_changes(history: Facts) -> None:
    for name, entity in load_entities().items():
        if entity.changes == "immutable" and name != "redemptions":
            table = history[name].select([*entity.key, "system"])
            assert table.group_by([*entity.key, "system"]).aggregate([]).num_rows == table.num_rows


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(history: Facts) -> None:
    assert differing(united(make().months()), history) == []
    assert "orders" in differing(united(make(seed=8).months()), history)


def test_a_month_is_its_days_one_after_another(history: Facts) -> None:
    world = make()
    days = united(world.step() for _ in range((LAST - FIRST).days + 1))
    assert world.today == LAST
    assert differing(days, history) == []


def test_a_world_that_was_saved_goes_on_as_if_it_had_never_stopped(tmp_path: Path) -> None:
    received = [
        Received("email", "nobody@x.example", "3", "brevo", "win_back", "h-1", SENT),
        Received("post", "", "10003", "shop", "win_back", "h-2", SENT),
    ]
    straight, stopped = (make(last=date(2024, 1, 31)) for _ in range(2))
    for world in (straight, stopped):
        list(world.months())
    in_one_go = united(straight.step(received if day == 0 else ()) for day in range(10))
    before = united(stopped.step(received if day == 0 else ()) for day in range(5))
    stopped.save(tmp_path / "world")
    resumed = World.load(tmp_path / "world")
    resumed.save(tmp_path / "world")
    after = united(World.load(tmp_path / "world").step() for _ in range(1))
    later = united(resumed.step() for _ in range(5))
    halves = {name: pa.concat_tables([before[name], later[name]]) for name in FACT_TABLES}
    assert differing(halves, in_one_go) == []
    assert after["orders"].num_rows > 0


def test_a_message_of_ours_is_delivered_and_touches_its_person(tmp_path: Path) -> None:
    world = make(last=date(2024, 1, 31))
    facts = united(world.months())
    contact = facts["customers"].filter(pa.compute.equal(facts["customers"]["system"], "brevo"))
    row = contact.slice(3, 1).to_pylist()[0]
    message = Received(
        "email", row["email"], row["customer_key"], "brevo", "win_back", "h-77",
        SENT, "shipping",
    )  # fmt: skip
    period, told = world.step([message])
    assert not period.is_history
    events = told["message_events"]
    mine = events.filter(pa.compute.equal(events["message_key"], "h-77"))
    assert "sent" in mine["event_type"].to_pylist()
    assert set(mine["campaign_key"].to_pylist()) == {"win_back"}
    world.write_truth(period, told, tmp_path)
    truth = pa.parquet.read_table(tmp_path / "uplift" / "2024-02-01.parquet")
    mine = truth.filter(pa.compute.equal(truth["message_key"], "h-77"))
    assert mine["person_id"].to_pylist() == [row["person_id"]]
    assert mine["offer"].to_pylist() == ["shipping"]


def test_people_are_found_by_key_or_address_however_it_is_written() -> None:
    world = make()
    people, texts = world.stage.people, world.stage.texts
    number = texts.list(people.phone[5:6])[0].replace(" ", "").replace(".", "")
    assert number.startswith("0")
    record = world.stage.records.first_of[SHOP].max()
    key = str(world.stage.records.number[record])
    asked = [
        Received("email", texts.list(people.email[9:10])[0].upper(), "", "", "c", "m1", SENT),
        Received("sms", "+33" + number[1:], "c_123", "", "c", "m2", SENT),
        Received("email", "", key, "shop", "c", "m3", SENT),
        Received("email", "nobody@elsewhere.example", "", "", "c", "m4", SENT),
        Received("post", "", "99999999", "shop", "c", "m5", SENT),
    ]
    found = received_people(world.stage, asked)
    assert people.email[found[0]] == people.email[9]
    assert found.tolist()[1:] == [5, world.stage.records.person[record], -1, -1]


def test_a_received_word_that_is_none_is_refused() -> None:
    world = make()
    wrong = Received("fax", "x@y.example", "", "brevo", "c", "m", SENT)
    with pytest.raises(ValueError, match="no channel 'fax'"):
        world.step([wrong])


def test_nobody_was_drawn_for_the_time_after_a_year() -> None:
    world = World.create(50, SEED, load_regime(), FIRST, FIRST)
    world.stage.day = 366
    with pytest.raises(ValueError, match="ends on 2024-12-31"):
        world.step()


def test_many_people_have_several_records(history: Facts) -> None:
    customers = history["customers"].filter(pa.compute.is_valid(history["customers"]["person_id"]))
    keys = customers.group_by(["system", "customer_key", "person_id"]).aggregate([])
    within = keys.group_by(["system", "person_id"]).aggregate([("customer_key", "count")])
    doubled = within.filter(pa.compute.greater(within["customer_key_count"], 1))
    people = len(customers["person_id"].unique())
    assert 0.1 < len(doubled["person_id"].unique()) / people < 0.2


def test_uplift_is_what_messages_do(tmp_path: Path) -> None:
    """Those written to buy more often than the control group, by about the true uplift."""
    world = World.create(3000, 11, load_regime(), FIRST, date(2024, 6, 30))
    orders, contacts = [], []
    for period, facts in world.months():
        world.write_truth(period, facts, tmp_path)
        table = pa.parquet.read_table(tmp_path / "uplift" / f"{period.first_day}.parquet")
        contacts.append(table)
        orders.append(facts["orders"].select(["person_id", "ordered_at"]).drop_null())
    truth = pa.concat_tables(contacts).to_pandas()
    bought = pa.concat_tables(orders).to_pandas()
    bought["day"] = bought["ordered_at"].dt.normalize()
    truth["day"] = truth["contacted_on"].astype("datetime64[us]")
    truth = truth[truth["day"] < "2024-06-16"].reset_index(names="contact")
    pairs = truth.merge(bought[["person_id", "day"]], on="person_id", suffixes=("", "_bought"))
    wait = (pairs["day_bought"] - pairs["day"]).dt.days
    buyers = set(pairs.loc[wait.between(0, 13), "contact"])
    has_bought = truth["contact"].isin(buyers)
    expected = np.where(
        truth["is_held_out"],
        truth["purchase_probability_without"],
        truth["purchase_probability_with"],
    )
    error = np.sqrt((expected * (1 - expected)).sum()) / len(truth)
    assert abs(has_bought.mean() - expected.mean()) < 6 * error + 0.012
    assert 0.005 < truth["uplift"].mean() < 0.05


@pytest.mark.parametrize("days", [1, 3])
def test_steps_are_days(days: int) -> None:
    world = make()
    periods = [world.step()[0] for _ in range(days)]
    assert periods[-1].last_day == FIRST + timedelta(days=days - 1)
