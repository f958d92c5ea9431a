"""`GET /v1/subscriptions/{key}` and `GET /v1/subscriptions/accounts/{key}`: subscriptions as they were imported."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from soapsvc.clock import Clock
from soapsvc.rest.http import Call, Fields, Reply, one_of
from soapsvc.rest.reads.account_json import BASIC, account_members
from soapsvc.rest.reads.members import listed, record, single
from soapsvc.rest.reads.paging import read_paging
from soapsvc.rest.reads.reader import Reader, reader
from soapsvc.rest.reads.segments import ChargeDetail, read_charge_detail
from soapsvc.tenant.reading import flag
from soapsvc.tenant.store import Store, SubscriptionDocument

_USUAL_SIZE = 20
_OWNERS = {"subscriptionOwner": True}


@dataclass(frozen=True, slots=True)
class RetrieveSubscription:
    """One subscription: a version by its id, the newest one by its number ("Retrieve a subscription by key")."""

    store: Store
    clock: Clock

    def __call__(self, call: Call) -> Reply:
        """Answer with the subscription, and with its accounts where the query asks for them."""
        fields = Fields({}, call.query)
        detail = _detail(fields, self.store, self.clock)
        owner = fields.get("getSubscriptionOwnerDetails", flag)
        payer = fields.get("getInvoiceOwnerDetails", flag)
        fields.check(strict=call.strict)
        with reader(self.store, call) as documents:
            found = documents.subscription(call.path["key"])
            answer = detail.shown(record(found.document))
            if owner:
                answer["accountOwnerDetails"] = account_members(found.account)[BASIC]
            if payer and (details := _payer(documents, found)) is not None:
                answer["invoiceOwnerAccountDetails"] = details
        return Reply([single(answer)])


@dataclass(frozen=True, slots=True)
class AccountSubscriptions:
    """The newest versions of an account's subscriptions ("List subscriptions by account key")."""

    store: Store
    clock: Clock

    def __call__(self, call: Call) -> Reply:
        """Answer with a page of them, the last changed first."""
        fields = Fields({}, call.query)
        detail = _detail(fields, self.store, self.clock)
        paging = read_paging(fields, _USUAL_SIZE)
        fields.get("ownerType", one_of(_OWNERS))
        fields.check(strict=call.strict)
        with reader(self.store, call) as documents:
            account = documents.account(call.path["key"])
            found, more = documents.all.subscriptions(account, paging.page)
        shown = [detail.shown(record(each.document)) for each in found]
        return Reply([listed("subscriptions", shown, paging.next_page(call, more=more))])


def _detail(fields: Fields, store: Store, clock: Clock) -> ChargeDetail:
    return read_charge_detail(fields, clock().astimezone(store.settings().zone).date())


def _payer(documents: Reader, subscription: SubscriptionDocument) -> msgspec.Raw | None:
    """The fields of the invoiced account, where the caller may see it."""
    payer = documents.visible.account(subscription.payer_id)
    return account_members(payer)[BASIC] if payer is not None and documents.caller.sees(payer) else None
