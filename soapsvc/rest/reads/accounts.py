"""`GET /v1/accounts/{key}` ("Retrieve an account"): the account as it was imported."""

from __future__ import annotations

from dataclasses import dataclass

from soapsvc.rest.http import Call, Reply
from soapsvc.rest.reads.account_json import account_members
from soapsvc.rest.reads.members import single
from soapsvc.rest.reads.reader import reader
from soapsvc.tenant.store import Store


@dataclass(frozen=True, slots=True)
class RetrieveAccount:
    """The operation."""

    store: Store

    def __call__(self, call: Call) -> Reply:
        """Answer with the account of that id or number."""
        with reader(self.store, call) as documents:
            account = documents.account(call.path["key"])
        return Reply([single(account_members(account))])
