"""Columns as the simulation writes them: small codes, words only when a period ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

NOTHING = np.iinfo(np.int64).min
Ints = NDArray[np.int64]


class Words:
    """Texts by number; more can be added, none changes. Code -1 stands for no text."""

    def __init__(self, texts: Sequence[str] = ()) -> None:
        self._chunks = [pa.array(list(texts), pa.large_string())]
        self._count = len(texts)

    def __len__(self) -> int:
        return self._count

    def add(self, texts: Any) -> Ints:
        """The codes of new texts (a list, or an Arrow array), in their order."""
        new = texts if isinstance(texts, pa.Array) else pa.array(list(texts), pa.large_string())
        self._chunks.append(new.cast(pa.large_string()))
        start = self._count
        self._count += len(new)
        return np.arange(start, self._count, dtype=np.int64)

    def take(self, codes: Ints) -> pa.Array:
        """The texts of these codes."""
        if len(self._chunks) > 1:
            self._chunks = [pa.concat_arrays(self._chunks)]
        indices = pa.array(codes, pa.int64(), mask=codes < 0)
        return self._chunks[0].take(indices).cast(pa.string())

    def list(self, codes: Ints) -> list[str]:
        """The texts of a few codes, as plain strings; no text is ''."""
        return [text or "" for text in self.take(codes).to_pylist()]


@dataclass(frozen=True)
class Text:
    """Texts of a vocabulary, by code (-1: null)."""

    words: Words
    codes: Ints


@dataclass(frozen=True)
class Key:
    """Keys of one series: prefix and padded number (-1: null)."""

    prefix: str
    numbers: Ints
    width: int = 0


Part = str | Text | Key | NDArray[Any]


@dataclass(frozen=True)
class Joined:
    """Parts written one after another; null where any part is."""

    parts: tuple[Part, ...]

    def written(self) -> pa.Array:
        """The texts themselves."""
        return _render_joined(self, 0)


@dataclass(frozen=True)
class Cents:
    """Whole numbers that stand for decimals of some places: money is Cents(cents, 2)."""

    numbers: Ints
    places: int = 2


@dataclass(frozen=True)
class Either:
    """Keys of our own, or texts that came from outside; at most one of both in each row."""

    key: Key
    text: Text


Value = Text | Key | Joined | Cents | Either | NDArray[Any] | str | bool | int | None


def rows_of(value: Value) -> int | None:
    """How many rows a column has; None for one word that holds for all."""
    if isinstance(value, Text):
        return len(value.codes)
    if isinstance(value, Key | Cents):
        return len(value.numbers)
    if isinstance(value, Either):
        return len(value.key.numbers)
    if isinstance(value, Joined):
        return next((n for part in value.parts if (n := rows_of(part)) is not None), None)
    return len(value) if isinstance(value, np.ndarray) else None


def select(value: Value, which: NDArray[Any]) -> Value:
    """Some rows of a column, by mask or by number."""
    if isinstance(value, Text):
        return Text(value.words, value.codes[which])
    if isinstance(value, Key):
        return Key(value.prefix, value.numbers[which], value.width)
    if isinstance(value, Cents):
        return Cents(value.numbers[which], value.places)
    if isinstance(value, Joined):
        return Joined(tuple(cast(Part, select(part, which)) for part in value.parts))
    return value[which] if isinstance(value, np.ndarray) else value


def concat(values: Sequence[Any]) -> Value:
    """Batches of one column as one; batches of a column are always of the same making."""
    first = values[0]
    if isinstance(first, Text):
        return Text(first.words, np.concatenate([value.codes for value in values]))
    if isinstance(first, Key):
        return Key(first.prefix, np.concatenate([v.numbers for v in values]), first.width)
    if isinstance(first, Cents):
        return Cents(np.concatenate([value.numbers for value in values]), first.places)
    if isinstance(first, Either):
        keys, texts = concat([v.key for v in values]), concat([v.text for v in values])
        return Either(cast(Key, keys), cast(Text, texts))
    if isinstance(first, Joined):
        columns = zip(*(value.parts for value in values), strict=True)
        return Joined(tuple(cast(Part, concat(parts)) for parts in columns))
    return np.concatenate(values) if isinstance(first, np.ndarray) else first


def render(value: Value, kind: pa.DataType, rows: int) -> pa.Array:  # noqa: PLR0911 - one per kind
    """The column as Arrow, in the type of its table."""
    if isinstance(value, Text):
        return value.words.take(value.codes)
    if isinstance(value, Key):
        return _render_key(value)
    if isinstance(value, Joined):
        return _render_joined(value, rows)
    if isinstance(value, Cents):
        return _render_decimal(value.numbers, kind)
    if isinstance(value, Either):
        return pc.coalesce(_render_key(value.key), value.text.words.take(value.text.codes))
    if isinstance(value, np.ndarray):
        return _render_array(value, kind)
    return pa.repeat(pa.scalar(value, kind), rows)


def _render_joined(value: Joined, rows: int) -> pa.Array:
    parts = [
        part if isinstance(part, str) else render(part, pa.string(), rows) for part in value.parts
    ]
    return pc.binary_join_element_wise(*parts, "")


def _render_key(value: Key) -> pa.Array:
    texts = pa.array(value.numbers, pa.int64(), mask=value.numbers < 0).cast(pa.string())
    if value.width:
        texts = pc.utf8_lpad(texts, value.width, "0")
    return pc.binary_join_element_wise(value.prefix, texts, "")


def _render_decimal(numbers: Ints, kind: pa.DataType) -> pa.Array:
    halves = np.empty((len(numbers), 2), np.int64)
    halves[:, 0], halves[:, 1] = numbers, numbers >> 63
    mask = None
    if (numbers == NOTHING).any():
        mask = pa.py_buffer(np.packbits(numbers != NOTHING, bitorder="little").tobytes())
    return pa.Array.from_buffers(kind, len(numbers), [mask, pa.py_buffer(halves.tobytes())])


def _render_array(value: NDArray[Any], kind: pa.DataType) -> pa.Array:
    if value.dtype == object:
        return pa.array(value.tolist(), kind)
    if np.issubdtype(value.dtype, np.integer):
        mask = value == NOTHING if value.dtype == np.int64 else value < 0
        if pa.types.is_boolean(kind):
            return pa.array(value > 0, mask=value < 0)
        return pa.array(value, mask=mask).cast(kind)
    return pa.array(value).cast(kind)
