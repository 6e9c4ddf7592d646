"""Build the dashboard site: one folder, two languages, no server, no request to anybody."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from contract.crash_points import reach
from contract.discovery import discover
from contract.texts import Texts
from dashboards.exports import find_exports
from dashboards.page import Context, Page
from dashboards.read import (
    late_sources,
    open_public,
    read_currency,
    read_deliveries,
    read_frames,
    read_meta,
    sales_through,
)
from dashboards.render import FOLDER, index_html, page_html, style_sheet
from dashboards.say import Say

if TYPE_CHECKING:
    import duckdb
    from sqlalchemy import Engine

SHARED = FOLDER / "site.texts.yml"


@dataclass(frozen=True)
class SiteSettings:
    """What the site says about the company.

    exports: the folder of exported segments. names: segment or campaign → its name by language.
    time_zone: of the business; moments of the sources are shown as its days.
    """

    as_of: date
    languages: tuple[str, ...] = ("fr", "en")
    company_name: str = "Habitué"
    currency: str = "EUR"
    exports: Path | None = None
    time_zone: str = "UTC"
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class SiteReport:
    """What was built. pages: files by language and page; is_unchanged: same bytes as before."""

    folder: Path
    run_id: str
    pages: Mapping[str, Path]
    is_unchanged: bool

    def as_metadata(self) -> dict[str, object]:
        """Plain values for a run's log."""
        return {
            "site": str(self.folder / "index.html"),
            "pages": len(self.pages),
            "publication": self.run_id,
            "unchanged": self.is_unchanged,
        }


def load_pages() -> dict[str, Page]:
    """Every page of `dashboards/pages`, by name, in the order of the navigation."""
    found = discover("dashboards.pages", "PAGE")
    pages = {name: page for name, page in found.items() if isinstance(page, Page)}
    return dict(sorted(pages.items(), key=lambda item: item[1].order))


def build(
    published: Path, out: Path, settings: SiteSettings, state: Engine | None = None
) -> SiteReport:
    """Build the site of the current publication in `out`, replacing what was there by a rename.

    published: the link to the publication. state: where deliveries are read; none are shown
    without. The same inputs give the same bytes.
    """
    building = out.with_name(f".{out.name}.building")
    _restore(out)
    shutil.rmtree(building, ignore_errors=True)
    with open_public(published) as con:
        meta = read_meta(con)
        _write_pages(con, building, settings, state)
    _write_shared(building, settings)
    pages = {
        f"{lang}/{name}": out / lang / f"{name}.html"
        for lang in settings.languages
        for name in load_pages()
    }
    is_unchanged = _same_files(building, out)
    reach("site.before_rename")
    if is_unchanged:
        shutil.rmtree(building)
    else:
        _replace(out, building)
    return SiteReport(out, str(meta["run_id"]), pages, is_unchanged)


def _write_pages(
    con: duckdb.DuckDBPyConnection, building: Path, settings: SiteSettings, state: Engine | None
) -> None:
    shared = Texts.load(SHARED)
    currency = read_currency(con, settings.currency)
    pages = load_pages()
    late = late_sources(con, settings.as_of)
    meta = read_meta(con)
    deliveries = read_deliveries(state)
    through = sales_through(con, settings.time_zone)
    frames = {name: read_frames(con, page.queries) for name, page in pages.items()}
    for lang in settings.languages:
        exports = find_exports(settings.exports, building / lang, lang)
        (building / lang).mkdir(parents=True)
        for name, page in pages.items():
            texts = Texts.load(FOLDER / "pages" / f"{name}.texts.yml")
            say = Say(lang, currency, texts, shared, settings.names)
            context = Context(
                frames=frames[name],
                say=say,
                as_of=settings.as_of,
                data_through=through,
                published_at=_moment(meta["published_at"]) or datetime.min,  # noqa: DTZ901
                exports=exports,
                deliveries=deliveries,
            )
            values = {
                "lang": lang,
                "languages": settings.languages,
                "name": name,
                "pages": list(pages),
                "company": settings.company_name,
                "say": say,
                "content": page.content(context),
                "fresh": freshness(context, late),
                "footer": say(
                    "footer",
                    as_of=say.day(settings.as_of),
                    run_id=meta["run_id"],
                    currency=currency,
                ),
            }
            (building / lang / f"{name}.html").write_text(page_html(values), encoding="utf-8")


def freshness(context: Context, late: list[str] | None) -> dict[str, str]:
    """The badge of every page: whether the data are fresh, up to when, published when."""
    say = context.say
    text = say(
        "fresh_text",
        through=say.day(context.data_through),
        published=say.moment(context.published_at),
    )
    if late is None:
        return {"tone": "alert", "state": say("unknown_freshness"), "text": text}
    if late:
        names = say.listed([say.name(entity) for entity in late])
        return {"tone": "alert", "state": say("late", sources=names), "text": text}
    return {"tone": "good", "state": say("fresh"), "text": text}


def _moment(value: object) -> datetime | None:
    return value if isinstance(value, datetime) else None


def _write_shared(building: Path, settings: SiteSettings) -> None:
    from plotly.offline import get_plotlyjs

    assets = building / "assets"
    assets.mkdir()
    (assets / "plotly.min.js").write_text(get_plotlyjs(), encoding="utf-8")
    (assets / "site.css").write_text(style_sheet(), encoding="utf-8")
    for name in ("site.js", "choose.js", "icon.svg"):
        shutil.copyfile(FOLDER / "assets" / name, assets / name)
    index = index_html(settings.company_name, settings.languages)
    (building / "index.html").write_text(index, encoding="utf-8")


def _same_files(one: Path, other: Path) -> bool:
    files = {path.relative_to(one): path for path in one.rglob("*") if path.is_file()}
    others = {path.relative_to(other): path for path in other.rglob("*") if path.is_file()}
    return files.keys() == others.keys() and all(
        path.read_bytes() == others[name].read_bytes() for name, path in files.items()
    )


def _old(out: Path) -> Path:
    return out.with_name(f".{out.name}.old")


def _restore(out: Path) -> None:
    """Bring the old site back when a kill fell between the two renames of `_replace`."""
    if not out.exists() and _old(out).exists():
        _old(out).rename(out)


def _replace(out: Path, building: Path) -> None:
    """Put the new folder in place of the old; a kill in between leaves one of them whole."""
    old = _old(out)
    shutil.rmtree(old, ignore_errors=True)
    if out.exists():
        out.rename(old)
    building.rename(out)
    shutil.rmtree(old, ignore_errors=True)
