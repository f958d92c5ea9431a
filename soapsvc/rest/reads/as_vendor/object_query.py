"""`GET /object-query/subscriptions`: subscriptions by their owner or by the account that is invoiced."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import msgspec
from sqlalchemy import select

from soapsvc.rest.http import BadRequest, Call, Fields, Reply, count_up_to, text_up_to
from soapsvc.rest.reads.members import record
from soapsvc.rest.reads.reader import reader
from soapsvc.tenant.store import Store
from soapsvc.tenant.tables import SUBSCRIPTIONS, alive

_MOST, _USUAL_SIZE = 99, 10
_FILTER = re.compile(r"(?P<field>[A-Za-z]+)\.EQ:(?P<value>.*)", re.DOTALL)
_COLUMNS = {"accountid": SUBSCRIPTIONS.c.account_id, "invoiceownerid": SUBSCRIPTIONS.c.owner_id}
_NO_MATTER = frozenset({"islatestversion"})
"""The filters without effect: all listed subscriptions are newest versions."""
_LONGEST_CURSOR = 100


@dataclass(frozen=True, slots=True)
class ObjectQuerySubscriptions:
    """The operation."""

    store: Store

    def __call__(self, call: Call) -> Reply:
        """Answer with a page: id, number and accounts of each."""
        filters = call.query.get("filter[]", [])
        fields = Fields({}, {name: given for name, given in call.query.items() if name != "filter[]"})
        size = fields.get("pageSize", count_up_to(_MOST)) or _USUAL_SIZE
        cursor = fields.get("cursor", text_up_to(_LONGEST_CURSOR)) or ""
        fields.check(strict=call.strict)
        columns = SUBSCRIPTIONS.c
        asked = select(columns.key, columns.id, columns.number, columns.account_id, columns.owner_id, columns.document)
        for each in filters:
            match = _FILTER.fullmatch(each)
            if match is None or match["field"].lower() not in {*_COLUMNS, *_NO_MATTER}:
                raise BadRequest(f"filter[] is accountid.EQ:… or invoiceownerid.EQ:…, not {each}.", "filter[]")
            if (column := _COLUMNS.get(match["field"].lower())) is not None:
                asked = asked.where(column == match["value"])
        with reader(self.store, call) as documents:
            state, connection = documents.all.state, documents.all.connection
            asked = asked.where(alive(SUBSCRIPTIONS, state), columns.is_latest == 1, columns.key > cursor)
            rows = connection.execute(asked.order_by(columns.key).limit(size + 1)).all()
        shown = [_shown(row.document, row.id, row.number, row.account_id, row.owner_id) for row in rows[:size]]
        body: dict[str, object] = {"data": shown}
        if len(rows) > size:
            body["nextPage"] = _next(call, filters, size, rows[size - 1].key)
        return Reply([msgspec.json.encode(body)])


def _shown(document: bytes, identity: str, number: str, account: str, owner: str) -> dict[str, object]:
    status = record(document).get("status")
    return {
        "id": identity,
        "name": number,
        "accountId": account,
        "invoiceOwnerId": owner,
        "isLatestVersion": True,
        **({} if status is None else {"status": status}),
    }


def _next(call: Call, filters: Sequence[str], size: int, cursor: str) -> str:
    path = call.url.partition("?")[0]
    query = [*(("filter[]", each) for each in filters), ("pageSize", f"{size}"), ("cursor", cursor)]
    return f"{call.base_url}{path}?{urlencode(query)}"
