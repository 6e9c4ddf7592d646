"""What the intraday job chooses: all that lies between the moment and the triggers, and no more."""

from __future__ import annotations

from typing import Any

from orchestration.intraday import models


def node(name: str, *reads: str, schema: str = "core") -> dict[str, Any]:
    return {
        "name": name,
        "schema": schema,
        "resource_type": "model",
        "depends_on": {"nodes": list(reads)},
        "config": {"materialized": "view" if schema == "staging" else "table"},
        "columns": {},
    }


def manifest(*extra: dict[str, Any]) -> dict[str, Any]:
    sources = {f"source.{name}": {"schema": "raw_files", "name": name} for name in
               ("carts", "customers", "orders")}  # fmt: skip
    found = [
        node("stg_carts", "source.carts", schema="staging"),
        node("stg_customers", "source.customers", schema="staging"),
        node("fct_carts", "stg_carts", "dim_customers"),
        node("dim_customers", "stg_customers"),
        node("fct_orders", "source.orders"),
        node("rfm", "fct_orders", schema="marts"),
        node("int_customers__browsed", "fct_carts", schema="intermediate"),
        node("customer_360", "int_customers__browsed", "rfm", schema="marts"),
        node("lists", "customer_360", schema="marts"),
        *(node(name, schema=schema) for schema, name in (
            ("intermediate", "int_objections__united"), ("staging", "stg_files__consent_events"),
            ("staging", "stg_files__message_events"), ("staging", "stg_files__preference_updates"),
        )),
        *extra,
    ]  # fmt: skip
    return {"sources": sources, "nodes": {one["name"]: one for one in found}}


def chosen(*extra: dict[str, Any]) -> set[str]:
    return {name for _, name in models(manifest(*extra))}


def test_the_road_from_a_cart_to_its_trigger_is_chosen_with_its_views() -> None:
    assert chosen() == {"stg_carts", "fct_carts", "int_customers__browsed", "customer_360"}


def test_what_triggers_do_not_ask_for_waits_for_the_night() -> None:
    assert not chosen() & {"rfm", "lists", "dim_customers", "stg_customers", "fct_orders"}


def test_a_model_that_joins_the_road_is_chosen_too() -> None:
    road = chosen(
        node("ordered", "fct_orders"), node("int_customers__browsed", "fct_carts", "ordered")
    )
    assert {"fct_orders", "ordered"} <= road


def test_a_company_without_triggers_has_nothing_to_do_within_the_day() -> None:
    none: dict[str, Any] = {"sources": {}, "nodes": {}}
    assert models(none) == []
