"""A stand-in's powers for the console: it calls the routes of the admin plane in this process."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from soapsvc.console.powers import PowerRefused
from soapsvc.standin import AdminPlane, Call, StandIn
from soapsvc.standin.seeds.documents import encoded
from soapsvc.tenant.reading import parse_json


class Desk:
    """Calls the admin plane of a stand-in, which exists once the stand-in is served."""

    def __init__(self, stand_in: StandIn) -> None:
        self._stand_in = stand_in

    @property
    def is_guarded(self) -> bool:
        """Whether the admin plane requires a token."""
        return self._stand_in.settings.admin_token is not None

    def ask(
        self, method: str, path: str, document: Mapping[str, Any] | None = None, query: Mapping[str, str] | None = None
    ) -> Any:
        """The document in the admin plane's answer. `{id}` in the path is taken from the document."""
        admin: AdminPlane = self._stand_in.powers["plane"]
        named = {name: str((document or {})[name]) for name in re.findall(r"{(\w+)}", path)}
        body = encoded(document) if document is not None and not named else b""
        answer = admin.ask(method, path, Call(named, {name: [value] for name, value in (query or {}).items()}, body))
        found = parse_json(answer.body()) if answer.content is not None else None
        if answer.status >= 400:
            raise PowerRefused(found["error"]["message"] if isinstance(found, Mapping) else "the stand-in failed")
        return found
