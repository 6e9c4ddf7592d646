"""A poisoned shop database, read twice: no crash, no silent loss, neighbours unaffected.

Every case is a table of its own, and all of them are read together: each is the others' neighbour.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import postgres_corpus as corpus
import pytest
from postgres_corpus import GOOD_ROWS, STORIES, VALUES, Story, Value
from postgres_road import Row, Shop, shop_of

from ingestion.extract import ExtractReport
from ingestion.reports import FileReport, LoadReport

pytestmark = pytest.mark.xdist_group("poison_postgres")
KIND = "PostgreSQL"


@dataclass
class Told:
    """What two reads of the whole database gave; before: what was current after the first."""

    shop: Shop
    first: LoadReport
    second: ExtractReport
    before: dict[str, list[Row]]

    def file_of(self, table: str) -> FileReport:
        """What became of the rows that the first read gave."""
        (found,) = (file for file in self.first.files if file.file_name.startswith(f"{table}-2"))
        return found


@pytest.fixture(scope="module")
def told(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    root = tmp_path_factory.mktemp("postgres")
    with shop_of(postgres_server, root, corpus.declaration()) as shop:
        shop.run(*corpus.types())
        shop.run(*(sql for value in VALUES for sql in corpus.of_value(value)))
        shop.run(*(sql for story in STORIES for sql in corpus.of_story(story)))
        lived = [story.name for story in STORIES]
        shop.extract([*(value.name for value in VALUES), *lived])
        first = shop.load()
        before = {name: shop.current(name) for name in lived}
        shop.run(*(sql for story in STORIES for sql in corpus.steps(story)))
        second = shop.extract(lived)
        shop.load()
        yield Told(shop, first, second, before)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: value.name)
def test_an_odd_value_is_kept_or_set_aside_alone(told: Told, value: Value, poison) -> None:
    key = f"{value.name}-odd"
    query = f"select {value.fills}::varchar from raw_files.orders where order_key = ?"
    found = told.shop.con.execute(query, [key]).fetchall()
    is_loaded = value.becomes is not None
    poison(KIND, "loaded" if is_loaded else "rows set aside")
    assert found == ([(value.becomes,)] if is_loaded else [])
    assert told.shop.is_set_aside(key) != is_loaded
    file = told.file_of(value.name)
    counts = (file.rows_loaded, file.rows_quarantined, file.rows_duplicate)
    assert counts == (GOOD_ROWS + is_loaded, int(not is_loaded), 0)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_what_happens_to_a_table_arrives_or_stops_it_alone(
    told: Told, story: Story, poison
) -> None:
    notices = [text for text in told.second.notices if story.name in text]
    is_read = story.name in {table.name for table in told.second.tables}
    poison(KIND, _outcome(story))
    assert is_read == (not story.stops)
    if story.stops:
        assert any(story.stops in text for text in notices)
        assert told.shop.current(story.name) == told.before[story.name]
    else:
        lacking = {key if key.isspace() else f"{story.name}-{key}" for key in story.lacks}
        held = [row for row in told.shop.held(story.name) if row[0] not in lacking]
        assert told.shop.current(story.name) == held
        assert all(told.shop.is_set_aside(key) for key in lacking)
        assert any(story.says in text for text in notices) or not story.says


def test_nothing_is_doubled(told: Told) -> None:
    assert told.shop.doubled() == []


def _outcome(story: Story) -> str:
    if story.stops:
        return "refused"
    return "rows set aside" if story.lacks else "loaded"
