"""`POST /v1/action/query` and `POST /v1/action/queryMore`: ZOQL over JSON, the same as over SOAP.

A page has `records`, `size`, `done`, and `queryLocator` where there are more. A record has the selected fields that
have a value. Failures are faults ("Query" of the actions API), always with their true status.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from decimal import Decimal

import msgspec

from soapsvc.clock import Clock
from soapsvc.rest.http import BadRequest, Call, Fields, QueryRefused, Reply, Scope, text_up_to
from soapsvc.tenant.reading import mapping, whole
from soapsvc.tenant.store import Store
from soapsvc.tenant.users import User
from soapsvc.wire import decimal_text
from soapsvc.zoql import MOST_RECORDS, Page, Queries, QueryProblem
from soapsvc.zoql.catalogue import DATES_SINCE, FIRST, LAST, Version
from soapsvc.zoql.types import Value

WSDL_VERSION = "X-Zuora-WSDL-Version"
"""The header with the version of the SOAP contract, which decides the fields."""

_USUAL_VERSION = (79, 0)
_VERSION = re.compile(r"(\d{1,3})(?:\.(\d{1,2}))?", re.ASCII)
_LONGEST = 100_000
"""The most characters of a query; the language itself has a lower limit with its own message."""


@dataclass(frozen=True, slots=True)
class ActionQuery:
    """Two operations on queries of one store."""

    store: Store
    clock: Clock

    def query(self, call: Call) -> Reply:
        """Answer with the first page of a query."""
        fields = Fields(call.document())
        text = fields.required("queryString", text_up_to(_LONGEST))
        conf = fields.get("conf", mapping) or {}
        fields.check(strict=call.strict)
        size = _batch_size(conf)
        version = _version(call.headers)

        def first(queries: Queries, user: User) -> Page:
            return queries.query(user, text or "", version, page=size, files=_files(call))

        return self._answered(call, first)

    def query_more(self, call: Call) -> Reply:
        """Answer with the page that begins at a locator; it has the length of the first page."""
        fields = Fields(call.document())
        locator = fields.required("queryLocator", text_up_to(_LONGEST))
        fields.get("conf", mapping)
        fields.check(strict=call.strict)

        def following(queries: Queries, user: User) -> Page:
            return queries.query_more(user, locator or "", files=_files(call))

        return self._answered(call, following)

    def _answered(self, call: Call, find: Callable[[Queries, User], Page]) -> Reply:
        try:
            page = find(Queries(self.store, self.clock), _narrowed(call.caller))
        except QueryProblem as problem:
            raise QueryRefused(problem.code, problem.message) from problem
        zone, days_are_dates = self.store.settings().zone, _version(call.headers) >= DATES_SINCE
        names = [field.name for field in page.fields]
        records = [
            {
                name: _shown(value, zone, days_are_dates=days_are_dates)
                for name, value in zip(names, values, strict=True)
                if value is not None
            }
            for values in page.records
        ]
        body: dict[str, object] = {"size": page.size, "records": records, "done": page.done}
        if page.locator is not None:
            body["queryLocator"] = page.locator
        return Reply([msgspec.json.encode(body)])


def _batch_size(conf: Mapping[str, object]) -> int:
    """The most records of a page; raises Refused for a value that is not a number."""
    fields = Fields(conf)
    size = fields.get("batchSize", whole)
    fields.check(strict=False)
    return MOST_RECORDS if size is None else size


def _version(headers: Mapping[str, str]) -> Version:
    """The version of the contract that a request is for; raises BadRequest where there is no such version."""
    given = headers.get(WSDL_VERSION.lower(), "").strip()
    if not given:
        return _USUAL_VERSION
    match = _VERSION.fullmatch(given)
    if match is None or not FIRST[0] <= int(match[1]) <= LAST[0]:
        raise BadRequest(f"{WSDL_VERSION} must be a version from {FIRST[0]} to {LAST[0]}.", WSDL_VERSION)
    return int(match[1]), int(match[2] or 0)


def _narrowed(caller: Scope) -> User:
    """The user, narrowed to the organizations in a header; with all rights, also to records of no organization."""
    user, named = caller.user, caller.organizations
    if named is None:
        return user
    return replace(user, organizations=named & user.organizations if user.organizations else named | {""})


def _files(call: Call) -> str:
    return f"{call.base_url}/v1/files/"


def _shown(value: Value, zone: tzinfo, *, days_are_dates: bool) -> object:
    """A value as JSON: numbers exact, instants with the offset of the tenant's zone."""
    match value:
        case Decimal():
            return msgspec.Raw(decimal_text(value).encode())
        case datetime():
            return value.astimezone(zone).isoformat(timespec="milliseconds")
        case date():
            return value.isoformat() if days_are_dates else f"{value.isoformat()}T00:00:00"
        case _:
            return value
