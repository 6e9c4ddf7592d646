"""Which records are one person: links, then clusters, from evidence and what people decided."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from contract.crash_points import reach
from orchestration.house import House
from orchestration.settings import override_files

# The linker learns from a sample: the same one whatever the day.
LINKER_SEED = 2026
# What a step found, and the content that its table is known by (None: by what it was made of).
Found = tuple[dict[str, Any], object]


def find_people(house: House) -> Found:
    """Links first: a pair that no rule joins is evidence like another."""
    from identity import overrides
    from identity.cluster import cluster
    from identity.linking.link import link_records

    decisions = overrides.standing(overrides.read(decided(house)))
    model_file = house.folder("identity") / "linker.json"
    with house.warehouse.connect() as con:
        linked = link_records(con, seed=LINKER_SEED, model_file=model_file).as_metadata()
        figures = asdict(cluster(con, decisions))
    reach("identity.clustered")
    found = {f"linking: {name}": value for name, value in linked.items()}
    return {**figures, **found, "decision_count": len(decisions)}, None


def decided(house: House) -> list[Path]:
    """The files of decisions that exist: the project's, then those of the commands."""
    return [path for path in override_files(house.settings) if path.exists()]


def count_evidence(house: House) -> Found:
    """The evidence was written with the clusters: how much of it joins, by rule."""
    with house.warehouse.connect() as con:
        rows = con.execute(
            "select rule, count(*) from intermediate.identity_evidence where is_used group by rule"
        ).fetchall()
    return {f"joined by {rule}": count for rule, count in sorted(rows)}, None


def count_links(house: House) -> Found:
    """The links were written before the clusters, which read them: how many of each status."""
    with house.warehouse.connect() as con:
        rows = con.execute(
            "select status, count(*) from intermediate.identity_links group by status"
        ).fetchall()
    return {f"links {status}": count for status, count in sorted(rows)}, None
