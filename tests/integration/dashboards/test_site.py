"""The site is self-contained, says when its data are from, and is the same for the same inputs."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest
from sqlalchemy import create_engine, text

from contract.crash_points import KILLED
from dashboards.site import SiteSettings, build, load_pages

PAGES = [
    "overview",
    "rfm",
    "pmg",
    "attrition",
    "appetence",
    "segments",
    "campaigns",
    "journey",
    "quality",
    "sources",
    "identity",
    "hygiene",
    "retention",
]


class Outline(HTMLParser):
    """What a page asks for and how it is built."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def outline(path: Path) -> list[tuple[str, dict[str, str | None]]]:
    parser = Outline()
    parser.feed(path.read_text(encoding="utf-8"))
    return parser.tags


def pages_of(site: Path) -> list[Path]:
    return sorted(site.glob("??/*.html"))


def test_every_page_exists_in_every_language(site: Path) -> None:
    assert list(load_pages()) == PAGES
    found = {path.relative_to(site).as_posix() for path in pages_of(site)}
    assert found == {f"{lang}/{page}.html" for lang in ("en", "fr") for page in PAGES}
    assert (site / "index.html").exists()


def test_nothing_is_asked_of_another_machine(site: Path) -> None:
    for path in [*pages_of(site), site / "index.html"]:
        for tag, attrs in outline(path):
            for name in ("src", "href", "action", "data", "poster", "srcset"):
                target = attrs.get(name)
                if target is None or target.startswith("#"):
                    continue
                assert not re.match(r"[a-z]+:|//", target, re.IGNORECASE), (path, tag, target)
                assert (path.parent / target).resolve().exists(), (path, target)


def test_there_is_one_plotly_for_all_pages(site: Path) -> None:
    assert [path.name for path in site.rglob("*plotly*")] == ["plotly.min.js"]


def test_no_script_stands_in_a_page_and_names_are_only_text(site: Path) -> None:
    for path in pages_of(site):
        tags = outline(path)
        inline = [a for tag, a in tags if tag == "script" and "src" not in a]
        assert {a.get("type") for a in inline} <= {"application/json"}
        assert not any(name.startswith("on") for _, attrs in tags for name in attrs)
        assert not [a for tag, a in tags if tag == "img"]
        policies = [a["content"] for t, a in tags if t == "meta" and "http-equiv" in a]
        assert len(policies) == 1
        assert policies[0] is not None
        assert "default-src 'none'; script-src 'self';" in policies[0]


def test_every_page_says_until_when_its_data_go_and_in_which_language(site: Path) -> None:
    for path in pages_of(site):
        words = path.read_text(encoding="utf-8")
        through = "31 décembre 2017" if path.parent.name == "fr" else "December 31, 2017"
        assert through in words
        assert f'<html lang="{path.parent.name}">' in words
        headings = [tag for tag, _ in outline(path) if tag in {"h1", "h2", "h3"}]
        assert headings.count("h1") == 1
        assert headings[0] == "h1"


def test_every_figure_has_its_numbers_as_a_table(site: Path) -> None:
    for path in pages_of(site):
        words = path.read_text(encoding="utf-8")
        assert words.count("data-figure=") == words.count("<details>")


def test_the_overview_links_to_the_exported_file(site: Path) -> None:
    links = [a.get("href") for t, a in outline(site / "en" / "overview.html") if t == "a"]
    assert "../../exports/coupon_lovers/coupon_lovers_en.xlsx" in links


def test_the_same_inputs_give_the_same_bytes(
    site: Path, home: Path, settings: SiteSettings
) -> None:
    assert build(home / "published", site, settings).is_unchanged


def test_a_late_source_is_named_on_every_page(
    home: Path, settings: SiteSettings, tmp_path: Path
) -> None:
    late = replace(settings, as_of=date(2018, 1, 10))
    folder = build(home / "published", tmp_path / "site", late).folder
    for path in (folder / "en").iterdir():
        assert "Late: Products" in path.read_text(encoding="utf-8")


def test_deliveries_are_read_from_the_state_database(
    home: Path, settings: SiteSettings, tmp_path: Path
) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/state.db")
    with engine.begin() as connection:
        connection.execute(
            text(
                "create table deliveries (campaign text, destination text, channel text, "
                "customer_id text, is_present boolean, acknowledged_at datetime)"
            )
        )
        connection.execute(
            text(
                "insert into deliveries values ('win_back', 'webhook', 'post', 'c_1', 1, null), "
                "('win_back', 'webhook', 'post', 'c_2', 1, null)"
            )
        )
    folder = build(home / "published", tmp_path / "site", settings, engine).folder
    words = (folder / "en" / "campaigns.html").read_text(encoding="utf-8")
    assert "2 rows are acknowledged" in words
    assert "c_1" not in words


def test_a_company_without_scores_segments_and_orders_still_has_its_pages(
    settings: SiteSettings, tmp_path: Path
) -> None:
    with duckdb.connect(str(tmp_path / "public.duckdb")) as con:
        con.execute(
            "create table meta as select 'r' as run_id, null::timestamp as data_through, "
            "timestamp '2018-01-01' as published_at, '1' as product_version"
        )
    report = build(tmp_path, tmp_path / "site", replace(settings, exports=None))
    words = report.pages["en/rfm"].read_text(encoding="utf-8")
    assert "Nothing to show yet" in words
    assert "Freshness unknown" in words


CRASHING = """
import sys
from datetime import date
from pathlib import Path
from contract.crash_points import arm
from dashboards.site import SiteSettings, build
arm("site.before_rename")
build(Path(sys.argv[1]) / "published", Path(sys.argv[2]), SiteSettings(date(2018, 1, 10)))
"""


def test_a_kill_while_building_leaves_the_old_site_whole(
    home: Path, settings: SiteSettings, tmp_path: Path
) -> None:
    folder = build(home / "published", tmp_path / "site", settings).folder
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    killed = subprocess.run([sys.executable, "-c", CRASHING, home, folder], check=False)
    assert killed.returncode == KILLED
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before
    assert build(home / "published", folder, settings).is_unchanged
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_no_page_shows_a_placeholder_or_a_missing_number(site: Path, lang: str) -> None:
    for path in (site / lang).iterdir():
        words = re.sub(r"<script.*?</script>", "", path.read_text(encoding="utf-8"), flags=re.S)
        assert not re.search(r"\bnan\b|\bNone\b|NaT|\{[a-z_]+\}", words), path
