"""Model files: skops with a list of allowed types, never pickle; checked before they are read."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from ml.errors import ModelRejected

# Beyond what skops itself trusts: the compiled trees of the two ensembles.
ALLOWED_TYPES = frozenset(
    {
        "numpy.dtype",
        "sklearn._loss.link.Interval",
        "sklearn._loss.link.LogitLink",
        "sklearn._loss.loss.HalfBinomialLoss",
        "sklearn._loss._loss.CyHalfBinomialLoss",
        "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.tree._tree.Tree",
    }
)


def write_model(folder: Path, name: str, model: dict[str, Any]) -> tuple[str, str]:
    """Write `<name>.skops` whole or not at all; return its name and SHA-256."""
    from skops.io import dump

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.skops"
    partial = path.with_suffix(".part")
    dump(model, partial)
    partial.replace(path)
    return path.name, digest_of(path)


def read_model(path: Path, sha256: str) -> dict[str, Any]:
    """Load a model file that is the registered one and holds allowed types only.

    Raises ModelRejected when it is missing, was changed, or holds another type; none of its
    content has been run by then.
    """
    from skops.io import get_untrusted_types, load

    if not path.is_file():
        raise ModelRejected(f"{path.name}: the model file is missing. Train again.")
    found = digest_of(path)
    if found != sha256:
        raise ModelRejected(
            f"{path.name}: SHA-256 is {found[:12]}…, ml.models says {sha256[:12]}…: the file was "
            "changed. Delete it and train again."
        )
    unknown = sorted(set(get_untrusted_types(file=path)) - ALLOWED_TYPES)
    if unknown:
        raise ModelRejected(f"{path.name}: holds types that are not allowed: {', '.join(unknown)}.")
    loaded: dict[str, Any] = load(path, trusted=sorted(ALLOWED_TYPES))
    return loaded


def digest_of(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_text(path: Path, text: str) -> None:
    """Write a small text file whole or not at all."""
    partial = path.with_name(path.name + ".part")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def write_card(folder: Path, name: str, card: dict[str, Any], markdown: str) -> None:
    """Write the model's card beside it, for programs and for people."""
    write_text(folder / f"{name}.json", json.dumps(card, indent=2, sort_keys=True) + "\n")
    write_text(folder / f"{name}.md", markdown)
