"""The dbt source of the raw tables is generated, and the file on disk is what is generated."""

from pathlib import Path

from contract.entity import load_entities
from ingestion.dbt_sources import TARGET, render

PROJECT_ROOT = Path(__file__).parents[3]


def test_the_source_file_on_disk_is_the_generated_one():
    on_disk = (PROJECT_ROOT / TARGET).read_text(encoding="utf-8")
    assert on_disk == render(load_entities()), "run: python -m ingestion.dbt_sources"
