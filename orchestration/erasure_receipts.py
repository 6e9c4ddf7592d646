"""What the tools are told about erased people, and what they acknowledge."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from orchestration import delivering
from orchestration.delivering import Desk

if TYPE_CHECKING:
    from governance.erasure.saga import Open, Outcome


def queue(desk: Desk, customer_ids: Collection[str], key: bytes) -> list[str]:
    """Plans that take these people out of every tool that may hold them; their ids."""
    from activation.withdrawals import Today, queue_removals

    house = desk.house
    with house.warehouse.connect() as con:
        today = Today(con, house.clock, house.as_of, house.run_id, key)
        return queue_removals(desk.engine, customer_ids, _tools(desk), today)


def ask(desk: Desk, due: "Sequence[Open]", key: bytes) -> "Mapping[str, Outcome]":
    """Send what is due, then ask the outbox who is still held: silence is no receipt.

    A tool that is not declared any more cannot be told; the certificate names it.
    """
    from governance.erasure.saga import Outcome, together

    ids = together(due).customer_ids
    error = _send(desk, queue(desk, ids, key))
    waits, lost = _holders(desk, ids, _tools(desk)), _holders(desk, ids, _undeclared(desk))
    outcomes = {}
    for one in due:
        waits_for = _of(one, waits)
        evidence: dict[str, object] = {"acknowledged": not waits_for}
        if waits_for:
            evidence = {"waits_for": waits_for} | ({"last_error": error} if error else {})
        if cannot := _of(one, lost):
            evidence["cannot_be_asked"] = cannot
        outcomes[one.erasure_id] = Outcome(evidence, not waits_for)
    return outcomes


def _tools(desk: Desk) -> set[str]:
    """Where nothing but a removal takes people out; exports on disk are a place of their own."""
    named = desk.playbook.destinations
    return {name for name, destination in named.items() if not destination.is_file}


def _undeclared(desk: Desk) -> set[str]:
    """Tools that plans were made for, and that have left the playbook since."""
    from activation.withdrawals import planned_destinations

    return planned_destinations(desk.engine) - desk.playbook.destinations.keys()


def _send(desk: Desk, plans: Sequence[str]) -> str:
    """The last reason why a plan could not be sent, empty when all were."""
    from activation.destination import DeliveryFailed

    failure = ""
    for plan_id in plans:
        try:
            delivering.apply(desk, plan_id)
        except DeliveryFailed as error:
            failure = str(error)
    return failure


def _holders(
    desk: Desk, customer_ids: Collection[str], destinations: Collection[str]
) -> dict[str, set[str]]:
    """Customer id → those of the destinations that hold the person, or may."""
    from activation.withdrawals import held

    found: dict[str, set[str]] = {}
    for header, rows in held(desk.engine, customer_ids, destinations):
        for row in rows:
            found.setdefault(row.customer_id, set()).add(header["destination"])
    return found


def _of(one: "Open", holders: Mapping[str, set[str]]) -> list[str]:
    return sorted({name for id_ in one.person.customer_ids for name in holders.get(id_, ())})
