"""Optional packages: each belongs to an extra of the installation, named after its purpose."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType


class MissingExtra(RuntimeError):
    """A package that this way to run or to store needs is not installed."""


def needed(module: str, *, extra: str) -> ModuleType:
    """The module; raises MissingExtra, which names the extra to install."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        raise MissingExtra(f"{package} is not installed; install the extra [{extra}]: docs/start/install.md") from error
