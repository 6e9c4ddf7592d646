"""The company's systems and its tool, listening on loopback for as long as a block lasts."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestration.settings import Settings


@contextmanager
def listening(settings: Settings, port: int = 0) -> Iterator[dict[str, str]]:
    """Start everything; the environment variables that reach it. All of it ends with the block."""
    from demo.fakes.serve import serve_all
    from demo.systems.postgres import running
    from demo.tool import serve as serve_tool

    secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else ""
    with (
        running(settings.home) as shop,
        serve_all(settings.home, secret) as systems,
        serve_tool(settings.home, port, secret) as tool,
    ):
        yield {"HABITUE_SHOP_URL": shop, **systems, "HABITUE_WEBHOOK_URL": tool.url}


@contextmanager
def told(variables: Mapping[str, str]) -> Iterator[Settings]:
    """The settings with these variables in the environment, until the block ends."""
    from demo.homes import home
    from orchestration.settings import load_settings

    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield load_settings(home())
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
