"""Parquet files as other writers really spoil them."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from case import Case, Corpus

GOOD_ROWS = 5
DECLARATION = """
system: shop
owner: e-commerce
description: Poisoned Parquet files.
manifest: optional
settle_seconds: 0
files:
  orders:
    entity: orders
    pattern: orders-*.parquet
    columns:
      order_key: id
      customer_key: customer
      status: state
      total_amount: total
      currency: currency
      ordered_at: at
"""
NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)


def cases() -> list[Case]:
    """Every case of this corpus, seeded."""
    corpus = Corpus("parquet")
    for make in (_types, _values, _layouts, _refused):
        make(corpus)
    return corpus.cases


def _columns(corpus: Corpus, count: int = GOOD_ROWS) -> dict[str, Any]:
    return {
        "id": [corpus.key() for _ in range(count)],
        "customer": pa.array([f"C{n}" for n in range(count)]),
        "state": pa.array(["completed"] * count),
        "total": pa.array([Decimal("12.50")] * count, pa.decimal128(18, 2)),
        "currency": pa.array(["EUR"] * count),
        "at": pa.array([NOON.replace(tzinfo=None)] * count, pa.timestamp("us")),
    }


def _bytes(table: pa.Table, **options: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


def _add(corpus: Corpus, name: str, columns: dict[str, Any], **counts: Any) -> None:
    corpus.add(f"orders-{name}", _bytes(pa.table(columns)), **counts)


def _types(corpus: Corpus) -> None:
    whole = {"loaded": GOOD_ROWS}
    variants: dict[str, tuple[str, Any]] = {
        "price_as_float": ("total", pa.array([12.5] * GOOD_ROWS)),
        "price_as_integer": ("total", pa.array([12] * GOOD_ROWS)),
        "price_as_text": ("total", pa.array(["12.50"] * GOOD_ROWS)),
        "price_wide_decimal": (
            "total",
            pa.array([Decimal("12.5000000000")] * GOOD_ROWS, pa.decimal128(38, 10)),
        ),
        "key_as_dictionary": ("currency", pa.array(["EUR"] * GOOD_ROWS).dictionary_encode()),
        "time_with_zone": ("at", pa.array([NOON] * GOOD_ROWS, pa.timestamp("us", "UTC"))),
        "time_in_seconds": (
            "at",
            pa.array([NOON.replace(tzinfo=None)] * GOOD_ROWS, pa.timestamp("s")),
        ),
        "time_in_nanoseconds": (
            "at",
            pa.array([NOON.replace(tzinfo=None)] * GOOD_ROWS, pa.timestamp("ns")),
        ),
        "time_as_text": ("at", pa.array(["2026-06-15T12:00:00Z"] * GOOD_ROWS)),
        "time_as_date": ("at", pa.array([date(2026, 6, 15)] * GOOD_ROWS)),
        "text_as_large_string": ("currency", pa.array(["EUR"] * GOOD_ROWS, pa.large_string())),
        "customer_as_integer": ("customer", pa.array(range(GOOD_ROWS), pa.int64())),
        "all_null_column": ("customer", pa.nulls(GOOD_ROWS)),
    }
    for name, (column, values) in variants.items():
        _add(corpus, name, _columns(corpus) | {column: values}, **whole)


def _values(corpus: Corpus) -> None:
    one_bad = {"loaded": GOOD_ROWS - 1, "quarantined": 1}
    spoilt: dict[str, tuple[str, list[Any]]] = {
        "state_unknown": ("state", ["teleported"]),
        "time_null": ("at", [None]),
        "total_nan": ("total", [float("nan")]),
        "total_infinite": ("total", [float("inf")]),
        "total_beyond_decimal": ("total", [1e30]),
        "total_in_words": ("total", ["many"]),
    }
    good: dict[str, Any] = {"state": "completed", "at": NOON.replace(tzinfo=None), "total": 12.5}
    for name, (column, bad) in spoilt.items():
        usual = "12.50" if isinstance(bad[0], str) and column == "total" else good[column]
        values = pa.array([usual] * (GOOD_ROWS - 1) + bad)
        _add(corpus, name, _columns(corpus) | {column: values}, **one_bad)
    columns = _columns(corpus)
    columns["id"] = [*columns["id"][:-1], None]
    _add(corpus, "key_null", columns, **one_bad)
    columns = _columns(corpus)
    columns["id"] = [columns["id"][0]] * GOOD_ROWS
    columns["customer"] = pa.array(["C1"] * GOOD_ROWS)
    _add(corpus, "one_order_five_times", columns, loaded=1, duplicate=GOOD_ROWS - 1)
    columns["id"] = [corpus.key()] * GOOD_ROWS
    columns["total"] = pa.array(range(GOOD_ROWS))
    _add(corpus, "one_key_five_contents", columns, quarantined=GOOD_ROWS)
    columns = _columns(corpus) | {"customer": pa.array(["🚲", "\x00", "x" * 10_000, " ", "'\";--"])}
    _add(corpus, "odd_texts", columns, loaded=GOOD_ROWS)


def _layouts(corpus: Corpus) -> None:
    _add(corpus, "no_rows", _columns(corpus, 0))
    _add(corpus, "new_column", _columns(corpus) | {"new": [1] * GOOD_ROWS}, loaded=GOOD_ROWS)
    nested = pa.array([{"a": [{"b": 2}]}] * GOOD_ROWS)
    _add(corpus, "nested_column", _columns(corpus) | {"nested": nested}, loaded=GOOD_ROWS)
    reordered = dict(reversed(_columns(corpus).items()))
    _add(corpus, "columns_in_another_order", reordered, loaded=GOOD_ROWS)
    table = pa.table(_columns(corpus))
    many = _bytes(table, row_group_size=1)
    corpus.add("orders-a_row_group_per_row", many, loaded=GOOD_ROWS)
    table = pa.table(_columns(corpus))
    corpus.add("orders-uncompressed", _bytes(table, compression="none"), loaded=GOOD_ROWS)
    table = pa.table(_columns(corpus))
    corpus.add("orders-zstd", _bytes(table, compression="zstd"), loaded=GOOD_ROWS)
    table = pa.table(_columns(corpus))
    int96 = _bytes(table, use_deprecated_int96_timestamps=True)
    corpus.add("orders-int96_times", int96, loaded=GOOD_ROWS)
    table = pa.table(_columns(corpus))
    version = _bytes(table, version="1.0")
    corpus.add("orders-format_version_1", version, loaded=GOOD_ROWS)


def _refused(corpus: Corpus) -> None:
    columns = _columns(corpus)
    columns["amount"] = columns.pop("total")
    _add(corpus, "column_renamed", columns, refused="total")
    columns = _columns(corpus)
    del columns["at"]
    _add(corpus, "column_lost", columns, refused="at")
    whole = bytearray(_bytes(pa.table(_columns(corpus))))
    footer = len(whole) - 8 - int.from_bytes(whole[-8:-4], "little")
    whole[footer : footer + 100] = bytes(100)
    corpus.add("orders-footer_overwritten", bytes(whole), set_aside="Parquet")
    whole = bytearray(_bytes(pa.table(_columns(corpus)), compression="zstd"))
    whole[4:120] = bytes(116)
    corpus.add("orders-pages_overwritten", bytes(whole), set_aside="Parquet")
    wide = pa.table({f"c{n}": pa.nulls(1, pa.int8()) for n in range(10_000)})
    corpus.add("orders-10000_columns", _bytes(wide), set_aside="columns")
    corpus.add("orders-csv_inside", b"id,total\n1,2\nPAR1", set_aside="Parquet")
