"""Pages of lists, as v1 has them: `page` from 1 and `pageSize`, and the URL of the next page in the answer."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from soapsvc.rest.http import Call, Fields, count_up_to
from soapsvc.tenant.store import Page

MOST = 40
"""The most records that a page may have ("Retrieve subscriptions by account key", "Retrieve all products")."""

_LAST_PAGE = 10**9


@dataclass(frozen=True, slots=True)
class Paging:
    """The page that a request asks for."""

    number: int
    size: int

    @property
    def page(self) -> Page:
        """The page as the number of records before it and its size."""
        return Page((self.number - 1) * self.size, self.size)

    def next_page(self, call: Call, *, more: bool) -> str | None:
        """The URL of the next page, where there is `more`: the request's, with the next number."""
        if not more:
            return None
        path = call.url.partition("?")[0]
        query = {**call.query, "page": [str(self.number + 1)], "pageSize": [str(self.size)]}
        return f"{call.base_url}{path}?{urlencode(query, doseq=True)}"


def read_paging(fields: Fields, usual_size: int) -> Paging:
    """The page in the query; problems are added to `fields`."""
    size = fields.get("pageSize", count_up_to(MOST))
    number = fields.get("page", count_up_to(_LAST_PAGE))
    return Paging(number or 1, size or usual_size)
