"""Record previews of a live tenant, over REST or SOAP, account by account, several in parallel.

The account's data is read right before its preview. An existing recording is continued: an account that it has under
the same request is not requested again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from soapsvc.clock import Clock, system_clock
from soapsvc.engine.result import PreviewRequest
from soapsvc.parity.asking.previews import OverRest, Previews
from soapsvc.parity.recording import (
    AccountData,
    RecordedPreview,
    RecordingWriter,
    recorded_previews,
)
from soapsvc.tenant.reading import Document, FieldProblem, each, first, mapping, optional
from soapsvc.vendor.client import Vendor
from soapsvc.vendor.errors import CredentialsRefused, VendorError
from soapsvc.vendor.fetching import Selection, selected
from soapsvc.vendor.fetching.accounts import ALL, What, read_account
from soapsvc.vendor.paging import pages

_CATALOG = "/v1/catalog/products"
_CATALOG_QUERY = (("pageSize", "40"),)


@dataclass
class Recorded:
    """The outcome of recording: added previews, earlier previews, and failed accounts with their reasons."""

    added: int = 0
    there: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Asking:
    vendor: Vendor
    previews: Previews
    request: PreviewRequest
    writer: RecordingWriter
    catalog: Mapping[str, Document]
    clock: Clock
    lock: threading.Lock

    def record(self, key: str) -> None:
        """Read one account, request its preview, and record both."""
        what = What(usage=ALL, drafts=self.request.including_draft_items, invoiced=True)
        read = read_account(self.vendor, key, what)
        asked = self.clock()
        answer = self.previews.answer(self.request, read.id)
        kept = read.documents
        subscriptions = _list(kept.get("subscriptions"))
        data = AccountData(
            mapping(kept["accounts"]),
            # Subscriptions that are invoiced to another account are not in this account's previews.
            tuple(each for each in subscriptions if _payer(each) in (None, read.id, read.number)),
            _list(kept.get("usage")),
            self._excerpt(subscriptions),
            _list(kept.get("drafts")),
        )
        preview = RecordedPreview(
            read.id, read.number or None, self.request, answer, asked, data, surface=self.previews.surface
        )
        with self.lock:
            self.writer.add(preview)

    def _excerpt(self, subscriptions: Sequence[Document]) -> tuple[Document, ...]:
        """The products of the account's charges."""
        used = {name for each in subscriptions for name in _product_charges(each)}
        found = {first(self.catalog[name], "id"): self.catalog[name] for name in sorted(used) if name in self.catalog}
        return tuple(found.values())


def record(  # noqa: PLR0913 - one for each choice
    vendor: Vendor,
    path: Path,
    selection: Selection,
    request: PreviewRequest,
    *,
    previews: Previews | None = None,
    keep_names: bool = False,
    at_once: int = 10,
    progress: Callable[[int, int], None] | None = None,
    clock: Clock = system_clock,
) -> Recorded:
    """Record previews into a file. An account that fails does not stop the others.

    `previews` requests them; over REST by default.

    Raises VendorError where the vendor refuses all requests, RecordingProblem where the file cannot be written.
    """
    found = Recorded()
    previews = previews or OverRest(vendor)
    # Opening the file removes an incomplete last line.
    with RecordingWriter(path, keep_names=keep_names) as writer, ThreadPoolExecutor(at_once) as threads:
        before = set(_before(path, request, previews.surface))
        keys = list(selected(selection, vendor))
        wanted = [key for key in keys if key not in before]
        found.there = len(keys) - len(wanted)
        catalog = dict(_by_charge(pages(vendor, _CATALOG, _CATALOG_QUERY, "products")))
        asking = _Asking(vendor, previews, request, writer, catalog, clock, threading.Lock())
        for key, error in zip(wanted, threads.map(lambda key: _attempt(asking, key), wanted), strict=True):
            if error is None:
                found.added += 1
            else:
                found.failed.append((key, error))
            if progress is not None:
                progress(found.added + len(found.failed), len(wanted))
    return found


def _attempt(asking: _Asking, key: str) -> str | None:
    """Record one account; returns the reason of a failure. An error that stops all recording is raised."""
    try:
        asking.record(key)
    except CredentialsRefused:
        raise
    except (VendorError, FieldProblem) as error:
        return f"{error}"
    return None


def _before(path: Path, request: PreviewRequest, surface: str) -> Iterator[str]:
    """The accounts, by id and by number, whose previews under this request and surface are in a file."""
    for preview in recorded_previews(path):
        if preview.request == request and preview.surface == surface:
            yield from (key for key in (preview.account_id, preview.account_number) if key is not None)


def _list(found: Document | list[Document] | None) -> tuple[Document, ...]:
    return tuple(found) if isinstance(found, list) else ()


def _payer(subscription: Document) -> str | None:
    return first(subscription, "invoiceOwnerAccountId", "invoiceOwnerAccountNumber")


def _product_charges(subscription: Document) -> Iterator[str]:
    for plan in optional(subscription, "ratePlans", each(mapping)) or ():
        for charge in optional(plan, "ratePlanCharges", each(mapping)) or ():
            if (name := first(charge, "productRatePlanChargeId")) is not None:
                yield name


def _by_charge(products: Iterator[Document]) -> Iterator[tuple[str, Document]]:
    """Each product by the ids of its charges."""
    for product in products:
        for plan in optional(product, "productRatePlans", each(mapping)) or ():
            for charge in optional(plan, "productRatePlanCharges", each(mapping)) or ():
                if (identity := first(charge, "id")) is not None:
                    yield identity, product
