"""One account: itself, its subscriptions with all segments, its usage and, on request, its drafts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from soapsvc.tenant.reading import Document, first, mapping, optional
from soapsvc.vendor.errors import BadAnswer
from soapsvc.vendor.fetching.drafts import read_drafts
from soapsvc.vendor.fetching.folder import Folder, file_name
from soapsvc.vendor.fetching.selection import quoted
from soapsvc.vendor.paging import Ask, pages, queried

_MOST_A_PAGE = "40"
_ALL_SEGMENTS = (("charge-detail", "all-segments"), ("pageSize", _MOST_A_PAGE))
_USAGE = (
    "select Id, AccountId, AccountNumber, ChargeId, ChargeNumber, SubscriptionId, SubscriptionNumber, StartDateTime, "
    "EndDateTime, Quantity, UOM, RbeStatus, SourceType, ImportId from Usage where AccountId = "
)
PENDING, ALL, NONE = "pending", "all", "none"
"""Which usage is read: unbilled usage, all usage (prepaid funds need it), or none."""


@dataclass(frozen=True, slots=True)
class What:
    """The parts of each account to read. `usage` is one of PENDING, ALL, NONE.

    `invoiced` also reads subscriptions of other accounts that are invoiced to this one. A fetch of only some accounts
    would miss them otherwise. `class_order` has the tenant's discount classes by priority.
    """

    usage: str = PENDING
    drafts: bool = False
    invoiced: bool = False
    class_order: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AccountRead:
    """An account as read: its documents by folder, and the other accounts that its subscriptions name."""

    id: str
    number: str
    documents: Mapping[str, Document | list[Document]]
    others: frozenset[str]

    def write(self, folder: Folder) -> None:
        """Write the account's files."""
        for kind, content in self.documents.items():
            folder.write(kind, file_name(self.number, self.id), content)


def read_account(ask: Ask, key: str, what: What) -> AccountRead:
    """Read the account with this id or number. Raises VendorError."""
    account, identity, number = _account(ask, key)
    path = f"/v1/subscriptions/accounts/{quote(identity, safe='')}"
    subscriptions = list(pages(ask, path, _ALL_SEGMENTS, "subscriptions"))
    if what.invoiced:
        known = {first(each, "id") for each in subscriptions}
        subscriptions += [each for each in _invoiced(ask, identity) if first(each, "id") not in known]
    documents: dict[str, Document | list[Document]] = {
        "accounts": account,
        "subscriptions": [_ordered(each, what.class_order) for each in subscriptions],
        "usage": list(_usage(ask, identity, what.usage)),
    }
    if what.drafts:
        documents["drafts"] = list(read_drafts(ask, identity))
    names = ("accountId", "accountNumber", "invoiceOwnerAccountId", "invoiceOwnerAccountNumber")
    named = {name for each in subscriptions for name in _parties(each, names)}
    return AccountRead(identity, number, documents, frozenset(named - {identity, number}))


def read_companion(ask: Ask, key: str) -> AccountRead:
    """Read only the account itself, for an account that other accounts' subscriptions name."""
    account, identity, number = _account(ask, key)
    return AccountRead(identity, number, {"accounts": account}, frozenset())


def _account(ask: Ask, key: str) -> tuple[Document, str, str]:
    document = dict(ask.get(f"/v1/accounts/{quote(key, safe='')}"))
    document.pop("success", None)
    basic = optional(document, "basicInfo", mapping) or document
    identity, number = first(basic, "id"), first(basic, "accountNumber")
    if identity is None:
        raise BadAnswer("GET /v1/accounts: the account has no id")
    return document, identity, number or ""


def _parties(subscription: Document, names: tuple[str, ...]) -> Iterator[str]:
    """The accounts that a subscription names: by id if it has one, else by number."""
    for identity, number in (names[:2], names[2:]):
        if (found := first(subscription, identity, number)) is not None:
            yield found


def _invoiced(ask: Ask, identity: str) -> Iterator[Document]:
    """The subscriptions of other accounts that are invoiced to this one."""
    query = (("filter[]", f"invoiceownerid.EQ:{identity}"), ("filter[]", "islatestversion.EQ:true"), ("pageSize", "99"))
    for found in pages(ask, "/object-query/subscriptions", query, "data"):
        if first(found, "accountId") != identity and (key := first(found, "id")) is not None:
            document = dict(ask.get(f"/v1/subscriptions/{quote(key, safe='')}", _ALL_SEGMENTS[:1]))
            document.pop("success", None)
            yield document


def _usage(ask: Ask, identity: str, which: str) -> Iterator[Document]:
    if which == NONE:
        return iter(())
    unbilled = " and RbeStatus = 'Pending'" if which == PENDING else ""
    return queried(ask, f"{_USAGE}{quoted(identity)}{unbilled}")


def _ordered(subscription: Document, class_order: Mapping[str, int]) -> Document:
    """The subscription with the order of each discount's class, which only the settings have."""
    if not class_order:
        return subscription
    return mapping(_with_order(subscription, class_order))


def _with_order(value: object, class_order: Mapping[str, int]) -> object:
    if isinstance(value, list):
        return [_with_order(each, class_order) for each in value]
    if not isinstance(value, Mapping):
        return value
    found = {key: _with_order(inner, class_order) for key, inner in value.items()}
    name = found.get("discountClass")
    if isinstance(name, str) and name in class_order and found.get("discountClassOrder") is None:
        found["discountClassOrder"] = class_order[name]
    return found
