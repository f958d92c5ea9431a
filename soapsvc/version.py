"""Which soapsvc this is: its version, and whether its engine is compiled."""

from __future__ import annotations

import importlib.util
from importlib.machinery import EXTENSION_SUFFIXES

from soapsvc import __version__

_COMPILED = "soapsvc.engine.preview"
"""A module that is compiled where any is. It is looked up, not imported: the command line asks before it needs it."""


def engine_is_compiled() -> bool:
    """Whether the engine is machine code (`make compiled`, a platform wheel) and not Python."""
    spec = importlib.util.find_spec(_COMPILED)
    return spec is not None and (spec.origin or "").endswith(tuple(EXTENSION_SUFFIXES))


def described() -> str:
    """The version and the kind of engine, such as `0.1.0 (compiled engine)`."""
    return f"{__version__} ({'compiled' if engine_is_compiled() else 'pure Python'} engine)"
