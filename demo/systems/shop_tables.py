"""The shop's own tables: what each of its columns is called in the facts, and its SQL type."""

from __future__ import annotations

from dataclasses import dataclass

_TEXT, _MONEY, _FLAG, _MOMENT = "text", "numeric(18,2)", "boolean", "timestamptz"


@dataclass(frozen=True)
class ShopTable:
    """One table. columns: own name to (name in the facts, SQL type); key: own names.

    happened: own name of the column that says when a row came to be, where there is one.
    """

    name: str
    entity: str
    key: tuple[str, ...]
    columns: dict[str, tuple[str, str]]
    happened: str | None = None

    @property
    def ddl(self) -> str:
        """The statements that make the table; every one of them can be repeated."""
        columns = ", ".join(f"{name} {kind}" for name, (_, kind) in self.columns.items())
        key = ", ".join(self.key)
        return (
            f"create table if not exists {self.name} "
            f"({columns}, updated_at timestamptz not null, primary key ({key}));\n"
            f"create index if not exists {self.name}_updated on {self.name} (updated_at);\n"
        )


TABLES: tuple[ShopTable, ...] = (
    ShopTable(
        "customers", "customers", ("id",),
        {
            "id": ("customer_key", _TEXT), "email": ("email", _TEXT), "phone": ("phone", _TEXT),
            "firstname": ("first_name", _TEXT), "lastname": ("last_name", _TEXT),
            "birthday": ("birth_date", "date"), "street": ("address_line", _TEXT),
            "postcode": ("postal_code", _TEXT), "city": ("city", _TEXT),
            "country_code": ("country", _TEXT), "age_band": ("age_band", _TEXT),
            "loyalty_card": ("loyalty_card_key", _TEXT),
            "email_confirmed": ("has_verified_email", _FLAG),
            "is_company": ("is_professional", _FLAG), "company_id": ("company_key", _TEXT),
            "is_staff_test": ("is_test", _FLAG), "created_at": ("registered_at", _MOMENT),
        },
    ),
    ShopTable(
        "addresses", "addresses", ("id",),
        {
            "id": ("address_key", _TEXT), "customer_id": ("customer_key", _TEXT),
            "street": ("address_line", _TEXT), "postcode": ("postal_code", _TEXT),
            "city": ("city", _TEXT), "country_code": ("country", _TEXT),
            "confirmed": ("is_verified", _FLAG),
        },
    ),
    ShopTable(
        "products", "products", ("id",),
        {
            "id": ("product_key", _TEXT), "name": ("product_name", _TEXT),
            "department": ("department", _TEXT), "category": ("category", _TEXT),
            "subcategory": ("product_type", _TEXT), "brand": ("brand", _TEXT),
            "manufacturer_id": ("manufacturer_key", _TEXT), "packaging": ("package_size", _TEXT),
            "is_organic": ("is_organic", _FLAG), "is_configurable": ("is_configurable", _FLAG),
            "launched_on": ("launched_on", "date"),
        },
    ),
    ShopTable(
        "prices", "product_prices", ("product_id", "valid_from"),
        {
            "product_id": ("product_key", _TEXT), "valid_from": ("valid_from_on", "date"),
            "price": ("price_amount", _MONEY), "cost": ("cost_amount", _MONEY),
            "currency": ("currency", _TEXT),
        },
    ),
    ShopTable(
        "stock", "stock_levels", ("product_id", "store_id", "day"),
        {
            "product_id": ("product_key", _TEXT), "store_id": ("store_key", _TEXT),
            "day": ("stock_on", "date"), "quantity": ("quantity", "numeric(18,3)"),
        },
    ),
    ShopTable(
        "orders", "orders", ("id",),
        {
            "id": ("order_key", _TEXT), "customer_id": ("customer_key", _TEXT),
            "email": ("email", _TEXT), "store_id": ("store_key", _TEXT),
            "channel": ("channel", _TEXT), "state": ("status", _TEXT),
            "total": ("total_amount", _MONEY), "currency": ("currency", _TEXT),
            "placed_at": ("ordered_at", _MOMENT),
        },
        "placed_at",
    ),
    ShopTable(
        "order_lines", "order_lines", ("order_id", "line"),
        {
            "order_id": ("order_key", _TEXT), "line": ("line_number", "bigint"),
            "customer_id": ("customer_key", _TEXT), "product_id": ("product_key", _TEXT),
            "store_id": ("store_key", _TEXT), "channel": ("channel", _TEXT),
            "kind": ("line_kind", _TEXT), "quantity": ("quantity", "numeric(18,3)"),
            "net": ("net_amount", _MONEY), "loyalty_discount": ("retail_discount_amount", _MONEY),
            "coupon_discount": ("coupon_discount_amount", _MONEY),
            "coupon_match_discount": ("coupon_match_discount_amount", _MONEY),
            "currency": ("currency", _TEXT), "placed_at": ("ordered_at", _MOMENT),
        },
        "placed_at",
    ),
    ShopTable(
        "payments", "payments", ("id",),
        {
            "id": ("payment_key", _TEXT), "order_id": ("order_key", _TEXT),
            "method": ("method", _TEXT), "state": ("status", _TEXT), "amount": ("amount", _MONEY),
            "currency": ("currency", _TEXT), "paid_at": ("paid_at", _MOMENT),
        },
        "paid_at",
    ),
    ShopTable(
        "refunds", "refunds", ("id",),
        {
            "id": ("refund_key", _TEXT), "order_id": ("order_key", _TEXT),
            "product_id": ("product_key", _TEXT), "customer_id": ("customer_key", _TEXT),
            "kind": ("refund_kind", _TEXT), "quantity": ("quantity", "numeric(18,3)"),
            "amount": ("amount", _MONEY), "currency": ("currency", _TEXT),
            "reason": ("reason", _TEXT), "refunded_at": ("refunded_at", _MOMENT),
        },
        "refunded_at",
    ),
    ShopTable(
        "carts", "carts", ("id",),
        {
            "id": ("cart_key", _TEXT), "customer_id": ("customer_key", _TEXT),
            "anonymous_id": ("anonymous_id", _TEXT), "email": ("email", _TEXT),
            "state": ("status", _TEXT), "order_id": ("order_key", _TEXT),
            "url": ("cart_url", _TEXT), "item_count": ("item_count", "bigint"),
            "top_product_id": ("product_key", _TEXT), "total": ("total_amount", _MONEY),
            "currency": ("currency", _TEXT), "created_at": ("created_at", _MOMENT),
            "changed_at": ("updated_at", _MOMENT),
        },
        "changed_at",
    ),
    ShopTable(
        "invoices", "invoices", ("id",),
        {
            "id": ("invoice_key", _TEXT), "order_id": ("order_key", _TEXT),
            "customer_id": ("customer_key", _TEXT), "total": ("total_amount", _MONEY),
            "currency": ("currency", _TEXT), "issued_at": ("invoiced_at", _MOMENT),
        },
        "issued_at",
    ),
    ShopTable(
        "consent_log", "consent_events", ("id",),
        {
            "id": ("consent_event_key", _TEXT), "customer_id": ("customer_key", _TEXT),
            "address": ("address", _TEXT), "channel": ("channel", _TEXT),
            "purpose": ("purpose", _TEXT), "act": ("act", _TEXT), "door": ("door", _TEXT),
            "wording": ("wording_key", _TEXT), "proof": ("proof", _TEXT),
            "occurred_at": ("occurred_at", _MOMENT),
        },
        "occurred_at",
    ),
)  # fmt: skip
