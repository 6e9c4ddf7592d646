"""Erasures under way: what the asset and `habitue person erase` both do."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.declared import entities
from orchestration.delivering import Desk
from orchestration.erasure_places import Places, landed, read_keys
from orchestration.settings import DBT_PROJECT, Settings, read_pseudonym_key

if TYPE_CHECKING:
    import duckdb

    from governance.erasure.requests import Desk as RequestDesk


@dataclass
class Worked:
    """What one call did: erasures finished, and those that wait."""

    finished: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)


def request_desk(desk: Desk, con: "duckdb.DuckDBPyConnection") -> "RequestDesk":
    """Where people are looked up and erasures begin."""
    from governance.erasure.requests import Desk as RequestDesk

    keys = read_keys(desk.house.settings)
    return RequestDesk(con, desk.engine, entities(), keys, desk.house.clock)


def take_requests(desk: Desk) -> list[str]:
    """Begin what people asked for through a source; requests that name several people."""
    from governance.erasure import requests

    if not is_resolved(desk.house.settings):
        return []
    with desk.house.warehouse.connect() as con:
        return requests.take_requests(request_desk(desk, con))[1]


def state_of_erasures(desk: Desk) -> str:
    """Which erasures there are and which are finished: what a publication depends on."""
    from governance.erasure import saga

    rows = saga.read(desk.engine)
    return ", ".join(f"{row['erasure_id']} {row['finished_at']}" for row in rows)


def work_off(desk: Desk) -> Worked:
    """Do what every open erasure still lacks, and certify those that lack nothing any more."""
    from governance.erasure import saga
    from governance.erasure.certificate import write_certificate

    house, engine = desk.house, desk.engine
    keys = read_keys(house.settings)
    found = saga.open_erasures(engine, keys)
    if not found:
        return Worked()
    steps = Places(desk, keys).steps
    saga.look_again(engine, found, last=list(steps)[-1])
    finished = saga.work_off(engine, found, steps, now=house.clock)
    known = {row["erasure_id"]: row for row in saga.read(engine)}
    for erasure_id in finished:
        said = saga.steps_of(engine, erasure_id)
        write_certificate(house.settings.home, known[erasure_id], said, list(steps))
        saga.close(engine, erasure_id, now=house.clock)
    waiting = [one.erasure_id for one in found if one.erasure_id not in finished]
    return Worked(finished, waiting)


def sweep_landed(desk: Desk) -> dict[str, int]:
    """Take erased people out of the files in which a load met them; what was done."""
    from governance.erasure.suppression_list import read_suppressions
    from ingestion.scrub import scrub_landed

    settings = desk.house.settings
    with desk.house.warehouse.connect() as con:
        named = set(con.execute("select distinct * from raw_control.files_to_scrub").fetchall())
        if not named:
            return {}
        known = read_suppressions(desk.engine, read_pseudonym_key(settings))
        report = scrub_landed(landed(settings), known, only=named, warehouse=con)
        con.execute("delete from raw_control.files_to_scrub")
    return {"files": report.files, "rewritten": report.rewritten}


def hand_over(desk: Desk, wanted: str, out: Path | None, languages: Sequence[str]) -> list[Path]:
    """Write all that is held about a person (customer or record id); the files.

    Raises UnknownCustomer.
    """
    from governance.erasure.access import collect, write_access
    from governance.erasure.gathering import gather
    from governance.erasure.people import find_customers, prepare
    from governance.publishing.documents import load_documents

    settings = desk.house.settings
    documents = load_documents(DBT_PROJECT / "models" / "marts").values()
    columns = {name: one for document in documents for name, one in document.columns.items()}
    with desk.house.warehouse.connect() as con:
        prepare(con)
        customer = find_customers(con, [wanted])[wanted]
        person = gather(con, [customer], entities())[customer]
        held = collect(con, desk.engine, person, entities(), read_pseudonym_key(settings))
    labels = {
        "en": {name: one.label_en for name, one in columns.items()},
        "fr": {name: one.label_fr for name, one in columns.items()},
    }
    return write_access(replace(held, labels=labels), out or settings.home / "access", languages)


def is_resolved(settings: Settings) -> bool:
    """Whether this home has a warehouse in which people are resolved."""
    import duckdb

    from orchestration.house import open_warehouse

    if not settings.warehouse.exists():
        return False
    with suppress(duckdb.Error), open_warehouse(settings).connect() as con:
        con.execute("select 1 from intermediate.int_identity__resolved limit 1")
        return True
    return False
