"""A publication whose every name carries an attack, and the site built of it."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "fixtures"))

import published

from dashboards.site import SiteSettings, build
from governance.publishing.build import Stamp
from governance.publishing.documents import load_documents
from governance.publishing.publish import publish

PAYLOAD = "\"'><script>alert(1)</script><img src=x onerror=alert(2)> javascript:alert(3) {{ 7*7 }}"


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    warehouse = folder / "habitue.duckdb"
    published.build_warehouse(warehouse, customers=150, payload=PAYLOAD)
    documents = load_documents(published.write_mart_documents(warehouse, folder / "marts"))
    stamp = Stamp("run-1", datetime(2018, 1, 1, 7), "0.1.0", b"k" * 32)  # noqa: DTZ001
    publish(warehouse, folder, stamp, documents)
    workbook = folder / "exports" / "coupon_lovers" / "coupon_lovers_en.xlsx"
    workbook.parent.mkdir(parents=True)
    workbook.touch()
    return folder


@pytest.fixture(scope="session")
def settings(home: Path) -> SiteSettings:
    return SiteSettings(
        as_of=published.AS_OF,
        languages=("fr", "en"),
        company_name="Shop " + PAYLOAD,
        exports=home / "exports",
    )


@pytest.fixture(scope="session")
def site(home: Path, settings: SiteSettings) -> Path:
    return build(home / "published", home / "site", settings).folder
