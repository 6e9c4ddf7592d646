"""What `habitue list` prints: everything that is found by listing a folder."""

from pathlib import Path

from orchestration.settings import DBT_PROJECT, PROJECT_ROOT, Settings


def things(settings: Settings) -> dict[str, list[str]]:
    """Kind → names, in alphabetical order."""
    return {
        "file declarations": _stems(settings.declarations, "*.yml"),
        "entities": _stems(PROJECT_ROOT / "contract" / "entities", "*.yml"),
        "dbt models": _stems(DBT_PROJECT / "models", "**/*.sql"),
        "ml models": _modules("ml/models"),
        "segments": _stems(settings.segments_dir, "*.yml"),
        "campaigns": _stems(settings.campaigns_dir, "*.yml"),
        "destinations": _modules("activation/destinations"),
        "suites": _modules("quality/suites"),
        "pages": _modules("dashboards/pages"),
    }


def assets(settings: Settings) -> dict[str, list[str]]:
    """Group → asset keys of the graph."""
    from orchestration.definitions import build_defs

    groups: dict[str, list[str]] = {}
    graph = build_defs(settings).resolve_asset_graph()
    for key in sorted(graph.materializable_asset_keys):
        groups.setdefault(graph.get(key).group_name or "", []).append(".".join(key.path))
    return dict(sorted(groups.items()))


def _stems(folder: Path, pattern: str) -> list[str]:
    return sorted(p.stem for p in folder.glob(pattern) if not p.name.endswith(".texts.yml"))


def _modules(folder: str) -> list[str]:
    return [n for n in _stems(PROJECT_ROOT / folder, "*.py") if not n.startswith("_")]
