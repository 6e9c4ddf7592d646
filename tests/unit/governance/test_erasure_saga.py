"""An erasure comes to its end whatever fails on the way, and says nothing done that is not."""

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text

from contract.errors import ConfigError
from governance.erasure import saga
from governance.erasure.certificate import write_certificate
from governance.erasure.identifiers import Identifiers, home_key
from governance.erasure.saga import Keys, Outcome, Request
from governance.erasure.suppression_list import read_suppressions
from governance.erasure.tables import erasures
from orchestration.state import open_state

NOW = datetime.fromisoformat("2030-01-01T06:00:00")
ELLA = Identifiers(
    customer_ids=("c_e11a",), records=(("shop", "7"), ("tills", "CARD-7")),
    emails=("Ella.Canary@example.org",), phones=("06 55 51 23 45",),
    visitors=(("web", "cookie-ella"),), names=("Ella Canary",),
)  # fmt: skip
BEN = Identifiers(customer_ids=("c_be2",), records=(("shop", "8"),), emails=("ben@example.org",))
REQUEST = Request(ELLA, "dpo", "letter 12")


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(b"h" * 32, home_key(tmp_path / "state"))


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_state(f"sqlite:///{tmp_path / 'state' / 'state.db'}")


def _state_bytes(tmp_path: Path) -> bytes:
    return b"".join(path.read_bytes() for path in (tmp_path / "state").glob("state.db*"))


def test_whoever_asks_is_suppressed_at_once_and_kept_only_under_seal(tmp_path, engine, keys):
    saga.begin(engine, [REQUEST], keys, now=NOW)
    known = read_suppressions(engine, keys.hashes)
    assert known.forgotten_since(("email",), " ella.canary+news@EXAMPLE.org", "") is not None
    assert known.forgotten_since(("record",), "CARD-7", "tills") is not None
    assert known.forgotten_since(("record",), "CARD-7", "shop") is None
    assert [one.person for one in saga.open_erasures(engine, keys)] == [ELLA]
    assert b"canary" not in _state_bytes(tmp_path).lower()
    assert (tmp_path / "state" / "erasure.key").stat().st_mode & 0o777 == 0o600


def test_who_was_silent_too_long_may_come_back_and_who_asked_may_not(engine, keys):
    later = datetime.fromisoformat("2031-01-01")
    saga.begin(engine, [REQUEST, Request(BEN, "retention", "3 years", "retention")], keys, now=NOW)
    known = read_suppressions(engine, keys.hashes)
    asked = known.forgotten_since(("record",), "7", "shop")
    silent = known.forgotten_since(("record",), "8", "shop")
    assert asked is not None
    assert silent is not None
    assert silent < later < asked


def test_a_second_request_for_the_same_person_is_the_same_erasure(engine, keys):
    first = saga.begin(engine, [REQUEST], keys, now=NOW)
    assert saga.begin(engine, [REQUEST, REQUEST], keys, now=NOW) == first * 2
    assert len(saga.read(engine)) == 1


def test_a_tool_that_is_down_keeps_its_erasure_open_and_nobody_elses(tmp_path, engine, keys):
    ella, ben = saga.begin(engine, [REQUEST, Request(BEN, "dpo", "x")], keys, now=NOW)
    done: list[str] = []
    down = True

    def tool(due):
        return {
            one.erasure_id: Outcome({"waits_for": ["mail"]}, is_done=one.person != ELLA or not down)
            for one in due
        }

    def last(due):
        done.extend(one.erasure_id for one in due)
        return Outcome({"rows": len(due)})

    steps = {"tables": lambda _: Outcome({"rows": 3}), "tool": tool, "state": last}
    assert saga.work_off(engine, saga.open_erasures(engine, keys), steps, now=NOW) == [ben]
    saga.close(engine, ben, now=NOW)
    (still,) = saga.open_erasures(engine, keys)
    assert (still.erasure_id, still.person) == (ella, ELLA)
    down = False
    assert saga.work_off(engine, [still], steps, now=NOW) == [ella]
    assert done == [ben, ella]
    saga.close(engine, ella, now=NOW)
    with engine.connect() as connection:
        assert connection.scalars(select(erasures.c.identifiers)).all() == [None, None]


