"""`GET /v1/credit-memos` and the items of a memo, from imported drafts; only with Invoice Settlement."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from sqlalchemy import select

from soapsvc.rest.http import Call, Category, Fields, Reason, Refused, Reply, text_up_to, unknown_key
from soapsvc.rest.reads.members import Members, elements, listed, record, text_of
from soapsvc.rest.reads.paging import read_paging
from soapsvc.rest.reads.reader import reader
from soapsvc.tenant.store import Store
from soapsvc.tenant.tables import DRAFTS, alive

_USUAL_SIZE = 20
_LONGEST = 100
_ITEMS = ("creditMemoItems", "items")


@dataclass(frozen=True, slots=True)
class CreditMemos:
    """The memos of an account."""

    store: Store

    def __call__(self, call: Call) -> Reply:
        """Answer with a page of them."""
        _check_feature(self.store)
        fields = Fields({}, call.query)
        paging = read_paging(fields, _USUAL_SIZE)
        account = fields.get("accountId", text_up_to(_LONGEST))
        status = fields.get("status", text_up_to(_LONGEST))
        fields.check(strict=call.strict)
        asked = select(DRAFTS.c.document).where(DRAFTS.c.type == "creditMemo").order_by(DRAFTS.c.id)
        if account is not None:
            asked = asked.where(DRAFTS.c.account_id == account)
        with reader(self.store, call) as documents:
            rows = documents.all.connection.execute(asked.where(alive(DRAFTS, documents.all.state))).scalars()
            memos = [record(document) for document in rows]
        fits = [memo for memo in memos if status is None or (text_of(memo.get("status")) or "Draft") == status]
        page = fits[paging.page.skipped :][: paging.size]
        shown: list[Members] = [{name: memo[name] for name in memo if name not in _ITEMS} for memo in page]
        more = len(fits) > paging.page.skipped + paging.size
        return Reply([listed("creditmemos", shown, paging.next_page(call, more=more))])


@dataclass(frozen=True, slots=True)
class CreditMemoItems:
    """The items of a memo."""

    store: Store

    def __call__(self, call: Call) -> Reply:
        """Answer with a page of them."""
        _check_feature(self.store)
        fields = Fields({}, call.query)
        paging = read_paging(fields, _USUAL_SIZE)
        fields.check(strict=call.strict)
        key = call.path["key"]
        asked = select(DRAFTS.c.document).where(DRAFTS.c.type == "creditMemo", DRAFTS.c.id == key)
        with reader(self.store, call) as documents:
            document = documents.all.connection.execute(asked.where(alive(DRAFTS, documents.all.state))).scalar()
        if document is None:
            raise Refused(unknown_key(key))
        memo = record(document)
        items: list[msgspec.Raw | Members] = [each for name in _ITEMS for each in elements(memo.get(name)) or ()]
        page = items[paging.page.skipped :][: paging.size]
        more = len(items) > paging.page.skipped + paging.size
        return Reply([listed("items", page, paging.next_page(call, more=more))])  # type: ignore[arg-type]


def _check_feature(store: Store) -> None:
    if not store.settings().rules_for("").invoice_settlement:
        raise Refused(Reason(Category.PERMISSION, "Invoice Settlement is not enabled for this tenant."))
