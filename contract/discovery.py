"""How things are found: every module in a folder defines one agreed name."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from contract.errors import ConfigError


def discover(package: str, name: str) -> dict[str, object]:
    """Module name → the object it defines as `name`, for every module of `package`.

    Raises ConfigError for a module that does not define it, so that nothing is silently ignored.
    """
    folder = import_module(package)
    found: dict[str, object] = {}
    for module_info in sorted(pkgutil.iter_modules(folder.__path__), key=lambda info: info.name):
        module = import_module(f"{package}.{module_info.name}")
        if not hasattr(module, name):
            where = f"{package.replace('.', '/')}/{module_info.name}.py"
            raise ConfigError(f"{where}: does not define {name}. Define it, or move the file.")
        found[module_info.name] = getattr(module, name)
    return found
