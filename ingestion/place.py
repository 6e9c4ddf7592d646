"""Where a load finds its files and where it may work."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from contract.suppression import Suppressions


@dataclass(frozen=True)
class Place:
    """landing holds one folder per system; work_dir is scratch, safe to lose at any moment.

    quarantine receives whole files that are refused; without it they are only named.
    month ("2017-03") restricts a load to the files of that month and those without a month.
    suppressions: people who were erased, and whose rows must not come back.
    """

    landing: Path
    work_dir: Path
    month: str | None = None
    on_progress: Callable[[str], None] = lambda _: None
    quarantine: Path | None = None
    suppressions: Suppressions = field(default_factory=Suppressions)
