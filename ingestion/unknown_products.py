"""Sales of products that the catalogue does not hold: they load, and they are reported."""

from collections.abc import Iterable

import duckdb

_COUNT = """
select count(*), count(distinct product_key)
from raw_files.order_lines
where load_id in (select unnest(?)) and product_key is not null
    and (product_system, product_key) not in (
        select product_system, product_key from raw_files.products)
"""


def unknown_product_notices(con: duckdb.DuckDBPyConnection, load_ids: Iterable[str]) -> list[str]:
    """A sentence on the sales just loaded, none while no catalogue is loaded."""
    if con.execute("select 1 from raw_files.products limit 1").fetchone() is None:
        return []
    lines, products = con.execute(_COUNT, [list(load_ids)]).fetchone() or (0, 0)
    if not lines:
        return []
    return [f"{lines} lines sell {products} products that the catalogue does not hold."]
