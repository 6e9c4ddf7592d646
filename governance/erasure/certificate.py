"""The certificate of one erasure: what was done where, with its evidence, and nobody's data."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from contract.texts import LANGUAGES, Texts

FOLDER = "erasures"
_HEAD = ("erasure_id", "person_keyed_hash", "reason", "requested_by", "because", "started_at")
_TEXTS = Path(__file__).with_name("certificate.texts.yml")


def write_certificate(
    home: Path,
    erasure: Mapping[str, Any],
    steps: Sequence[Mapping[str, Any]],
    places: Sequence[str],
) -> Path:
    """Write <id>.json, <id>.fr.md and <id>.en.md below erasures/, readable by the owner only.

    erasure, steps: as the saga's tables have them; places: their order. The JSON's path.
    """
    folder = home / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    order = {place: number for number, place in enumerate(places)}
    ordered = sorted(steps, key=lambda step: order.get(step["place"], len(order)))
    content = {
        "erasure_id": erasure["erasure_id"],
        "person_keyed_hash": erasure["keyed_hash"],
        "reason": erasure["reason"],
        "requested_by": erasure["requested_by"],
        "because": erasure["because"],
        "started_at": _utc(erasure["started_at"]),
        "places": [
            {"place": one["place"], "done_at": _utc(one["done_at"]), "evidence": one["evidence"]}
            for one in ordered
        ],
    }
    name = folder / str(erasure["erasure_id"])
    for lang in LANGUAGES:
        _write(name.with_name(f"{name.name}.{lang}.md"), _as_markdown(content, lang))
    path = name.with_name(f"{name.name}.json")
    _write(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    return path


def _as_markdown(content: Mapping[str, Any], lang: str) -> str:
    say = Texts.load(_TEXTS)
    colon = " : " if lang == "fr" else ": "
    lines = [f"# {say('title', lang)}", ""]
    lines += [f"- {say(key, lang)}{colon}{content[key]}" for key in _HEAD]
    lines += ["", say("explained", lang), ""]
    lines += [f"| {say('place', lang)} | {say('done_at', lang)} | {say('evidence', lang)} |"]
    lines += ["|---|---|---|"]
    for one in content["places"]:
        facts = ", ".join(f"{name} {_plain(value)}" for name, value in one["evidence"].items())
        lines.append(f"| {say('place_' + one['place'], lang)} | {one['done_at']} | {facts} |")
    return "\n".join([*lines, "", say("kept", lang), ""])


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name} {_plain(inner)}" for name, inner in value.items()) or "0"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "0"
    return str(value)


def _utc(moment: Any) -> str | None:
    return None if moment is None else f"{moment.isoformat(timespec='seconds')}Z"


def _write(path: Path, text: str) -> None:
    unfinished = path.with_name(f".{path.name}.part")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.chmod(0o600)
    unfinished.replace(path)
