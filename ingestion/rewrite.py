"""A landed file written again without some of its rows, or with some of them emptied."""

import codecs
import csv
import gzip
import io
import json
import os
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingestion.errors import FileRefused
from ingestion.feed import ITEM, Feed, Reading
from ingestion.file_bytes import open_bytes
from ingestion.nested import is_of_item, prefixes
from ingestion.text_rows import csv_header, record_starts

Cells = dict[str, Any]


@dataclass(frozen=True)
class Rewriting:
    """What to do with a file. Lines as `_file_line` counts; kept: paths that emptied rows keep.

    blanked: line → paths of single values that go.
    """

    dropped: Collection[int]
    emptied: Collection[int]
    kept: Collection[str]
    blanked: Mapping[int, Collection[str]] = field(default_factory=dict)

    @property
    def changed(self) -> set[int]:
        """Lines that are written in another form."""
        return {*self.emptied, *self.blanked}

    def change(self, line: int, cells: Cells) -> Cells:
        """The row of a changed line as it is written."""
        if line in self.emptied:
            return self.empty(cells)
        for path in self.blanked[line]:
            cells = _without(cells, path.split("."))
        return cells

    def empty(self, cells: Cells) -> Cells:
        """A row with only the values that it keeps."""
        return {name: self._kept_of(name, value) for name, value in cells.items()}

    def _kept_of(self, name: str, value: Any) -> Any:
        if value is None or name in self.kept:
            return value
        inner = [path[len(name) + 1 :] for path in self.kept if path.startswith(f"{name}.")]
        if not inner:
            return None
        is_text = isinstance(value, str)
        try:
            content = json.loads(value) if is_text else value
        except ValueError:
            return None
        part = _part(content, [path.split(".") for path in inner])
        return json.dumps(part, ensure_ascii=False) if is_text else part


def kept_paths(feeds: Sequence[tuple[Feed, Collection[str]]]) -> set[str]:
    """What money feeds read beside the person. feeds: each with its entity's direct columns.

    The path of an element of an exploded array is written under the array's own name.
    """
    read: dict[bool, set[str]] = {True: set(), False: set()}
    for feed, direct in feeds:
        for rule in feed.rules:
            read[rule.name in direct] |= {path_of(feed, name) for name in rule.columns_read}
        more = [*(feed.known_at.columns_read if feed.known_at else ())]
        more += [test.column for test in feed.only_when]
        read[False] |= {path_of(feed, name) for name in more} | {"_restored_at"}
    return {name for name in read[False] if read[True].isdisjoint(prefixes(name))}


def path_of(feed: Feed, name: str) -> str:
    """Where a source column stands in the file: of an element, under the array's own name."""
    if feed.explode and is_of_item(feed, name):
        return f"{feed.explode}.{name.removeprefix(f'{ITEM}.')}"
    return name


def _part(content: Any, paths: list[list[str]]) -> Any:
    """The values at these paths; a list keeps them of each of its elements."""
    if isinstance(content, list):
        return [_part(element, paths) for element in content]
    if not isinstance(content, dict) or [] in paths:
        return content
    heads = {path[0] for path in paths}
    return {
        name: _part(value, [path[1:] for path in paths if path[0] == name])
        for name, value in content.items()
        if name in heads
    }


def _without(content: Any, steps: Sequence[str]) -> Any:
    """The same with nothing at this path; in a list, in each of its elements."""
    if isinstance(content, list):
        return [_without(element, steps) for element in content]
    if isinstance(content, str):
        try:
            inner = _without(json.loads(content), steps)
        except ValueError:
            return content
        return json.dumps(inner, ensure_ascii=False)
    if not isinstance(content, dict):
        return content
    # A name may have dots itself.
    heads = [".".join(steps[:count]) for count in range(len(steps), 0, -1)]
    depth = next((len(steps) - n for n, head in enumerate(heads) if head in content), 0)
    if not depth:
        return content
    name, left = ".".join(steps[:depth]), steps[depth:]
    return {**content, name: _without(content[name], left) if left else None}


