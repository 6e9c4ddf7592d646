"""The customer's journey as a marketer writes it, checked and made into the seed that SQL reads.

Every step has its event, its action and an owner, or nothing is written and the build stops.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

from activation.yaml_files import both_languages, check_keys, one_of, read_yaml
from contract.errors import ConfigError, did_you_mean
from orchestration.settings import DBT_PROJECT, PROJECT_ROOT

JOURNEY_MAP = DBT_PROJECT / "journey_map.yml"
SEED = DBT_PROJECT / "seeds" / "journey_steps_map.csv"
_EVENTS = DBT_PROJECT / "macros" / "journey.sql"
_ACTIVATION = PROJECT_ROOT / "activation"
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_KEYS = ("step", "label", "event", "data", "action", "owner")
_ACTIONS = ("segment", "campaign", "task")


@dataclass(frozen=True)
class Step:
    """One step of one path. action_kind: segment, campaign (names of files) or task (words)."""

    path: str
    path_label_en: str
    path_label_fr: str
    step_number: int
    step: str
    label_en: str
    label_fr: str
    event: str
    data_collected: str
    action_kind: str
    action_en: str
    action_fr: str
    owner: str


def known_events(macros: Path = _EVENTS) -> set[str]:
    """The events that the warehouse can find, as the macro journey_events lists them."""
    return set(re.findall(r"^\s*'(\w+)': \[", macros.read_text(encoding="utf-8"), re.MULTILINE))


def known_actions(folder: Path = _ACTIVATION) -> dict[str, set[str]]:
    """Names of the segments and campaigns that exist as files."""
    return {
        kind: {path.stem for path in (folder / f"{kind}s").glob("*.yml")}
        for kind in ("segment", "campaign")
    }


def seed(path: Path = JOURNEY_MAP) -> str:
    """The seed journey_steps as CSV, from the map. Raises ConfigError."""
    rows = read_steps(path, known_events(), known_actions())
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([field.name for field in fields(Step)])
    writer.writerows(astuple(row) for row in rows)
    return text.getvalue()


def read_steps(path: Path, events: set[str], actions: Mapping[str, set[str]]) -> list[Step]:
    """The steps in their order. Raises ConfigError: file, step, what was found, what to write."""
    where = path.name
    content = read_yaml(path, where)
    check_keys(where, content, ("paths",), ("paths",))
    paths = content["paths"]
    if not isinstance(paths, dict) or not paths:
        raise ConfigError(f"{where}: expected paths: {{name: {{label: …, steps: […]}}}}.")
    reader = _Reader(events, actions)
    steps = [step for name, body in paths.items() for step in reader.path(where, str(name), body)]
    names = [step.step for step in steps]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigError(f"{where}: two steps are called {', '.join(twice)}. Rename one.")
    return steps


@dataclass(frozen=True)
class _Reader:
    events: set[str]
    actions: Mapping[str, set[str]]

    def path(self, where: str, name: str, body: object) -> Iterator[Step]:
        place = f"{where}: paths.{name}"
        if not _NAME.fullmatch(name):
            raise ConfigError(f"{place}: a name is small letters, digits and '_'.")
        if not isinstance(body, dict) or not isinstance(body.get("steps"), list):
            raise ConfigError(f"{place}: expected {{label: …, steps: […]}}, found {body!r}.")
        check_keys(place, body, ("label", "steps"), ("label", "steps"))
        label = _both(f"{place}.label", body["label"])
        for number, item in enumerate(body["steps"], start=1):
            yield self.step(f"{place}.steps[{number}]", (name, *label, number), item)

    def step(self, where: str, path: tuple[str, str, str, int], item: object) -> Step:
        if not isinstance(item, dict):
            raise ConfigError(f"{where}: expected {{{', '.join(_KEYS)}}}, found {item!r}.")
        check_keys(where, item, _KEYS)
        for key in _KEYS:
            if not item.get(key):
                raise ConfigError(
                    f"{where}: '{key}' is missing. Every step has its event, its action and an "
                    "owner, and says what is learnt."
                )
        if not _NAME.fullmatch(str(item["step"])):
            raise ConfigError(f"{where}.step: a name is small letters, digits and '_'.")
        event = one_of(f"{where}.event", item["event"], self.events)
        if not isinstance(item["data"], list):
            raise ConfigError(f"{where}.data: expected a list, found {item['data']!r}.")
        data = ", ".join(str(one) for one in item["data"])
        action = self.action(f"{where}.action", item["action"])
        labels = _both(f"{where}.label", item["label"])
        return Step(*path, str(item["step"]), *labels, event, data, *action, str(item["owner"]))

    def action(self, where: str, value: Any) -> tuple[str, str, str]:
        if not isinstance(value, dict) or len(value) != 1 or set(value) - set(_ACTIONS):
            raise ConfigError(
                f"{where}: expected one of {{segment: …}}, {{campaign: …}}, {{task: …}}, "
                f"found {value!r}."
            )
        [(kind, said)] = value.items()
        if kind == "task":
            return kind, *_both(where, said)
        if not isinstance(said, str) or said not in self.actions[kind]:
            hint = did_you_mean(str(said), self.actions[kind])
            raise ConfigError(f"{where}: no file activation/{kind}s/{said}.yml.{hint}")
        return kind, str(said), str(said)


def _both(where: str, texts: object) -> tuple[str, str]:
    both = both_languages(where, texts)
    return both["en"], both["fr"]
