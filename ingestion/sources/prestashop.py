"""PrestaShop, webservice in JSON: customers with their address, orders, credit slips, carts.

Lists are read by id, always after the last one seen, so that what changes meanwhile moves nothing;
pages are small, because a shop's host ends what takes long. Times are on the shop's clock: rows get
created_at and updated_at in UTC beside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ingestion.http import Client, Manners, Trail
from ingestion.prestashop_rows import (
    cart_lines,
    credit_rows,
    local_text,
    pieces,
    slip_lines,
    utc_text,
)
from ingestion.records import records
from ingestion.source import Source, SourceTable

if TYPE_CHECKING:
    import pyarrow as pa

Row = dict[str, Any]

_PAGE = 100
_LIST_NAMES = {"order_slip": "order_slips"}
_ADDRESS = "id,id_customer,id_country,address1,postcode,city,phone_mobile,deleted"
# A table is read again where something that belongs to it changed: resource, field with its id.
_BELONGS = {"customers": ("addresses", "id_customer"), "carts": ("orders", "id_cart")}


class _Reader:
    """Reads one shop."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._client = Client(
            "prestashop",
            settings["prestashop_url"],
            auth=(settings["prestashop_key"], ""),
            manners=Manners(timeout_seconds=60),
        )
        self._fixed: dict[str, dict[str, str]] = {}
        self._clock: ZoneInfo | None = None

    def pages(self, table: SourceTable, since: datetime | None) -> Iterator[list[Row]]:
        """Records changed since, completed with what they name; at most 100 a page."""
        seen: set[str] = set()
        for page in self._changed(table.name, since):
            seen.update(str(row["id"]) for row in page)
            yield self._completed(table.name, page)
        if since is None or table.name not in _BELONGS:
            return
        resource, field = _BELONGS[table.name]
        for page in self._changed(resource, since, f"id,{field}"):
            touched = {str(row[field]) for row in page} - seen - {"0"}
            seen |= touched
            yield from self._by_ids(table.name, touched)

    def count(self, table: SourceTable, since: datetime | None) -> int | None:
        """The webservice counts nothing."""
        return None

    def keys(self, table: SourceTable) -> Iterator[pa.Table]:
        """The ids that exist."""
        import pyarrow as pa

        for page in self._changed(table.name, None, "id"):
            yield pa.table({"id": pa.array([str(row["id"]) for row in page], pa.string())})

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def _changed(
        self, resource: str, since: datetime | None, display: str = "full"
    ) -> Iterator[list[Row]]:
        filters = {}
        if since is not None:
            # No interval: it would lose its last day. And the sign means after, not from on.
            begins = local_text(since - timedelta(seconds=1), self._zone)
            filters["filter[date_upd]"] = f">[{begins}]"
        trail = Trail(self._client, resource)
        # It counts nothing, so an empty page is the end only when it is empty twice.
        while page := self._list(resource, filters, display) or self._list(
            resource, filters, display
        ):
            yield page
            last = trail.step(str(page[-1]["id"]))
            filters["filter[id]"] = f">[{last}]"

    def _list(self, resource: str, filters: Mapping[str, str], display: str) -> list[Row]:
        """One page, in the order of ids. Raises SourceUnavailable."""
        asked: dict[str, str | int] = {
            "output_format": "JSON",
            "display": display if display == "full" else f"[{display}]",
            "date": 1,
            "sort": "[id_ASC]",
            "limit": f"0,{_PAGE}",
        }
        answer = self._client.get_json(f"api/{resource}", asked | dict(filters))
        if answer == []:  # an empty list has no name
            return []
        rows = answer.get(_LIST_NAMES.get(resource, resource)) if isinstance(answer, dict) else None
        return records(self._client, resource, rows, "id")

    def _some(self, resource: str, field: str, keys: Iterable[str], display: str) -> list[Row]:
        """The records whose field is one of the keys, however many there are."""
        wanted, found = sorted(set(keys) - {"0", ""}), []
        for begin in range(0, len(wanted), _PAGE):
            filters = {f"filter[{field}]": f"[{'|'.join(wanted[begin : begin + _PAGE])}]"}
            trail = Trail(self._client, resource)
            while page := self._list(resource, filters, display):
                found += page
                last = trail.step(str(page[-1]["id"]))
                if len(page) < _PAGE or field == "id":
                    break
                filters["filter[id]"] = f">[{last}]"
        return found

    def _by_ids(self, resource: str, keys: set[str]) -> Iterator[list[Row]]:
        rows = self._some(resource, "id", keys, "full")
        if rows:
            yield self._completed(resource, rows)

    def _completed(self, resource: str, page: list[Row]) -> list[Row]:
        for row in page:
            row["created_at"] = self._utc(row.get("date_add"))
            row["updated_at"] = self._utc(row.get("date_upd"))
            if "id_customer" in row:  # 0 is nobody
                customer = str(row["id_customer"] or "0")
                row["customer_id"] = None if customer == "0" else customer
            if "id_currency" in row:
                row["currency"] = self._codes("currencies").get(str(row["id_currency"]))
        complete = {
            "customers": self._with_addresses,
            "order_slip": self._with_lines,
            "carts": self._with_orders,
        }
        return complete[resource](page) if resource in complete else page

    def _with_addresses(self, page: list[Row]) -> list[Row]:
        """The newest address that each customer keeps, and the dates of its boxes in UTC."""
        keys = [str(row["id"]) for row in page]
        found = {
            str(address["id_customer"]): address
            for address in self._some("addresses", "id_customer", keys, _ADDRESS)
            if str(address["deleted"]) != "1"
        }
        for row in page:
            address = found.get(str(row["id"]), {})
            country = self._codes("countries").get(str(address.get("id_country")))
            row["address"] = address and {**address, "country": country}
            row["newsletter_at"] = self._utc(row.get("newsletter_date_add"))
            row["profiling_at"] = self._utc(row.get("profiling_consent_date"))
            row.setdefault("profiling_consent", None)  # fields of modules that a shop may lack
            row.setdefault("loyalty_card", None)
        return page

    def _with_lines(self, page: list[Row]) -> list[Row]:
        """The credit of each slip, line by line, with currency and product reference."""
        orders = {
            str(order["id"]): self._codes("currencies").get(str(order["id_currency"]))
            for order in self._some(
                "orders", "id", [str(row["id_order"]) for row in page], "id,id_currency"
            )
        }
        named = [str(line["id_order_detail"]) for row in page for line in slip_lines(row)]
        references = {
            str(detail["id"]): detail["product_reference"]
            for detail in self._some("order_details", "id", named, "id,product_reference")
        }
        for row in page:
            row["currency"] = orders.get(str(row["id_order"]))
            row["lines"] = credit_rows(row, references)
        return page

    def _with_orders(self, page: list[Row]) -> list[Row]:
        """The order that each cart became, its pieces, and the reference of its first goods."""
        keys = [str(row["id"]) for row in page]
        orders = {
            str(order["id_cart"]): str(order["id"])
            for order in self._some("orders", "id_cart", keys, "id,id_cart")
        }
        first = {str(row["id"]): cart_lines(row)[0] for row in page if cart_lines(row)}
        named = [str(line["id_product"]) for line in first.values()]
        references = {
            str(product["id"]): product["reference"]
            for product in self._some("products", "id", named, "id,reference")
        }
        for row in page:
            key = str(row["id"])
            row["order_id"] = orders.get(key)
            row["pieces"] = pieces(row)
            row["reference"] = references.get(str(first.get(key, {}).get("id_product")))
        return page

    def _codes(self, resource: str) -> dict[str, str]:
        """Id to ISO code of the currencies or the countries, asked for once."""
        if resource not in self._fixed:
            pages = self._changed(resource, None, "id,iso_code")
            self._fixed[resource] = {str(row["id"]): row["iso_code"] for p in pages for row in p}
        return self._fixed[resource]

    @property
    def _zone(self) -> ZoneInfo:
        """The shop's time zone, from its own configuration."""
        if self._clock is None:
            asked = {"filter[name]": "[PS_TIMEZONE]"}
            rows = self._list("configurations", asked, "id,value")
            try:
                self._clock = ZoneInfo(str(rows[0]["value"]))
            except (IndexError, KeyError, ValueError, ZoneInfoNotFoundError):
                self._client.fail("configurations: no time zone (PS_TIMEZONE) that is known")
        return self._clock

    def _utc(self, text: Any) -> str | None:
        return utc_text(text, self._zone)


def _connect(settings: Mapping[str, str]) -> _Reader:
    return _Reader(settings)


SOURCE = Source(
    system="prestashop",
    settings=("prestashop_url", "prestashop_key"),
    tables=tuple(
        SourceTable(name, cursor="updated_at", key=("id",))
        for name in ("customers", "orders", "order_slip", "carts")
    ),
    connect=_connect,
)
