"""For tests of clients: a stand-in inside the test process.

`Server` is a context manager for unittest and scripts; pytest has it as the fixture `soapsvc_server`. Nothing
is imported until one of them is used. docs/test/pytest.md shows both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from soapsvc.standin import Refused
    from soapsvc.testing.powers import Clock, Faults, Request, Requests
    from soapsvc.testing.server import Server

__all__ = ["Clock", "Faults", "Refused", "Request", "Requests", "Server"]

_PLACES = {
    "Server": "soapsvc.testing.server",
    "Refused": "soapsvc.standin",
    **dict.fromkeys(("Clock", "Faults", "Request", "Requests"), "soapsvc.testing.powers"),
}


def __getattr__(name: str) -> Any:
    """The public names, imported on first use."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - with the rest

    return getattr(import_module(_PLACES[name]), name)
