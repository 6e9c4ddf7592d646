"""Lines of a JSON lines file as Arrow batches: text, number of the line, why it cannot be text.

No line becomes a Python object unless it is odd: the batches point into the bytes that were read.
"""

import codecs
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ingestion import limits
from ingestion.feed import Reading
from ingestion.file_bytes import open_bytes

CHUNK_BYTES = 4 * limits.MIB
PEEKED_LINES = 1_000

LINE, FILE_LINE, PROBLEM = "line", "_file_line", "_problem"
SCHEMA = pa.schema(
    [pa.field(LINE, pa.string()), pa.field(FILE_LINE, pa.int64()), pa.field(PROBLEM, pa.string())]
)

_LONG = f"the line is longer than {limits.LINE_BYTES // limits.MIB} MiB"
_DEEP = f"the line nests deeper than {limits.JSON_DEPTH} levels"
_NEWLINE, _BRACE, _BRACKET = ord("\n"), ord("{"), ord("[")
_TEXTS = re.compile(rb'"(?:[^"\\]|\\.)*"')


def line_batches(path: Path, reading: Reading) -> Iterator[pa.RecordBatch]:
    """Every line that is not empty, with its number from 1. Raises FileRefused, FileIncomplete."""
    number = 1
    for content, is_whole in _whole_lines(path, reading):
        if is_whole:
            batch, count = _batch(content, number, reading)
            yield batch
            number += count
        else:
            yield _too_long(content, number)
            number += 1


def top_keys(path: Path, reading: Reading) -> tuple[str, ...] | None:
    """Keys of the first objects of the file, in order of appearance; None when there is none.

    Raises FileRefused, FileIncomplete.
    """
    keys: dict[str, None] = {}
    found_any = False
    batch = next(line_batches(path, reading), None)
    for text in [] if batch is None else batch.column(LINE)[:PEEKED_LINES].to_pylist():
        try:
            found = json.loads(text) if text else None
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            found_any = True
            keys |= dict.fromkeys(found)
    return tuple(keys) if found_any else None


def _whole_lines(path: Path, reading: Reading) -> Iterator[tuple[bytes, bool]]:
    """Chunks that end with a line's end; with False the beginning of a line beyond the limit."""
    kept = b""
    is_skipping = False
    for chunk in _utf8_chunks(path, reading):
        if is_skipping:
            end = chunk.find(b"\n")
            if end < 0:
                continue
            is_skipping, content = False, chunk[end + 1 :]
        else:
            content = kept + chunk
        cut = content.rfind(b"\n") + 1
        if cut:
            yield content[:cut], True
        kept = content[cut:]
        if len(kept) > limits.LINE_BYTES:
            yield kept[: limits.EXCERPT_CHARACTERS], False
            kept, is_skipping = b"", True
    if kept:
        yield kept, True


def _utf8_chunks(path: Path, reading: Reading) -> Iterator[bytes]:
    """The content in pieces, as UTF-8, without a byte order mark."""
    is_utf8 = reading.encoding == "utf-8-sig"
    # What is no text in the declared encoding becomes a surrogate, which is no UTF-8 either.
    decoder = codecs.getincrementaldecoder(reading.encoding)("surrogateescape")
    is_first = True
    with open_bytes(path) as content:
        while chunk := content.read(CHUNK_BYTES):
            if not is_utf8:
                chunk = decoder.decode(chunk).encode("utf-8", "surrogatepass")
            if is_first:
                chunk, is_first = chunk.removeprefix(codecs.BOM_UTF8), False
            yield chunk
    rest = b"" if is_utf8 else decoder.decode(b"", True).encode("utf-8", "surrogatepass")
    if rest:
        yield rest


def _batch(content: bytes, first: int, reading: Reading) -> tuple[pa.RecordBatch, int]:
    """The lines of a chunk, and how many they are, empty ones included."""
    data = np.frombuffer(content, np.uint8)
    ends = np.flatnonzero(data == _NEWLINE) + 1
    if not len(ends) or ends[-1] != len(content):
        ends = np.append(ends, len(content))
    offsets = np.concatenate([[0], ends]).astype(np.int32)
    count = len(ends)
    lines = pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(content))
    numbers = pa.array(np.arange(first, first + count, dtype=np.int64))
    problems = pa.nulls(count, pa.string())
    if not _is_utf8(content):
        lines, problems = _repaired(content, offsets, reading)
    if deep := _too_deep(content, data, offsets):
        problems = pa.array([_DEEP if n in deep else p.as_py() for n, p in enumerate(problems)])
    batch = pa.RecordBatch.from_arrays([lines, numbers, problems], schema=SCHEMA)
    # Only a line that does not open with a brace can be empty.
    odd = np.flatnonzero(data[offsets[:-1]] != _BRACE)
    empty = [n for n in odd if not content[offsets[n] : offsets[n + 1]].strip()]
    if empty:
        is_kept = np.ones(count, bool)
        is_kept[empty] = False
        batch = batch.filter(pa.array(is_kept))
    return batch, count


def _too_deep(content: bytes, data: Any, offsets: Any) -> list[int]:
    """Positions of the lines that nest deeper than the limit."""
    # '[' and '{' differ in one bit. Few lines have as many of them as they may be deep.
    opening = np.flatnonzero((data & 0xDF) == _BRACKET)
    counts = np.diff(np.searchsorted(opening, offsets))
    suspects = np.flatnonzero(counts > limits.JSON_DEPTH)
    return [
        int(n) for n in suspects if _depth(content[offsets[n] : offsets[n + 1]]) > limits.JSON_DEPTH
    ]


def _depth(line: bytes) -> int:
    """How deep the brackets outside of texts nest."""
    depth = deepest = 0
    for mark in _TEXTS.sub(b"", line):
        if mark in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif mark in b"]}":
            depth -= 1
    return deepest


def _is_utf8(content: bytes) -> bool:
    try:
        codecs.utf_8_decode(content, "strict", True)
    except UnicodeDecodeError:
        return False
    return True


def _repaired(content: bytes, offsets: Any, reading: Reading) -> tuple[pa.Array, pa.Array]:
    """Lines as they can be shown, and a problem for each that is no text."""
    encoding = reading.encoding.removesuffix("-sig")
    texts, problems = [], []
    for begin, end in pairwise(offsets):
        piece = content[begin:end]
        is_text = _is_utf8(piece)
        texts.append(piece.decode("utf-8", "replace"))
        problems.append(None if is_text else f"the line is not {encoding}")
    return pa.array(texts, pa.string()), pa.array(problems, pa.string())


def _too_long(content: bytes, number: int) -> pa.RecordBatch:
    text = content.decode("utf-8", "replace")
    return pa.RecordBatch.from_arrays(
        [pa.array([text]), pa.array([number], pa.int64()), pa.array([_LONG])], schema=SCHEMA
    )
