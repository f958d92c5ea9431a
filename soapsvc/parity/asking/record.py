"""Records previews of a live tenant over REST, an account at a time, several at once.

The account's data is read right before its preview is asked for. A recording that is there is gone on with: what it has
of an account under the same request is not asked for again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from soapsvc.clock import Clock, system_clock
from soapsvc.engine.result import PreviewRequest
from soapsvc.parity.recording import (
    AccountData,
    Answer,
    RecordedPreview,
    RecordingWriter,
    Refusal,
    read_answer,
    recorded_previews,
)
from soapsvc.tenant.reading import Document, FieldProblem, each, first, mapping, optional
from soapsvc.vendor.client import Vendor
from soapsvc.vendor.errors import CredentialsRefused, Forbidden, Refused, VendorError
from soapsvc.vendor.fetching import Selection, selected
from soapsvc.vendor.fetching.accounts import ALL, What, read_account
from soapsvc.vendor.paging import pages

PREVIEW = "/v1/operations/billing-preview"
_CATALOG = "/v1/catalog/products"
_CATALOG_QUERY = (("pageSize", "40"),)


@dataclass
class Recorded:
    """What a recording came to: previews that were added, that were there before, and accounts that failed and why."""

    added: int = 0
    there: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Asking:
    vendor: Vendor
    request: PreviewRequest
    writer: RecordingWriter
    catalog: Mapping[str, Document]
    clock: Clock
    lock: threading.Lock

    def record(self, key: str) -> None:
        """Read one account, ask for its preview, and write both down."""
        what = What(usage=ALL, drafts=self.request.including_draft_items, invoiced=True)
        read = read_account(self.vendor, key, what)
        asked = self.clock()
        answer = self._answer(read.id)
        kept = read.documents
        subscriptions = _list(kept.get("subscriptions"))
        data = AccountData(
            mapping(kept["accounts"]),
            # What is invoiced to another account is in no preview of this one.
            tuple(each for each in subscriptions if _payer(each) in (None, read.id, read.number)),
            _list(kept.get("usage")),
            self._excerpt(subscriptions),
            _list(kept.get("drafts")),
        )
        preview = RecordedPreview(read.id, read.number or None, self.request, answer, asked, data)
        with self.lock:
            self.writer.add(preview)

    def _answer(self, account_id: str) -> Answer:
        """The answer; a refusal of the account is one, too."""
        try:
            return read_answer(self.vendor.post(PREVIEW, _body(self.request, account_id)))
        except Forbidden:
            raise
        except Refused as refused:
            return Answer(refusals=(Refusal(f"{refused.code or ''}", f"{refused}"),))

    def _excerpt(self, subscriptions: Sequence[Document]) -> tuple[Document, ...]:
        """The products that the account's charges are of."""
        used = {name for each in subscriptions for name in _product_charges(each)}
        found = {first(self.catalog[name], "id"): self.catalog[name] for name in sorted(used) if name in self.catalog}
        return tuple(found.values())


def record(  # noqa: PLR0913 - one for each choice
    vendor: Vendor,
    path: Path,
    selection: Selection,
    request: PreviewRequest,
    *,
    keep_names: bool = False,
    at_once: int = 10,
    progress: Callable[[int, int], None] | None = None,
    clock: Clock = system_clock,
) -> Recorded:
    """Record previews into a file. An account that fails does not stop the others.

    Raises VendorError where nothing can be asked, RecordingProblem where the file cannot be written.
    """
    found = Recorded()
    # Opening it removes a last line that was cut short.
    with RecordingWriter(path, keep_names=keep_names) as writer, ThreadPoolExecutor(at_once) as threads:
        before = set(_before(path, request))
        keys = list(selected(selection, vendor))
        wanted = [key for key in keys if key not in before]
        found.there = len(keys) - len(wanted)
        catalog = dict(_by_charge(pages(vendor, _CATALOG, _CATALOG_QUERY, "products")))
        asking = _Asking(vendor, request, writer, catalog, clock, threading.Lock())
        for key, error in zip(wanted, threads.map(lambda key: _attempt(asking, key), wanted), strict=True):
            if error is None:
                found.added += 1
            else:
                found.failed.append((key, error))
            if progress is not None:
                progress(found.added + len(found.failed), len(wanted))
    return found


def _attempt(asking: _Asking, key: str) -> str | None:
    """Record one account; gives why it failed. What stops everything is raised."""
    try:
        asking.record(key)
    except CredentialsRefused:
        raise
    except (VendorError, FieldProblem) as error:
        return f"{error}"
    return None


def _before(path: Path, request: PreviewRequest) -> Iterator[str]:
    """The accounts, by id and by number, whose previews under this request are in a file."""
    for preview in recorded_previews(path):
        if preview.request == request:
            yield from (key for key in (preview.account_id, preview.account_number) if key is not None)


def _body(request: PreviewRequest, account_id: str) -> dict[str, object]:
    body: dict[str, object] = {
        "accountId": account_id,
        "targetDate": request.target_date.isoformat(),
        "assumeRenewal": f"{request.assume_renewal}",
        "includingEvergreenSubscription": request.including_evergreen_subscription,
        "includingDraftItems": request.including_draft_items,
    }
    if request.exclude:
        body["chargeTypeToExclude"] = ",".join(sorted(request.exclude))
    return body


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
