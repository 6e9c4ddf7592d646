"""What every reader of an API relies on: a page is a list of objects that can be told apart."""

from __future__ import annotations

from typing import Any

from ingestion.http import Client

Row = dict[str, Any]


def records(client: Client, what: str, found: Any, *needed: str) -> list[Row]:
    """The page as it is. what: for errors; needed: names whose values must be text or numbers.

    Raises SourceUnavailable: one record that is none makes the whole answer doubtful.
    """
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        client.fail(f"{what}: records that are not objects. The API may have changed")
    for name in needed:
        if not all(isinstance(one.get(name), str | int) for one in found):
            client.fail(f"{what}: a record without {name!r}. The API may have changed")
    return found
