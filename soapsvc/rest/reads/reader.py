"""Shared by all reads: the documents that the caller may see, and the refusal of all others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from soapsvc.rest.http import Call, Refused, Scope, unknown_key
from soapsvc.tenant.store import (
    AccountDocument,
    Documents,
    Store,
    SubscriptionDocument,
    VisibleDocuments,
    visible_documents,
)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads documents for a caller; raises Refused for a key of no document that the caller may see."""

    visible: VisibleDocuments
    caller: Scope

    @property
    def all(self) -> Documents:
        """All documents, for lookups by the ids in documents that the caller has read."""
        return self.visible.all

    def account(self, key: str) -> AccountDocument:
        """The account with this id or number."""
        found = self.visible.account(key)
        if found is None or not self.caller.sees(found):
            raise Refused(unknown_key(key))
        return found

    def subscription(self, key: str) -> SubscriptionDocument:
        """The version of a subscription with this id, or the newest one with this number."""
        found = self.visible.subscription(key)
        if found is None or not self.caller.sees(found.account):
            raise Refused(unknown_key(key))
        return found

    def product(self, key: str) -> bytes:
        """The product with this id; every user may see the catalogue."""
        if (found := self.all.product(key)) is None:
            raise Refused(unknown_key(key))
        return found


@contextmanager
def reader(store: Store, call: Call) -> Iterator[Reader]:
    """A reader of the tenant's current state."""
    with visible_documents(store, call.caller.user) as visible:
        yield Reader(visible, call.caller)
