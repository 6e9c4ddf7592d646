"""Where a page finds the files of an exported segment."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote


def find_exports(exports: Path | None, pages: Path, lang: str) -> dict[str, str]:
    """Segment → link, relative to `pages`, to its workbook in `lang` or else to its folder.

    A segment without an export on disk has no link, so that no link leads nowhere.
    """
    if exports is None or not exports.is_dir():
        return {}
    links = {}
    for folder in sorted(path for path in exports.iterdir() if path.is_dir()):
        workbooks = sorted(folder.glob("*.xlsx"))
        if not workbooks:
            continue
        spoken = [book for book in workbooks if book.stem.endswith((f"_{lang}", f".{lang}"))]
        target = os.path.relpath((spoken or workbooks)[0], pages)
        links[folder.name] = quote(target)
    return links
