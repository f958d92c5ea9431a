"""The list of accounts, with search and filters, a page at a time."""

from __future__ import annotations

from soapsvc.console.frame import Answer, Visit
from soapsvc.tenant.store import Wanted, list_accounts, values_of

SIZE = 50
_MOST_TEXT = 200
_FILTERS = ("batch", "currency", "status")


def show(visit: Visit) -> Answer:
    """The accounts after the number `after` that fit `q` and the filters."""
    asked = {name: visit.first(name)[:_MOST_TEXT].replace("\0", "") for name in ("q", *_FILTERS)}
    wanted = Wanted(asked["q"], (asked["batch"],) if asked["batch"] else (), asked["currency"], asked["status"])
    after = visit.first("after").replace("\0", "")
    listing = list_accounts(visit.store, visit.who, wanted, after=after, size=SIZE)
    choices = {name: values_of(visit.store, visit.who, name) for name in _FILTERS}
    values = {"listing": listing, "asked": asked, "choices": choices, "after": after, "size": SIZE}
    return visit.page("accounts.html", values)
