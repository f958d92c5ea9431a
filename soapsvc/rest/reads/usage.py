"""`GET /v1/usage/accounts/{key}` ("Retrieve usage by account key"): usage records as they were imported.

A record that was exported from v1 is answered unchanged. A record from an upload file, or with SOAP's names, is
answered with v1's names: its start as v1 writes it, its quantity as a text, its account by id and number.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from soapsvc.engine.account import squeeze
from soapsvc.rest.http import Call, Fields, Reply
from soapsvc.rest.reads.members import NULL, Members, is_given, json_text, listed, record
from soapsvc.rest.reads.paging import read_paging
from soapsvc.rest.reads.reader import reader
from soapsvc.tenant.store import AccountDocument, Store, UsageDocument

_USUAL_SIZE = 20
_INSTANT = len("2026-01-31 12:34:56")
_NAMES = {
    **{
        squeeze(name): name
        for name in (
            *("id", "accountId", "accountNumber", "accountName", "subscriptionId", "subscriptionNumber", "chargeId"),
            *("chargeNumber", "productRatePlanChargeId", "productRatePlanChargeNumber", "startDateTime"),
            *("endDateTime", "unitOfMeasure", "quantity", "sourceName", "fileName", "status", "submissionDateTime"),
            *("uniqueKey", "groupId", "description"),
        )
    },
    "startdate": "startDateTime",
    "enddate": "endDateTime",
    "uom": "unitOfMeasure",
    "qty": "quantity",
    "rbestatus": "status",
    "sourcetype": "sourceName",
}
"""v1's names of a record's fields, by all names that exports have for them, squeezed."""


@dataclass(frozen=True, slots=True)
class AccountUsage:
    """The operation."""

    store: Store

    def __call__(self, call: Call) -> Reply:
        """Answer with a page of the account's records, the latest start first."""
        fields = Fields({}, call.query)
        paging = read_paging(fields, _USUAL_SIZE)
        fields.check(strict=call.strict)
        with reader(self.store, call) as documents:
            account = documents.account(call.path["key"])
            found, more = documents.all.usage(account, paging.page)
        shown = [usage_members(each, account) for each in found]
        return Reply([listed("usage", shown, paging.next_page(call, more=more))])


def usage_members(usage: UsageDocument, account: AccountDocument) -> Members:
    """The members of a record under v1's names."""
    found = record(usage.document)
    names = {key: _NAMES.get(squeeze(key), key) for key in found}
    taken = {key for key, name in names.items() if key == name}
    renamed: Members = {}
    for key, value in found.items():
        name = names[key]
        if name == key or name in taken:  # a field under its v1 name wins over another spelling
            renamed[key] = value
        elif name not in renamed:
            renamed[name] = _as_v1(name, value, usage)
        else:
            renamed[key] = value
    if renamed.keys() == found.keys():
        return found
    known = {"accountId": account.id, "accountNumber": account.number}
    return {**renamed, **{name: json_text(value) for name, value in known.items() if name not in taken}}


def _as_v1(name: str, value: msgspec.Raw, usage: UsageDocument) -> msgspec.Raw:
    """A value as v1 writes it."""
    if not is_given({name: value}, name):
        return NULL
    if name == "startDateTime":
        return json_text(usage.started[:_INSTANT])
    if name == "quantity" and not bytes(value).startswith(b'"'):
        return json_text(bytes(value).decode())
    return value
