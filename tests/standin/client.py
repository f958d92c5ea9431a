"""A stand-in in this process, and calls to its admin plane and to the service under test."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from soapsvc.clock import fixed_clock
from soapsvc.server import Options, application
from soapsvc.standin import PrivateCopy, Settings, StandIn, from_folder, private_copy
from tests.rest.client import Reply, Rest
from tests.soap.client import Service

START = datetime.fromisoformat("2026-01-15T09:00:00+00:00")


@dataclass
class Standing:
    """A stand-in, and clients of it."""

    stand_in: StandIn
    options: Options = field(default_factory=Options)

    def __post_init__(self) -> None:
        self.application = application(
            self.stand_in.store, Options(stand_in=self.stand_in, run_workers=0, **self._given())
        )
        self.rest = Rest(self.application)

    def _given(self) -> dict[str, Any]:
        return {}

    @property
    def soap(self) -> Service:
        """A client of the SOAP service, not logged in yet."""
        return Service(self.application)

    def admin(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None, query: str = ""
    ) -> Reply:
        """A call of the admin plane; bytes are sent as they are, other values as JSON."""
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return self.rest.request(method, f"/_admin{path}{query}", content, headers, "application/json")

    def ok(self, method: str, path: str, body: object = None) -> Any:
        """The JSON of a call that succeeds."""
        reply = self.admin(method, path, body)
        assert reply.status < 300, reply.body
        return reply.json if reply.body else None

    def error(self, method: str, path: str, body: object = None) -> tuple[int, dict[str, str]]:
        """Status and error of a call that is refused."""
        reply = self.admin(method, path, body)
        assert reply.status >= 400, reply.body
        return reply.status, reply.json["error"]

    def token(self, client_id: str = "tests", secret: str = "tests secret") -> str:  # noqa: S107 - that of the seed
        """A token of an OAuth client."""
        reply = Rest(self.application).token_for(
            grant_type="client_credentials", client_id=client_id, client_secret=secret
        )
        assert reply.status == 200, reply.body
        return str(reply.json["access_token"])

    def preview(self, account: str, target_date: str, **fields: object) -> Any:
        """The REST preview of an account."""
        rest = Rest(self.application, self.token())
        reply = rest.preview(accountNumber=account, targetDate=target_date, **fields)
        assert reply.status == 200, reply.body
        return reply.json

    def amounts(self, account: str, target_date: str) -> list[tuple[str, str, str]]:
        """First day, last day and amount of each item of a preview."""
        items = self.preview(account, target_date, includingEvergreenSubscription=True)["invoiceItems"]
        return [(item["serviceStartDate"], item["serviceEndDate"], str(item["chargeAmount"])) for item in items]


def copy_of(folder: Path) -> PrivateCopy:
    """A private copy of a tenant directory."""
    return private_copy(from_folder(folder, fixed_clock(START)))


def standing(folder: Path, **settings: Any) -> Standing:
    """A stand-in on a copy of a tenant directory; its clock stands still unless told otherwise."""
    return Standing(StandIn(copy_of(folder), Settings(**{"as_of": START, **settings})))
