"""Column lineage is read from the SQL that dbt compiled."""

from __future__ import annotations

from pathlib import Path

from orchestration.lineage import LineageBook

SCHEMAS = {
    ("core", "fct_orders"): {"order_id": "VARCHAR", "net_amount": "DECIMAL", "customer_id": "V"},
    ("core", "dim_customers"): {"customer_id": "VARCHAR", "email": "VARCHAR"},
}
SQL = """
with orders as (select * from "habitue"."core"."fct_orders"),
summed as (select customer_id, sum(net_amount) as net_amount from orders group by customer_id)
select dim_customers.customer_id, dim_customers.email is not null as has_email, summed.net_amount
from "habitue"."core"."dim_customers" as dim_customers
left join summed on summed.customer_id = dim_customers.customer_id
"""


def test_a_column_is_followed_through_ctes_and_joins(tmp_path: Path) -> None:
    trace = LineageBook(tmp_path, SCHEMAS).trace(SQL, list(SCHEMAS))
    assert trace["net_amount"] == [("core", "fct_orders", "net_amount")]
    assert trace["has_email"] == [("core", "dim_customers", "email")]
    assert trace["customer_id"] == [("core", "dim_customers", "customer_id")]


def test_a_kept_trace_is_the_trace(tmp_path: Path) -> None:
    book = LineageBook(tmp_path, SCHEMAS)
    assert book.trace(SQL, list(SCHEMAS)) == book.trace(SQL, list(SCHEMAS))
    assert len(list(tmp_path.glob("*.json"))) == 1


def test_sql_that_cannot_be_read_has_no_lineage_and_no_error(tmp_path: Path) -> None:
    assert LineageBook(tmp_path, SCHEMAS).trace("select from where", []) == {}
