"""Call the upstream through the journal: an answered call is not repeated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from soapsvc.tenant.reading import Document, mapping, parse_json
from soapsvc.vendor.client import Query, Vendor
from soapsvc.vendor.fetching.journal import Journal

_encode = msgspec.json.Encoder(decimal_format="number").encode
_key = msgspec.json.Encoder(order="deterministic").encode


@dataclass(frozen=True, slots=True)
class Remembering:
    """An `Ask` that keeps answers under a scope: an account, or everything outside accounts. `clean` filters each."""

    vendor: Vendor
    journal: Journal
    scope: str
    clean: Callable[[Document], Document]

    def get(self, path: str, query: Query = ()) -> Document:
        """The document at a path."""
        return self._known(["GET", path, list(map(list, query))], lambda: self.vendor.get(path, query))

    def post(self, path: str, body: Mapping[str, object]) -> Document:
        """The document that answers a body."""
        return self._known(["POST", path, body], lambda: self.vendor.post(path, body))

    def page_after(self, url: str) -> tuple[str, Query]:
        """Path and query of a `nextPage`."""
        return self.vendor.page_after(url)

    def _known(self, call: Sequence[object], ask: Callable[[], Document]) -> Document:
        key = _key(call).decode()
        if (body := self.journal.answer(self.scope, key)) is None:
            body = _encode(self.clean(ask()))
            self.journal.remember(self.scope, key, body)
        return mapping(parse_json(body))
