"""One recorded preview that can be tried under any settings, any number of times.

A preview depends on its account, its request, and the rules that it reads. So a result is reused for all settings with
the same values of these rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from soapsvc.engine.account import ZERO, Account, TaxRate
from soapsvc.engine.preview import preview
from soapsvc.engine.result import PreviewRequest, PreviewResult
from soapsvc.parity.accounts import Catalog, account_of
from soapsvc.parity.comparison import Comparison, charge_numbers, compare, completed, our_items, total
from soapsvc.parity.recording import AccountData, Item, RecordedPreview
from soapsvc.parity.trials.index import NO_LOSS, Index, Loss
from soapsvc.parity.trials.moments import moments_of
from soapsvc.parity.trials.watched import Reads, Remembered, watched
from soapsvc.tenant.formats import TenantSettings
from soapsvc.tenant.store import billed_currency

_NO_INSTANT = datetime(2000, 1, 1, tzinfo=UTC)
"""A preview's instant decides only the charge date, which is not compared."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A recorded preview with its data. `catalog` is the tenant's, for data without one."""

    preview: RecordedPreview
    data: AccountData
    catalog: Catalog


class Trial:
    """Tries a sample, first under `settings`. Raises FieldProblem for unreadable data."""

    def __init__(self, sample: Sample, settings: TenantSettings) -> None:
        self.sample = sample
        self.moments = moments_of(sample.data)
        self._accounts: dict[str, Account] = {}
        self._found: dict[tuple[str, tuple[TaxRate, ...]], Remembered[tuple[Reads, Loss]]] = {}
        self.account = account = self._account(settings)
        self.currency = billed_currency(account.currency, account.subscriptions)
        self._currencies = {
            each.subscription_number: next(filter(None, (each.currency, *(c.currency for c in each.charges))), None)
            for each in account.subscriptions
        }
        self.known = charge_numbers(account) if sample.data.partial else None
        ours = our_items(self.result(settings), sample.preview.names).items
        theirs = completed(sample.preview.answer.items, ours)
        self.items = tuple(item for item in theirs if self.known is None or item.charge_number in self.known)
        self._index = Index(self.items, sample.preview.names)

    def items_by_currency(self) -> dict[str, list[Item]]:
        """Their items by the currency of their subscription; the account's own currency, too, where it has none."""
        found: dict[str, list[Item]] = {self.currency: [], **{other: [] for other in self.account.currency_terms}}
        for item in self.items:
            found.setdefault(self.currency_of(item.subscription_number), []).append(item)
        return found

    def currency_of(self, subscription_number: str) -> str:
        """The currency of a subscription; the account's where it has none."""
        return self._currencies.get(subscription_number) or self.currency

    def _account(self, settings: TenantSettings) -> Account:
        """The account under these settings' time zone and tax rates; its rules are to be replaced."""
        zone = self._zone(settings)
        if (known := self._accounts.get(zone)) is None:
            known = self._accounts[zone] = account_of(
                self.sample.data, replace(settings, tax_rates=()), self.sample.catalog
            )
        return replace(known, tax_rates=(*settings.tax_rates, *known.tax_rates))

    def _zone(self, settings: TenantSettings) -> str:
        """The time zone, where it changes the result."""
        return settings.time_zone if self.moments else ""

    def _watched(self, settings: TenantSettings) -> tuple[Account, Reads]:
        return watched(self._account(settings), self.currency, settings)

    def requests(self, *, explain: bool = False) -> Iterator[PreviewRequest]:
        """The request, and the same request for further dates with the same answer."""
        asked = replace(self.sample.preview.request, explain=explain)
        yield asked
        for target in self.sample.preview.more_target_dates:
            yield replace(asked, target_date=target)

    def result(self, settings: TenantSettings) -> PreviewResult:
        """Our preview under these settings."""
        return preview(self._watched(settings)[0], self.sample.preview.request, _NO_INSTANT)

    def loss(self, settings: TenantSettings) -> Loss:
        """The loss of our preview under these settings against their answer."""
        return self._entry(settings)[1]

    def reads(self, settings: TenantSettings) -> Reads:
        """The rules that our preview reads under these settings."""
        return self._entry(settings)[0]

    def _entry(self, settings: TenantSettings) -> tuple[Reads, Loss]:
        key = self._zone(settings), settings.tax_rates
        remembered = self._found.get(key)
        if remembered is None:
            remembered = self._found[key] = Remembered()
        if (known := remembered.get(settings)) is not None:
            return known
        account, reads = self._watched(settings)
        found = NO_LOSS
        for request in self.requests():
            if found == NO_LOSS:
                found = self._loss(preview(account, request, _NO_INSTANT))
        remembered.put(reads, (reads, found))
        return reads, found

    def _loss(self, result: PreviewResult) -> Loss:
        recorded = self.sample.preview
        if recorded.answer.refusals or result.errors:
            same = bool(recorded.answer.refusals) and bool(result.errors)
            return NO_LOSS if same else Loss(max(1, len(self.items)), ZERO)
        if self._index.tells_alike and not result.draft_items:
            return self._index.loss(result)
        found = compare(recorded.answer, result, recorded.names, self.known)
        return Loss(len(found.differences), total(found.differences))

    def compared(self, settings: TenantSettings, *, explain: bool = False) -> Comparison:
        """The comparison of our preview under these settings with theirs; of several dates, the first that differs."""
        recorded = self.sample.preview
        account = self._watched(settings)[0]
        results = (preview(account, request, _NO_INSTANT) for request in self.requests(explain=explain))
        found = [compare(recorded.answer, next(results), recorded.names, self.known)]
        while found[-1].agrees and len(found) <= len(recorded.more_target_dates):
            found.append(compare(recorded.answer, next(results), recorded.names, self.known))
        return found[0] if found[-1].agrees else found[-1]
