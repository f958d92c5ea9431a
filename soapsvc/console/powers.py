"""The console's access to a stand-in: calls of its admin plane in this process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class PowerRefused(Exception):
    """The stand-in refused a call; the message has the reason."""


class Powers(Protocol):
    """A stand-in's powers. Other services do not have them."""

    @property
    def is_guarded(self) -> bool:
        """Whether the admin plane needs a token, which a visitor of the console does not send."""
        ...

    def ask(
        self, method: str, path: str, document: Mapping[str, Any] | None = None, query: Mapping[str, str] | None = None
    ) -> Any:
        """Call the admin plane; returns the document of its answer, or None. Raises PowerRefused."""
        ...
