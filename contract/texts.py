"""The text catalogue: sentences for marketers, in every language we speak.

One `<name>.texts.yml` lies beside the code that says the sentence: `key: {en: "...", fr: "..."}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from contract.errors import ConfigError, did_you_mean

LANGUAGES = ("en", "fr")


@dataclass(frozen=True)
class Texts:
    """Sentences of one catalogue file: `texts("key", "fr", name="…")`."""

    path: Path
    sentences: Mapping[str, Mapping[str, str]]

    @classmethod
    def load(cls, path: Path) -> Texts:
        """Read a catalogue; every key must have every language.

        Raises ConfigError naming the file, the key and the missing language.
        """
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        if not isinstance(content, dict):
            raise ConfigError(f"{path.name}: expected 'key: {{en: …, fr: …}}' lines.")
        for key, by_language in content.items():
            _check_entry(path, key, by_language)
        return cls(path, content)

    def __call__(self, key: str, lang: str, /, **values: object) -> str:
        """The sentence `key` in `lang` with its `{values}` filled in.

        Raises ConfigError when the key, the language or a value is missing.
        """
        if key not in self.sentences:
            hint = did_you_mean(key, self.sentences)
            raise ConfigError(f"{self.path.name}: no text '{key}'.{hint}")
        by_language = self.sentences[key]
        if lang not in by_language:
            raise ConfigError(f"{self.path.name}: text '{key}' has no language '{lang}'.")
        try:
            return by_language[lang].format(**values)
        except (KeyError, IndexError) as missing:
            raise ConfigError(
                f"{self.path.name}: text '{key}' ({lang}) needs the value {missing}."
            ) from missing

    def keys(self) -> list[str]:
        """Every key of the catalogue, in file order."""
        return list(self.sentences)


def _check_entry(path: Path, key: object, by_language: Any) -> None:
    if not isinstance(key, str):
        raise ConfigError(f"{path.name}: YAML reads the key {key!r} as no text. Rename it.")
    if not isinstance(by_language, dict):
        raise ConfigError(f"{path.name}: text '{key}' must be {{en: …, fr: …}}.")
    for lang in LANGUAGES:
        if not isinstance(by_language.get(lang), str) or not by_language[lang].strip():
            raise ConfigError(
                f"{path.name}: text '{key}' has no '{lang}'. Add it beside the other."
            )
