"""The one place that reads the environment: where things are, secrets, sizes, the company's day."""

import os
import secrets
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from contract.errors import ConfigError

# The folder that holds pyproject.toml: an editable install keeps the project where it was cloned.
PROJECT_ROOT = Path(__file__).resolve().parent.parent
DBT_PROJECT = PROJECT_ROOT / "dbt_project"

Language = Literal["en", "fr"]
# Addresses and keys of the connected systems; an address may hold a password.
SOURCE_SETTINGS = (
    "shop_url",
    "shopify_url", "shopify_token",
    "prestashop_url", "prestashop_key",
    "hubspot_url", "hubspot_token",
    "brevo_url", "brevo_key",
    "matomo_url", "matomo_token",
    "support_url", "support_token",
    "preferences_url", "preferences_token",
)  # fmt: skip


def _sixty_percent_of_memory() -> str:
    """Sixty percent of the machine's memory: DuckDB spills to disk before the system kills it."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{int(total * 0.6 / 1e6)}MB"


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Settings(BaseSettings):
    """What an operator decides. Environment variables win, then `.env`, then the home's own file.

    Every variable is HABITUE_ + the field's name in capitals; `.env.example` lists them all.
    """

    model_config = SettingsConfigDict(env_prefix="HABITUE_", frozen=True, extra="ignore")

    home: Path = PROJECT_ROOT / "var"
    landing: Path = Path("landing")
    declarations: Path = Path("ingestion/files")
    segments_dir: Path = Path("activation/segments")
    campaigns_dir: Path = Path("activation/campaigns")
    company_name: str = "This company"
    as_of: date | None = None
    time_zone: str = "Europe/Paris"
    currency: str = Field("EUR", pattern="^[A-Z]{3}$")
    week_start: Literal["monday", "sunday"] = "monday"
    languages: Annotated[tuple[Language, ...], NoDecode] = ("fr", "en")
    threads: int = Field(default_factory=_processors, ge=1)
    memory_limit: str = Field(default_factory=_sixty_percent_of_memory, pattern=r"^\d+(MB|GB)$")
    state_url: str = ""
    webhook_url: str | None = None
    webhook_secret: SecretStr | None = None
    pseudonym_key: SecretStr | None = None
    consent_signing_key: SecretStr | None = None
    shop_url: SecretStr | None = None
    shopify_url: SecretStr | None = None
    shopify_token: SecretStr | None = None
    prestashop_url: SecretStr | None = None
    prestashop_key: SecretStr | None = None
    hubspot_url: SecretStr | None = None
    hubspot_token: SecretStr | None = None
    brevo_url: SecretStr | None = None
    brevo_key: SecretStr | None = None
    matomo_url: SecretStr | None = None
    matomo_token: SecretStr | None = None
    support_url: SecretStr | None = None
    support_token: SecretStr | None = None
    preferences_url: SecretStr | None = None
    preferences_token: SecretStr | None = None
    preference_pages_url: str = Field("http://127.0.0.1:8808", pattern=r"^https?://[^/?#]+[^?#]*$")
    crash_at: str | None = None

    @property
    def scenarios_dir(self) -> Path:
        """Beside the segments that its scenarios ask for."""
        return self.segments_dir.parent / "scenarios"

    @field_validator("languages", mode="before")
    @classmethod
    def _split_languages(cls, value: object) -> object:
        """`fr,en` in the environment is ("fr", "en"); the first is the one shown first."""
        return tuple(value.replace(" ", "").split(",")) if isinstance(value, str) else value

    @field_validator("time_zone")
    @classmethod
    def _is_a_time_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError) as error:
            raise ValueError(f"no time zone {value!r}; for example Europe/Paris") from error
        return value

    @field_validator("as_of", "webhook_url", "webhook_secret", *SOURCE_SETTINGS, mode="before")
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        return None if value == "" else value

    @model_validator(mode="after")
    def _resolve_paths(self) -> Self:
        """Landing is relative to the home; the folders that people edit, to the project."""
        home = self.home if self.home.is_absolute() else PROJECT_ROOT / self.home
        paths = {
            "home": home,
            "landing": home / self.landing,
            "declarations": PROJECT_ROOT / self.declarations,
            "segments_dir": PROJECT_ROOT / self.segments_dir,
            "campaigns_dir": PROJECT_ROOT / self.campaigns_dir,
            "state_url": self.state_url or f"sqlite:///{home}/state/state.db",
        }
        for name, value in paths.items():
            object.__setattr__(self, name, value)
        return self

    @property
    def day(self) -> date:
        """The day that features, scores, retention, gate and law go by: as_of, else today."""
        return self.as_of or datetime.now(ZoneInfo(self.time_zone)).date()

    def source_settings(self) -> Mapping[str, str]:
        """What the sources may know: the addresses and keys that are set, by the field's name.

        They leave this object for the reader of one source only; nothing logs or shows them.
        """
        found = {name: getattr(self, name) for name in SOURCE_SETTINGS}
        return {n: value.get_secret_value() for n, value in found.items() if value is not None}

    @property
    def warehouse(self) -> Path:
        """The private DuckDB file; only a run that holds the lock opens it."""
        return self.home / "warehouse" / "habitue.duckdb"

    @property
    def published(self) -> Path:
        """The symlink to the newest checked publication: what readers open."""
        return self.home / "published"


def find_home() -> Path:
    """HABITUE_HOME from the environment, else from `.env`, else `var` beside the project."""
    return _Home(_env_file=PROJECT_ROOT / ".env").home


class _Home(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="HABITUE_", extra="ignore")
    home: Path = PROJECT_ROOT / "var"

    def __init__(self, _env_file: Path) -> None:
        super().__init__(_env_file=_env_file)


def load_settings(home: Path | None = None) -> Settings:
    """Read the settings of one home.

    Precedence: environment, `.env` at the project root, `settings.env` in the home (written by
    `habitue demo`, so that later commands on that home know its company).
    Raises ConfigError naming each unusable variable.
    """
    where = home or find_home()
    where = where if where.is_absolute() else PROJECT_ROOT / where
    files = (where / "settings.env", PROJECT_ROOT / ".env")
    try:
        return Settings(_env_file=files, home=where)  # type: ignore[call-arg]
    except ValidationError as error:
        problems = [
            f"HABITUE_{str(p['loc'][0] if p['loc'] else '').upper()}: {p['msg']}"
            f" (found {str(p.get('input'))!r}); see .env.example"
            for p in error.errors(include_url=False)
            if not isinstance(p.get("input"), SecretStr)
        ]
        raise ConfigError("\n".join(problems)) from None


def read_pseudonym_key(settings: Settings) -> bytes:
    """The key behind published pseudonyms: the variable, else a file made once, mode 0600."""
    if settings.pseudonym_key is not None:
        return settings.pseudonym_key.get_secret_value().encode()
    path = settings.home / "state" / "pseudonym.key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32))
    return path.read_text().strip().encode()


def override_files(settings: Settings) -> tuple[Path, Path]:
    """Decisions about who is who: the project's file, then the one that the commands append to."""
    return PROJECT_ROOT / "identity" / "overrides.csv", settings.home / "identity" / "overrides.csv"
