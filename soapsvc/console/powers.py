"""What the console asks a stand-in for: the calls of its admin plane, made in this process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class PowerRefused(Exception):
    """The stand-in does not do what it was asked for; the message says why."""


class Powers(Protocol):
    """A stand-in's powers. There are none behind a service that is no stand-in."""

    @property
    def is_guarded(self) -> bool:
        """Whether the admin plane asks for a token, which a visitor of the console has not shown."""
        ...

    def ask(
        self, method: str, path: str, document: Mapping[str, Any] | None = None, query: Mapping[str, str] | None = None
    ) -> Any:
        """The document that the admin plane answers, None for none. Raises PowerRefused."""
        ...
