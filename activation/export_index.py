"""The page over the exports: every segment in words, its size, its waterfall, its files."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from activation.arbitration import OUTCOMES
from activation.definitions import Segment
from activation.destination import DeliverySettings
from activation.file_export import PRIVATE_FILE
from activation.tables import exports
from activation.words import day, said
from activation.workbook import TEXTS as OUTCOME_TEXTS
from contract.texts import Texts

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from sqlalchemy import Engine

TEXTS = Texts.load(Path(__file__).parent / "export_index.texts.yml")
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 62rem; color: #1b1f24;
  padding: 0 1rem; }
section { border-top: 1px solid #c8cdd3; padding: 1rem 0; }
h2 { margin: 0; } p { margin: .3rem 0; } .quiet { color: #545b64; }
ul { margin: .5rem 0; padding-left: 1.2rem; }
a { color: #0b57a4; }
"""


@dataclass
class Entry:
    """What the page says about one segment. waterfalls: (campaign, channel) → outcome → people."""

    segment: Segment
    member_count: int
    entered_count: int | None
    left_count: int | None
    compared_on: date | None
    sentence: Mapping[str, str]
    as_of: date
    waterfalls: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    expires_on: date | None = None
    files: list[str] = field(default_factory=list)
    titles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def write_index(
    con: DuckDBPyConnection,
    engine: Engine,
    segments: Mapping[str, Segment],
    settings: DeliverySettings,
    titles: Mapping[str, Mapping[str, str]] | None = None,
) -> Path:
    """Write exports/index.html (first language) and index_<language>.html for the others.

    titles: campaign → title by language; without one its name is shown. Pages whose content
    did not change are left alone.
    """
    entries = _entries(con, engine, segments, settings.exports_dir)
    settings.exports_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    for entry in entries:
        entry.titles = titles or {}
    for lang in settings.languages:
        page = _page(entries, lang, settings)
        _write(settings.exports_dir / _file_name(lang, settings), page)
    return settings.exports_dir / "index.html"


def _entries(
    con: DuckDBPyConnection, engine: Engine, segments: Mapping[str, Segment], root: Path
) -> list[Entry]:
    rows = con.execute(
        "select segment, member_count, entered_count, left_count, compared_on, sentence_en, "
        "sentence_fr, as_of_date from segments.sizes order by segment"
    ).fetchall()
    found = {
        name: Entry(segments[name], count, entered, left, on, {"en": english, "fr": french}, as_of)
        for name, count, entered, left, on, english, french, as_of in rows
        if name in segments
    }
    waterfalls = con.execute(
        "select campaign, segment, channel, outcome, row_count from segments.waterfalls "
        "order by campaign"
    ).fetchall()
    for campaign, name, channel, outcome, count in waterfalls:
        if name in found:
            found[name].waterfalls.setdefault((campaign, channel), {})[outcome] = count
    with engine.connect() as connection:
        statement = select(exports).where(exports.c.removed_at.is_(None))
        for export in connection.execute(statement).mappings():
            if export["segment"] in found:
                entry = found[export["segment"]]
                entry.expires_on = export["expires_on"]
                entry.files = _files(root, export["folder"])
    return list(found.values())


def _files(root: Path, folder: str) -> list[str]:
    paths = sorted(path for path in (root / folder).rglob("*") if path.is_file())
    return [path.relative_to(root).as_posix() for path in paths]


def _page(entries: Sequence[Entry], lang: str, settings: DeliverySettings) -> str:
    company, style = settings.company_name, _STYLE
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    newest = max((entry.as_of for entry in entries), default=None)
    intro = TEXTS("intro", lang, count=len(entries), day=said(newest, lang))
    links = [
        f'<a href="{_file_name(other, settings)}">{_text("other_language", lang)}</a>'
        for other in settings.languages
        if other != lang
    ]
    title = escape(TEXTS("title", lang, company=company))
    return "\n".join(
        [
            f'<!doctype html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width">',
            f"<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>",
            f'<h1>{title}</h1>\n<p class="quiet">{escape(intro)} {" ".join(links)}</p>',
            *(_section(entry, lang) for entry in entries),
            "</body>\n</html>\n",
        ]
    )


def _section(entry: Entry, lang: str) -> str:
    segment = entry.segment
    moved = _moved(entry, lang)
    size = TEXTS("members", lang, count=said(entry.member_count, lang))
    freshness = TEXTS("data_as_of", lang, day=day(entry.as_of, lang))
    if entry.expires_on is not None:
        freshness += ". " + TEXTS("expires", lang, day=day(entry.expires_on, lang))
    return "\n".join(
        [
            f'<section id="{escape(segment.name, quote=True)}">',
            f"<h2>{escape(segment.title[lang])}</h2>",
            f"<p>{escape(segment.description[lang])}</p>",
            f'<p class="quiet">{escape(entry.sentence[lang])}</p>',
            f"<p><strong>{escape(size)}</strong> ({escape(moved)}). {escape(freshness)}.</p>",
            _waterfalls(entry, lang),
            _links(entry, lang),
            "</section>",
        ]
    )


def _moved(entry: Entry, lang: str) -> str:
    """Who entered and left since the count before; the first one has none."""
    if entry.compared_on is None:
        return TEXTS("first_count", lang)
    counts = (said(entry.entered_count, lang), said(entry.left_count, lang))
    since = day(entry.compared_on, lang)
    return TEXTS("moved", lang, entered=counts[0], left=counts[1], day=since)


def _waterfalls(entry: Entry, lang: str) -> str:
    """One line per campaign: matched, then where everybody went; outcomes of nobody left out."""
    lines = []
    for (campaign, channel), counts in entry.waterfalls.items():
        # A campaign takes a person once, by the first of its segments.
        elsewhere = max(0, entry.member_count - sum(counts.values()))
        matched = _counted("matched", sum(counts.values()) + elsewhere, lang)
        went = [_counted(name, counts[name], lang) for name in OUTCOMES if counts.get(name)]
        if elsewhere:
            went.insert(0, f"{_text('in_another_segment', lang)}: {said(elsewhere, lang)}")
        title = escape(entry.titles.get(campaign, {}).get(lang) or _plain(campaign))
        head = f"<strong>{title}</strong> ({_text(channel, lang)})"
        lines.append(f"<li>{head} {matched} → {', '.join(went) or '0'}</li>")
    return "<ul>" + "\n".join(lines) + "</ul>" if lines else ""


def _counted(name: str, count: int, lang: str) -> str:
    return f"{escape(OUTCOME_TEXTS(name, lang))}: {said(count, lang)}"


def _plain(campaign: str) -> str:
    return campaign.split("__", maxsplit=1)[0].replace("_", " ").capitalize()


def _links(entry: Entry, lang: str) -> str:
    if not entry.files:
        return f'<p class="quiet">{_text("no_file", lang)}</p>'
    links = [
        f'<a href="{escape(path, quote=True)}">{escape(path.split("/", 1)[1])}</a>'
        for path in entry.files
    ]
    return f"<p>{_text('files', lang)}: {' · '.join(links)}</p>"


def _text(key: str, lang: str) -> str:
    return escape(TEXTS(key, lang))


def _file_name(lang: str, settings: DeliverySettings) -> str:
    return "index.html" if lang == settings.languages[0] else f"index_{lang}.html"


def _write(path: Path, text: str) -> None:
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    building = path.with_name(f".{path.name}.building")
    building.write_text(text, encoding="utf-8")
    building.chmod(PRIVATE_FILE)
    with building.open("rb") as file:
        os.fsync(file.fileno())
    building.replace(path)