def test_a_step_is_done_once_and_all_of_them_again_where_the_scan_found_somebody(engine, keys):
    saga.begin(engine, [REQUEST], keys, now=NOW)
    calls: list[str] = []
    hits = 1

    def tables(_):
        calls.append("tables")
        return Outcome({"rows": 1})

    steps = {"tables": tables, "scan": lambda _: Outcome({"hits": hits}, is_done=not hits)}
    found = saga.open_erasures(engine, keys)
    assert saga.work_off(engine, found, steps, now=NOW) == []
    assert saga.work_off(engine, found, steps, now=NOW) == []
    assert calls == ["tables"]
    hits = 0
    saga.look_again(engine, found, last="scan")
    assert len(saga.work_off(engine, found, steps, now=NOW)) == 1
    assert calls == ["tables", "tables"]
    said = {one["place"]: one["evidence"] for one in saga.steps_of(engine, found[0].erasure_id)}
    assert said["tables"] == {"rows": 1, "earlier": {"rows": 1}}


@pytest.mark.parametrize("point", ["erasure.begun", "erasure.step_done", "erasure.closed"])
def test_an_erasure_that_was_killed_goes_on_where_it_was(tmp_path, engine, keys, point):
    code = f"""
import sys
from contract import crash_points
sys.path.insert(0, "tests/unit/governance")
from test_erasure_saga import NOW, REQUEST, Keys, Outcome, open_state, saga
crash_points.arm("{point}")
engine = open_state({str(engine.url)!r})
keys = Keys(b"h" * 32, {keys.seal!r})
(one,) = saga.begin(engine, [REQUEST], keys, now=NOW)
steps = {{"raw": lambda _: Outcome({{"rows": 1}}), "scan": lambda _: Outcome({{"hits": 0}})}}
for done in saga.work_off(engine, saga.open_erasures(engine, keys), steps, now=NOW):
    saga.close(engine, done, now=NOW)
"""
    killed = subprocess.run([sys.executable, "-c", code], check=False, env=dict(os.environ))
    assert killed.returncode == 137
    steps = {"raw": lambda _: Outcome({"rows": 1}), "scan": lambda _: Outcome({"hits": 0})}
    left = saga.open_erasures(engine, keys)
    assert [one.person for one in left] == ([] if point == "erasure.closed" else [ELLA])
    for one in saga.work_off(engine, left, steps, now=NOW):
        saga.close(engine, one, now=NOW)
    assert saga.open_erasures(engine, keys) == []
    with engine.connect() as connection:
        places = connection.execute(text("select place, state from erasure_steps order by place"))
        assert [tuple(row) for row in places] == [("raw", "done"), ("scan", "done")]


def test_another_key_is_said_to_be_another_key(tmp_path, engine, keys):
    saga.begin(engine, [REQUEST], keys, now=NOW)
    other = Keys(keys.hashes, home_key(tmp_path / "elsewhere"))
    with pytest.raises(ConfigError, match="not the key"):
        saga.open_erasures(engine, other)


def test_the_certificate_names_every_place_in_both_languages_and_nobody(tmp_path, engine, keys):
    (erasure_id,) = saga.begin(engine, [REQUEST], keys, now=NOW)
    steps = {"raw": lambda _: Outcome({"dropped": {"customers": 2}})}
    saga.work_off(engine, saga.open_erasures(engine, keys), steps, now=NOW)
    (row,) = saga.read(engine)
    path = write_certificate(tmp_path, row, saga.steps_of(engine, erasure_id), ["raw"])
    written = {one.name: one.read_text() for one in path.parent.iterdir()}
    assert set(written) == {f"{erasure_id}{end}" for end in (".json", ".en.md", ".fr.md")}
    assert "Raw tables, every version | 2030-01-01T06:00:00Z" in written[f"{erasure_id}.en.md"]
    assert "Tables brutes" in written[f"{erasure_id}.fr.md"]
    for said in written.values():
        assert ELLA.keyed_hash(keys.hashes) in said
        assert not any(n in said.lower() for n in ELLA.needles(keys.hashes))
    assert path.stat().st_mode & 0o777 == 0o600