def rewrite(path: Path, reading: Reading, rewriting: Rewriting) -> tuple[Path, int]:
    """Write the file anew beside itself, with its time and mode; where, and how many rows."""
    times = path.stat()
    unfinished = path.with_name(f".{path.name}.part")
    rows = _WRITERS[reading.kind](path, unfinished, reading, rewriting)
    os.utime(unfinished, ns=(times.st_atime_ns, times.st_mtime_ns))
    unfinished.chmod(times.st_mode & 0o777)
    return unfinished, rows


def _parquet(path: Path, to: Path, _reading: Reading, rewriting: Rewriting) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    changed = sorted(line - 1 for line in rewriting.changed)
    if changed:
        found = zip(changed, table.take(changed).to_pylist(), strict=True)
        rows = [rewriting.change(n + 1, row) for n, row in found]
        fresh = pa.Table.from_pylist(rows, schema=table.schema)
        place = {n: table.num_rows + k for k, n in enumerate(changed)}
        order = [place.get(n, n) for n in range(table.num_rows)]
        table = pa.concat_tables([table, fresh]).take(order)
    gone = set(rewriting.dropped)
    table = table.filter(pa.array([n + 1 not in gone for n in range(table.num_rows)], pa.bool_()))
    pq.write_table(table, to)
    return int(table.num_rows)


def _text(path: Path, to: Path, reading: Reading, change: Callable[[str], str]) -> None:
    with open_bytes(path) as content:
        before = content.read()
    mark = codecs.BOM_UTF8 if before.startswith(codecs.BOM_UTF8) else b""
    encoding = reading.encoding.removesuffix("-sig")  # it would write a mark where none was
    text = before[len(mark) :].decode(encoding, errors="surrogateescape")
    raw = mark + change(text).encode(encoding, errors="surrogateescape")
    with path.open("rb") as file:
        is_packed = file.read(2) == b"\x1f\x8b"
    to.write_bytes(gzip.compress(raw, mtime=0) if is_packed else raw)


def _csv(path: Path, to: Path, reading: Reading, rewriting: Rewriting) -> int:
    names = csv_header(path, reading)
    starts = list(record_starts(path, reading))
    left, changed = 0, rewriting.changed

    def change(text: str) -> str:
        nonlocal left
        lines = io.StringIO(text, newline="").readlines()
        written = []
        for begin, end in zip(starts, [*starts[1:], len(lines) + 1], strict=True):
            record = "".join(lines[begin - 1 : end - 1])
            if begin in rewriting.dropped:
                continue
            left += begin > 1 and bool(record.strip())
            written.append(_changed_record(begin, record) if begin in changed else record)
        return "".join(written)

    def _changed_record(line: int, record: str) -> str:
        cells = next(csv.reader([record], delimiter=reading.separator))
        kept = rewriting.change(line, dict(zip(names, cells, strict=True)))
        out = io.StringIO()
        writer = csv.writer(out, delimiter=reading.separator, lineterminator="\n")
        writer.writerow(["" if kept[name] is None else kept[name] for name in names])
        return out.getvalue()

    _text(path, to, reading, change)
    return left


def _jsonl(path: Path, to: Path, reading: Reading, rewriting: Rewriting) -> int:
    left, changed = 0, rewriting.changed

    def change(text: str) -> str:
        nonlocal left
        written = []
        # Only a line feed ends a line of JSON: a text may hold other separators.
        for number, line in enumerate(re.findall(r"[^\n]*\n|[^\n]+", text), start=1):
            if number in rewriting.dropped:
                continue
            left += bool(line.strip())
            written.append(_changed_line(number, line) if number in changed else line)
        return "".join(written)

    def _changed_line(number: int, line: str) -> str:
        changed = rewriting.change(number, json.loads(line))
        return json.dumps(changed, ensure_ascii=False) + "\n"

    _text(path, to, reading, change)
    return left


def _yaml(path: Path, _to: Path, _reading: Reading, _rewriting: Rewriting) -> int:
    raise FileRefused(
        f"{path.name} names a person who was erased; YAML is written by hand. Take the record out."
    )


_WRITERS: dict[str, Callable[[Path, Path, Reading, Rewriting], int]] = {
    "parquet": _parquet,
    "csv": _csv,
    "jsonl": _jsonl,
    "yaml": _yaml,
}
