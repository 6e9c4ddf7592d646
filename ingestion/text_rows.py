"""Rows of CSV files as Arrow batches of text, each with the line where it begins.

A record that cannot be read is a row too: `problem` says why, `raw_text` keeps it, and the
reading goes on at the next line. So rows read = rows given, whatever the file holds.
"""

import csv
import io
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from ingestion import limits
from ingestion.errors import FileRefused
from ingestion.feed import Reading
from ingestion.file_bytes import open_bytes

BATCH_ROWS = 50_000
# A record over more lines than this is taken for a quote that nobody closed.
LONGEST_RECORD_LINES = 200

# With a dash before them: a file may have a column named problem.
FILE_LINE, PROBLEM, RAW_TEXT = "_file_line", "_problem", "_raw_text"

_RAGGED = "the row has {found} cells, its header {wanted}"
_OPEN_QUOTE = "its quotes do not close"
_ENCODING = "the line is not {encoding}"


@dataclass
class Batch:
    """Rows collected until there are enough of them for one Arrow batch."""

    names: tuple[str, ...]
    encoding: str
    rows: list[list[str | None]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    problems: list[str | None] = field(default_factory=list)
    raw_texts: list[str | None] = field(default_factory=list)

    def add(self, line: int, row: list[str | None]) -> None:
        """Add a row that could be read."""
        self._add(line, row, None, None)

    def add_problem(self, line: int, problem: str, raw_text: str) -> None:
        """Add a record that could not be read."""
        self._add(line, [None] * len(self.names), problem, _clean(raw_text))

    def _add(
        self, line: int, row: list[str | None], problem: str | None, raw_text: str | None
    ) -> None:
        self.rows.append(row)
        self.lines.append(line)
        self.problems.append(problem)
        self.raw_texts.append(raw_text)

    def flush(self) -> pa.RecordBatch:
        """The rows so far as an Arrow batch; the batch is empty afterwards."""
        try:
            columns = self._columns()
        except UnicodeEncodeError:  # bytes that are not text in the declared encoding
            self._refuse_undecoded()
            columns = self._columns()
        arrays = [*columns, pa.array(self.lines, pa.int64())]
        arrays += [pa.array(texts, pa.string()) for texts in (self.problems, self.raw_texts)]
        self.rows, self.lines, self.problems, self.raw_texts = [], [], [], []
        return pa.RecordBatch.from_arrays(arrays, schema=schema_of(self.names))

    def _columns(self) -> list[pa.Array]:
        columns = list(zip(*self.rows, strict=True)) or [()] * len(self.names)
        return [pa.array(column, pa.string()) for column in columns]

    def _refuse_undecoded(self) -> None:
        for position, row in enumerate(self.rows):
            text = "".join(cell or "" for cell in row)
            if text != _clean(text):
                encoding = self.encoding.removesuffix("-sig")
                self.problems[position] = _ENCODING.format(encoding=encoding)
                self.raw_texts[position] = _clean(text)
                self.rows[position] = [None] * len(row)


def schema_of(names: tuple[str, ...]) -> pa.Schema:
    """Arrow schema of the batches: the columns as text, then line, problem and raw text."""
    return pa.schema(
        [pa.field(name, pa.string()) for name in names]
        + [pa.field(FILE_LINE, pa.int64()), pa.field(PROBLEM, pa.string())]
        + [pa.field(RAW_TEXT, pa.string())]
    )


def csv_header(path: Path, reading: Reading) -> tuple[str, ...]:
    """Column names of the first line; empty for an empty file. Raises FileRefused."""
    with _open(path, reading) as content:
        first: list[str] = next(_reader(content, reading), [])
    limits.check_width(path.name, len(first))
    if any(name != _clean(name) for name in first):
        encoding = reading.encoding.removesuffix("-sig")
        raise FileRefused(f"{path.name} has a header that is not {encoding}.")
    return tuple(name.strip() for name in first)


def csv_batches(path: Path, reading: Reading) -> Iterator[pa.RecordBatch]:
    """Every record after the header, empty lines aside."""
    names = csv_header(path, reading)
    batch = Batch(names, reading.encoding)
    with _open(path, reading) as content:
        for line, record in _records(content, reading):
            if line == 1 or not record:
                continue
            if isinstance(record, str):
                batch.add_problem(line, _OPEN_QUOTE, record)
            elif len(record) != len(names):
                problem = _RAGGED.format(found=len(record), wanted=len(names))
                batch.add_problem(line, problem, reading.separator.join(record))
            else:
                batch.add(line, record)
            if len(batch.rows) >= BATCH_ROWS:
                yield batch.flush()
    yield batch.flush()


def record_starts(path: Path, reading: Reading) -> Iterator[int]:
    """The line where each record begins, the header's and those of empty lines included."""
    with _open(path, reading) as content:
        yield from (line for line, _ in _records(content, reading))


def _records(content: IO[str], reading: Reading) -> Iterator[tuple[int, Any]]:
    """(line where it begins, cells) per record; cells is the raw text when a quote never closes.

    The lines of the record in progress are kept, so that reading can resume after its first one.
    """
    lines: Iterator[str] = iter(content)
    kept: deque[str] = deque()
    begins = 1

    def remembered() -> Iterator[str]:
        for text in lines:
            kept.append(text)
            if len(kept) > LONGEST_RECORD_LINES:
                raise csv.Error(_OPEN_QUOTE)
            yield text

    reader = _reader(remembered(), reading)
    while True:
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error:
            if not kept:
                return
            yield begins, kept.popleft()
            begins += 1
            lines = chain(list(kept), lines)
            kept.clear()
            reader = _reader(remembered(), reading)
            continue
        yield begins, record
        begins += len(kept)
        kept.clear()


def _reader(lines: Any, reading: Reading) -> Any:
    csv.field_size_limit(limits.FIELD_BYTES)
    return csv.reader(lines, delimiter=reading.separator, strict=True)


def _open(path: Path, reading: Reading) -> IO[str]:
    # surrogateescape: one byte that is not text must cost its row, not the file.
    content = open_bytes(path)
    return io.TextIOWrapper(content, reading.encoding, errors="surrogateescape", newline="")


def _clean(text: str) -> str:
    """The text with what could not be decoded shown as U+FFFD."""
    return text.encode("utf-8", "replace").decode("utf-8", "replace")
