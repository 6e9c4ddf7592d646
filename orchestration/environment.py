"""What this process and its children must be told before any library is imported.

No telemetry, no look-up of newer versions, and every file a library likes to leave in the home
folder, the working directory or /tmp goes below HABITUE_HOME instead.
"""

import os
import sys
import tempfile
from pathlib import Path

from orchestration.settings import DBT_PROJECT, PROJECT_ROOT, Settings

QUIET = {
    "DAGSTER_DISABLE_TELEMETRY": "1",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "DBT_VERSION_CHECK": "false",
    "DO_NOT_TRACK": "1",
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "GX_ANALYTICS_ENABLED": "false",
    "DAGSTER_DBT_DISABLE_TELEMETRY": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    # Spinning OpenMP threads take the second core from DuckDB.
    "OMP_WAIT_POLICY": "PASSIVE",
}

# They hold people. Made for their owner only; an operator who opens one wider is left alone.
PRIVATE = ("warehouse", "state", "quarantine", "exports", "models", "logs", "dbt", "dlt", "tmp")


def _places(home: Path) -> dict[str, Path]:
    return {
        "DAGSTER_HOME": PROJECT_ROOT,
        "HABITUE_DAGSTER_STORAGE": home / "dagster" / "storage",
        "HABITUE_DAGSTER_ARTIFACTS": home / "dagster" / "artifacts",
        "HABITUE_DAGSTER_LOGS": home / "dagster" / "logs",
        "DBT_PROJECT_DIR": DBT_PROJECT,
        "DBT_PROFILES_DIR": DBT_PROJECT,
        "DBT_TARGET_PATH": home / "dbt" / "target",
        "DBT_LOG_PATH": home / "dbt" / "logs",
        "HABITUE_DBT_TARGET": home / "dbt" / "target",
        "HABITUE_DBT_LOGS": home / "dbt" / "logs",
        "DLT_DATA_DIR": home / "dlt",
        "DLT_PROJECT_DIR": home / "dlt",
        "TMPDIR": home / "tmp",
        "HABITUE_TEMP": home / "tmp" / "duckdb",
        "XDG_CACHE_HOME": home / "cache",
        "XDG_CONFIG_HOME": home / "cache",
        "XDG_RUNTIME_DIR": home / "tmp" / "runtime",
        "MPLCONFIGDIR": home / "cache",
    }


def prepare(settings: Settings) -> None:
    """Set the environment of this process and of what it starts; make the folders.

    Called once per process, before dagster, dbt, dlt or scikit-learn are imported.
    """
    sys.dont_write_bytecode = True
    # The home's location decides where everything lies, so it is absolute from here on.
    values = {
        **QUIET,
        "HABITUE_HOME": str(settings.home),
        "HABITUE_WAREHOUSE": str(settings.warehouse),
        "HABITUE_TIME_ZONE": settings.time_zone,
        "HABITUE_CURRENCY": settings.currency,
        "HABITUE_WEEK_START": settings.week_start,
        "HABITUE_THREADS": str(settings.threads),
        "HABITUE_MEMORY_LIMIT": settings.memory_limit,
    }
    for name, value in values.items():
        os.environ[name] = value
    for path in (settings.landing, *(settings.home / name for name in PRIVATE)):
        if not path.exists():
            path.mkdir(parents=True)
            path.chmod(0o700)
    for name, path in _places(settings.home).items():
        os.environ[name] = str(path)
        path.mkdir(parents=True, exist_ok=True)
    Path(os.environ["XDG_RUNTIME_DIR"]).chmod(0o700)  # libraries refuse one that others may enter
    os.environ.setdefault("OMP_NUM_THREADS", str(settings.threads))
    tempfile.tempdir = None  # read TMPDIR again
