"""Pages as APIs of vendors, proxies and networks really spoil them: what goes wrong, what holds.

whole: everything lands once. short: what came lands, the missing rows are said, the next run brings
them. refused: the source, or its table, is unavailable, nothing of it lands, the next run is whole.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from pages_fake import closed, opened
from pages_vendors import Vendor, pairs

from demo.fakes.answers import Answer
from demo.fakes.faults import Fault, broken_once, html_page, with_byte_order_mark

WHOLE, SHORT, REFUSED = "whole", "short", "refused"
Faults = dict[int, Fault]
_COUNTING = ("support", "hubspot", "brevo", "preferences", "shopify")
_OF_CURSORS = ("support", "hubspot", "preferences", "shopify")
_TRANSPORT = ("support", "matomo", "shopify")
# Two vendors count nothing, and repeat themselves only by mistake.
_REPEATED = dict.fromkeys(("matomo", "prestashop"), REFUSED)


@dataclass(frozen=True)
class Case:
    """faults: what goes wrong with which page (-1: with all but the first), made anew for each run.

    vendors: only those; others: what holds where it is not `holds`. is_edited: records themselves
    are spoilt, so that their next reading is a new version. is_said: the refusal breaks the table's
    contract, which is said and leaves the system available. timeout_seconds: of the client.
    """

    name: str
    faults: Callable[[Vendor], Faults]
    holds: str = WHOLE
    vendors: tuple[str, ...] = ()
    others: dict[str, str] = field(default_factory=dict)
    is_edited: bool = False
    is_said: bool = False
    timeout_seconds: float = 5


def _second(fault: Fault) -> Callable[[Vendor], Faults]:
    return lambda _: {2: fault}


def _edited(change: Callable[[list[Any], Vendor], None]) -> Callable[[Vendor], Faults]:
    """The records of the second page, changed where they stand."""

    def faults(vendor: Vendor) -> Faults:
        def edit(answer: Answer) -> Answer:
            content = opened(answer)
            change(vendor.items(content), vendor)
            return closed(answer, content)

        return {2: Fault(edit=edit)}

    return faults


def _record(change: Callable[[dict[str, Any], Vendor], None]) -> Callable[[Vendor], Faults]:
    """One record of the second page, changed."""
    return _edited(lambda items, vendor: change(items[1], vendor))


def _set(value: Any) -> Callable[[Vendor], Faults]:
    return _record(lambda item, vendor: item.update({vendor.text: value}))


def _raw(change: Callable[[bytes, Vendor], bytes]) -> Callable[[Vendor], Faults]:
    return lambda vendor: {
        2: Fault(edit=lambda answer: replace(answer, body=change(answer.body, vendor)))
    }


def _records_of_the_first(vendor: Vendor) -> Faults:
    """The second page has the records of the first, and its own word on what follows."""
    kept: list[Any] = []

    def keep(answer: Answer) -> Answer:
        kept.extend(copy.deepcopy(vendor.items(opened(answer))))
        return answer

    def repeat(answer: Answer) -> Answer:
        content = opened(answer)
        vendor.items(content)[:] = kept
        return closed(answer, content)

    return {1: Fault(edit=keep), 2: Fault(edit=repeat)}


def _answer_of_the_first(vendor: Vendor) -> Faults:
    """The third page is the first one, word for word: its cursor leads back."""
    kept: list[Answer] = []

    def keep(answer: Answer) -> Answer:
        kept.append(answer)
        return answer

    return {1: Fault(edit=keep), 3: Fault(edit=lambda _: kept[0])}


def _always_the_first(vendor: Vendor) -> Faults:
    """Whatever is asked, the first page comes."""
    kept: list[Answer] = []

    def first(answer: Answer) -> Answer:
        kept.append(answer)
        return kept[0]

    return {1: Fault(edit=first), -1: Fault(edit=first)}


def _ends_early(vendor: Vendor) -> Faults:
    assert vendor.ends is not None
    return {2: Fault(edit=vendor.ends)}


def _count(value: Any) -> Callable[[Vendor], Faults]:
    def edit(answer: Answer) -> Answer:
        return closed(answer, opened(answer) | {"count": value})

    return lambda _: {2: Fault(edit=edit)}


def _decoy(body: bytes, vendor: Vendor) -> bytes:
    name = f'"{vendor.key}": '.encode()
    return body.replace(name, name + b'"decoy", ' + name)


def _as_other_type(items: list[Any], vendor: Vendor) -> None:
    for item in items:
        found = item[vendor.key]
        item[vendor.key] = int(found) if isinstance(found, str) else str(found)


def _escaped(text: str) -> Callable[[Vendor], Faults]:
    """A text that only its JSON escapes can write."""

    def change(body: bytes, vendor: Vendor) -> bytes:
        return body.replace(b'"@here"', f'"{text}"'.encode())

    def faults(vendor: Vendor) -> Faults:
        marked = _set("@here")(vendor)[2].edit
        assert marked is not None
        return {
            2: Fault(edit=lambda a: (b := marked(a)) and replace(b, body=change(b.body, vendor)))
        }

    return faults


_LINE = [
    Case("an_error_once", _second(broken_once(500))),
    Case("too_many_requests_once", lambda vendor: {2: Fault(vendor.busy)}),
    Case("too_many_requests_for_ever", lambda vendor: {-1: Fault(vendor.busy)}, REFUSED,
         ("support", "hubspot", "brevo", "shopify")),
    Case("away_for_a_while", _second(Fault(Answer(503, headers={"Retry-After": "1"}))),
         vendors=_TRANSPORT),
    Case("reset", _second(Fault(breaks="reset")), vendors=_TRANSPORT),
    Case("reset_after_the_effect", _second(Fault(breaks="reset", is_after_effect=True))),
    Case("half_an_answer", _second(Fault(breaks="cut")), vendors=_TRANSPORT),
    Case("silence_once", _second(Fault(breaks="hang")), vendors=_TRANSPORT, timeout_seconds=0.5),
    Case("silence_for_ever", lambda _: {-1: Fault(breaks="hang")}, REFUSED, ("support",),
         timeout_seconds=0.5),
    Case("html_with_success", _second(html_page()), REFUSED),
    Case("html_with_an_error_once", _second(html_page(502)), vendors=_TRANSPORT),
    Case("a_byte_order_mark", _second(with_byte_order_mark())),
    Case("no_right_any_more", _second(Fault(Answer(401))), REFUSED),
    Case("an_empty_body", _second(Fault(Answer(200))), REFUSED, others={"preferences": SHORT}),
    Case("a_null", _second(Fault(Answer(200, b"null\n"))), REFUSED),
]  # fmt: skip
_PAGES = [
    Case("page_repeats", _records_of_the_first, SHORT, others=_REPEATED),
    Case("page_repeats_later", _answer_of_the_first, REFUSED, others={"brevo": SHORT}),
    Case("page_is_always_the_first", _always_the_first, REFUSED, others={"brevo": SHORT}),
    Case("page_skipped", _edited(lambda items, _: items.clear()), SHORT, _COUNTING),
    Case("page_empty_once_then_more", _edited(lambda items, _: items.clear()),
         vendors=("matomo", "prestashop")),
    Case("page_lacks_its_last_record", _edited(lambda items, _: items.pop() and None), SHORT,
         others={"brevo": WHOLE, "matomo": WHOLE, "prestashop": WHOLE}),
    Case("page_ends_too_early", _ends_early, SHORT, _OF_CURSORS),
    Case("total_shrinks", _count(5), WHOLE, ("brevo",)),
    Case("total_grows", _count(500), WHOLE, ("brevo",)),
    Case("total_in_words", _count("many"), REFUSED, ("brevo",)),
    Case("total_negative", _count(-1), WHOLE, ("brevo",)),
    Case("record_twice", _edited(lambda items, _: items.append(copy.deepcopy(items[0])))),
    Case("record_of_another_page", _edited(lambda items, _: items.insert(0, items.pop()))),
]  # fmt: skip
_RECORDS = [
    Case("record_is_a_number", _edited(lambda items, _: items.__setitem__(1, 7)), REFUSED),
    Case("record_is_null", _edited(lambda items, _: items.__setitem__(1, None)), REFUSED),
    Case("key_missing", _record(lambda item, vendor: item.pop(vendor.key)), REFUSED),
    Case("key_null", _record(lambda item, vendor: item.update({vendor.key: None})), REFUSED),
    Case("key_number_and_text", _edited(_as_other_type), is_edited=True),
    Case("key_twice_in_a_record", _raw(_decoy)),
    Case("field_5_megabytes", _set("x" * 5_000_000), is_edited=True),
    Case("field_null", _set(None), is_edited=True),
    Case("field_missing", _record(lambda item, vendor: item.pop(vendor.text)), is_edited=True),
    Case("field_empty", _set(""), is_edited=True),
    Case("field_becomes_an_object", _set({"a": [1, None]}), REFUSED, is_said=True),
    Case("field_a_number", _set(2**70), is_edited=True),
    Case("field_half_a_character", _escaped(r"a\ud83d"), is_edited=True),
    Case("field_null_character", _escaped(r"a\u0000b"), is_edited=True),
    Case("field_unknown", _record(lambda item, _: item.update(extra={"new": 1})), is_edited=True),
]  # fmt: skip
_CHANGED = ("support", "hubspot")


def _time(value: Any) -> Callable[[Vendor], Faults]:
    return _record(lambda item, vendor: item.update({vendor.changed: value}))


_TIMES = [
    Case(f"changed_{name}", _time(value), WHOLE, _CHANGED, is_edited=True)
    for name, value in [
        ("in_2099", "2099-01-01T00:00:00Z"),
        ("in_1970", "1970-01-01T00:00:00Z"),
        ("in_the_year_1", "0001-01-01T00:00:00Z"),
        ("in_the_year_99999", "99999-01-01T00:00:00Z"),
        ("on_another_clock", "2026-05-01T12:00:00+02:00"),
        ("in_milliseconds", 1777629600000),
        ("in_words", "yesterday"),
        ("null", None),
    ]
]
CASES = [*_LINE, *_PAGES, *_RECORDS, *_TIMES]


def tried() -> Iterator[tuple[str, Vendor, Case, str]]:
    """Every case at every vendor it is about, with what holds there."""
    for case in CASES:
        for name, vendor in pairs(case.vendors):
            yield name, vendor, case, case.others.get(name, case.holds)
