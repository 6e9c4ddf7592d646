"""Records of a YAML file as an Arrow batch of text, each with the line where it begins.

A record is a mapping: an item of the list that the file is, an item of a list under its only key,
or a document of its own. Nested values stay JSON text; a scalar stays as it was written.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml

from ingestion import limits
from ingestion.errors import FileRefused
from ingestion.feed import Reading
from ingestion.file_bytes import open_bytes
from ingestion.text_rows import Batch

_NOT_A_MAPPING = "the record is not a mapping"
_NULL = "tag:yaml.org,2002:null"
_PLAIN = {"tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:bool"}


def yaml_batch(path: Path, reading: Reading) -> tuple[tuple[str, ...], pa.RecordBatch]:
    """The names of all keys in order of appearance, and the records.

    Raises FileRefused when the file is no YAML or too large to hold.
    """
    records = list(_records(path, reading))
    rows = [(line, _Counted(path).mapping(node)) for line, node in records]
    names = tuple(dict.fromkeys(name for _, row in rows if row is not None for name in row))
    batch = Batch(names, reading.encoding)
    for line, row in rows:
        if row is None:
            batch.add_problem(line, _NOT_A_MAPPING, "")
        else:
            batch.add(line, [row.get(name) for name in names])
    return names, batch.flush()


def _records(path: Path, reading: Reading) -> Iterator[tuple[int, yaml.Node]]:
    with open_bytes(path) as content:
        raw = content.read(limits.YAML_BYTES + 1)
    if len(raw) > limits.YAML_BYTES:
        raise FileRefused(f"{path.name} is longer than {limits.YAML_BYTES // limits.MIB} MiB.")
    try:
        documents = list(yaml.compose_all(raw.decode(reading.encoding), yaml.SafeLoader))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise FileRefused(f"{path.name} is not readable YAML: {reason}.") from error
    for document in documents:
        for node in _items(document):
            yield node.start_mark.line + 1, node


def _items(node: yaml.Node | None) -> list[yaml.Node]:
    if node is None:
        return []
    if isinstance(node, yaml.SequenceNode):
        return list(node.value)
    if isinstance(node, yaml.MappingNode) and len(node.value) == 1:
        (_, only), *_ = node.value
        if isinstance(only, yaml.SequenceNode):
            return list(only.value)
    return [node]


class _Counted:
    """Turns nodes into texts; refuses a record of which aliases make a forest."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._nodes = 0

    def mapping(self, node: yaml.Node) -> dict[str, str | None] | None:
        """Key to text, null or JSON; None for a node that is no mapping."""
        if not isinstance(node, yaml.MappingNode):
            return None
        return {str(key.value): self._text(value) for key, value in node.value}

    def _text(self, node: yaml.Node) -> str | None:
        value = self._value(node, 0)
        if isinstance(node, yaml.ScalarNode):
            return None if value is None else str(node.value)
        return json.dumps(value, ensure_ascii=False)

    def _value(self, node: yaml.Node, depth: int) -> Any:
        self._nodes += 1
        if self._nodes > limits.YAML_NODES or depth > limits.JSON_DEPTH:
            raise FileRefused(f"{self._path.name} holds a record that is too large or too deep.")
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, depth + 1) for item in node.value]
        if isinstance(node, yaml.MappingNode):
            return {str(key.value): self._value(item, depth + 1) for key, item in node.value}
        if node.tag == _NULL:
            return None
        return yaml.safe_load(node.value) if node.tag in _PLAIN else str(node.value)
