"""Event files as collectors, networks and bots really spoil them."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from typing import Any

from case import Case, Corpus

GOOD_ROWS = 5
DECLARATION = """
system: web
owner: e-commerce
description: Poisoned event files.
manifest: optional
settle_seconds: 0
files:
  events: &events
    entity: web_events
    pattern: events-*.jsonl
    columns:
      web_event_key: id
      event_type: type
      anonymous_id: device
      product_key: properties.product_id
      search_text: properties.query
      watched_share: properties.share
      is_bot: bot
      user_agent: agent
      occurred_at: at
  events_gz: {<<: *events, pattern: events-*.jsonl.gz, format: jsonl}
"""

# Values of one field that make the row unreadable: (name, field, value).
BAD_VALUES = [
    ("time_missing", "at", None),
    ("time_empty", "at", ""),
    ("time_in_words", "at", "yesterday"),
    ("time_30_february", "at", "2026-02-30T00:00:00Z"),
    ("time_hour_25", "at", "2026-06-15T25:00:00Z"),
    ("time_object", "at", {"seconds": 1}),
    ("time_list", "at", [2026, 6, 15]),
    ("time_true", "at", True),
    ("time_of_a_spreadsheet", "at", "15/06/2026 10:00"),
    ("id_missing", "id", None),
    ("type_missing", "type", None),
    ("share_in_words", "properties", {"share": "half"}),
    ("share_object", "properties", {"share": {"of": 1}}),
    ("share_infinite", "properties", {"share": "Infinity"}),
    ("bot_in_words", "bot", "maybe"),
    ("bot_number", "bot", 7),
]
# Values that look odd and are right.
ODD_VALUES = [
    ("time_with_offset", "at", "2026-06-15T10:00:00+02:00"),
    ("time_with_nanoseconds", "at", "2026-06-15T10:00:00.123456Z"),
    ("time_1970", "at", "1970-01-01T00:00:00Z"),
    ("time_in_the_future", "at", "2099-01-01T00:00:00Z"),
    ("time_leap_day", "at", "2024-02-29T12:00:00Z"),
    ("type_unknown", "type", "teleported"),
    ("device_big_integer", "device", 2**70),
    ("device_negative_zero", "device", -0.0),
    ("device_nested", "device", {"a": [1, {"b": None}]}),
    ("device_empty_text", "device", ""),
    ("agent_megabyte", "agent", "x" * 500_000),
    ("agent_emoji", "agent", "🚲" * 10),
    ("agent_right_to_left", "agent", "\u202egnp.exe"),
    ("agent_html", "agent", "<script>alert(1)</script>"),
    ("agent_null_character", "agent", "a\u0000b"),
    ("agent_line_separators", "agent", "a\u2028b\u2029c\u0085d"),
    ("properties_empty", "properties", {}),
    ("properties_missing", "properties", None),
    ("properties_text", "properties", "not an object"),
    ("properties_list", "properties", [1, 2]),
    ("query_sql", "properties", {"query": "'; drop table x; --"}),
    ("query_quotes", "properties", {"query": '"\\"\\\\'}),
    ("share_as_text", "properties", {"share": "0.5"}),
    ("product_number", "properties", {"product_id": 42}),
    ("extra_key", "unexpected", "yes"),
    ("bot_as_text", "bot", "true"),
]
# Lines that are no event at all.
BAD_LINES = [
    ("truncated", b'{"id": "x", "type": "page_vi'),
    ("two_objects", b'{"id": "x1"} {"id": "x2"}'),
    ("a_list", b'[{"id": "x"}]'),
    ("a_number", b"42"),
    ("a_text", b'"page_view"'),
    ("null", b"null"),
    ("single_quotes", b"{'id': 'x'}"),
    ("trailing_comma", b'{"id": "x",}'),
    ("not_json", b"GET / HTTP/1.1"),
    ("html", b"<html><body>Bad gateway</body></html>"),
    ("invalid_utf8", b'{"id": "\xff\xfe"}'),
    ("open_brace", b"{"),
    ("control_character", b'{"id": "a\x01b"}'),
    ("csv", b"id;type;at"),
    ("deep_list", b"[" * 5_000 + b"]" * 5_000),
    ("deep_object", b'{"a":' * 5_000 + b"1" + b"}" * 5_000),
]


def cases() -> list[Case]:
    """Every case of this corpus, seeded."""
    corpus = Corpus("jsonl")
    for name, field, value in BAD_VALUES:
        lines = [*_good(corpus), _line(corpus, **{field: value})]
        content = _file(corpus.shuffled(lines))
        corpus.add(f"events-{name}", content, loaded=GOOD_ROWS, quarantined=1)
    for name, field, value in ODD_VALUES:
        lines = [*_good(corpus), _line(corpus, **{field: value})]
        corpus.add(f"events-{name}", _file(corpus.shuffled(lines)), loaded=GOOD_ROWS + 1)
    for name, line in BAD_LINES:
        content = _file(_good(corpus, 2)) + line + b"\n" + _file(_good(corpus, 3))
        corpus.add(f"events-line_{name}", content, loaded=GOOD_ROWS, quarantined=1)
    _files(corpus)
    return corpus.cases


def _line(corpus: Corpus, **fields: object) -> str:
    event = {
        "id": corpus.key(),
        "type": "product_view",
        "device": "d-1",
        "properties": {"product_id": "P1"},
        "bot": False,
        "agent": "Mozilla/5.0",
        "at": "2026-06-15T10:00:00Z",
    }
    return json.dumps(event | fields)


def _good(corpus: Corpus, count: int = GOOD_ROWS) -> list[str]:
    return [_line(corpus) for _ in range(count)]


def _file(lines: list[str], end: str = "\n") -> bytes:
    return "".join(line + end for line in lines).encode()


def _files(corpus: Corpus) -> None:
    corpus.add("events-crlf", _file(_good(corpus), "\r\n"), loaded=GOOD_ROWS)
    corpus.add("events-with_bom", b"\xef\xbb\xbf" + _file(_good(corpus)), loaded=GOOD_ROWS)
    corpus.add("events-no_last_line_end", _file(_good(corpus)).rstrip(), loaded=GOOD_ROWS)
    blank = _file(_good(corpus, 2)) + b"\n   \n\t\n" + _file(_good(corpus, 3))
    corpus.add("events-blank_lines", blank, loaded=GOOD_ROWS)
    line = _line(corpus)
    corpus.add("events-same_event_twice", _file([line, line]), loaded=1, duplicate=1)
    line = _line(corpus)
    other = line.replace("product_view", "page_view")
    corpus.add("events-one_id_two_events", _file([line, other]), quarantined=2)
    lines = _good(corpus)
    corpus.add("events-replayed_1", _file(lines), loaded=GOOD_ROWS)
    corpus.add("events-replayed_2", _file(lines[::-1]), duplicate=GOOD_ROWS)
    duplicate_key = _line(corpus).replace('"bot": false', '"bot": false, "bot": true')
    corpus.add("events-key_twice_in_an_object", _file([duplicate_key]), loaded=1)
    whole = gzip.compress(_file(_good(corpus)), mtime=0)
    _gz(corpus, "events-gz", whole, loaded=GOOD_ROWS)
    parts = [gzip.compress(_file(_good(corpus, 2)), mtime=0) for _ in range(2)]
    _gz(corpus, "events-gz_two_members", b"".join(parts), loaded=4)
    bomb = gzip.compress(b" " * 400 * 1024 * 1024, mtime=0)
    _gz(corpus, "events-gz_bomb", bomb, set_aside="unpacks")
    damaged = bytearray(gzip.compress(_file(_good(corpus, 200)), mtime=0))
    damaged[40:60] = bytes(20)
    _gz(corpus, "events-gz_damaged", bytes(damaged), set_aside="damaged")
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("events.jsonl", _file(_good(corpus)))
    corpus.add("events-zip", zipped.getvalue(), set_aside="zip")


def _gz(corpus: Corpus, name: str, content: bytes, **counts: Any) -> None:
    corpus.suffix = "jsonl.gz"
    corpus.add(name, content, **counts)
    corpus.suffix = "jsonl"
