"""Make samples from recordings: each preview with its data, from the recording or from the tenant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from soapsvc.parity.recording import AccountData, RecordedPreview
from soapsvc.parity.stored import stored_catalog, stored_data
from soapsvc.parity.trials import Sample
from soapsvc.tenant import Store


class DataFrom(StrEnum):
    """The source of the data for previews; `RECORDED` uses the tenant's where a recording has none."""

    RECORDED = "recorded"
    TENANT = "tenant"


@dataclass(frozen=True, slots=True)
class Unusable:
    """A recorded preview that could not be compared, and why."""

    preview: RecordedPreview
    reason: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """A sample; `recorded` is the recording's own data where the tenant's is compared, to find changes."""

    sample: Sample
    recorded: AccountData | None = None


def loaded(
    previews: Iterable[RecordedPreview], store: Store, source: DataFrom = DataFrom.RECORDED, *, with_rates: bool = True
) -> Iterator[Loaded | Unusable]:
    """The samples of previews that can be compared. Without `with_rates`, the recordings' tax rates are ignored."""
    catalog = stored_catalog(store)
    known: dict[str, AccountData | None] = {}
    for preview in previews:
        own = preview.data if preview.data is None or with_rates else replace(preview.data, tax_rates=())
        if own is not None and source is DataFrom.RECORDED:
            yield Loaded(Sample(preview, own, catalog))
            continue
        account_id = _account_id(preview, store)
        if account_id is not None and account_id not in known:
            known[account_id] = stored_data(store, account_id)
        data = known.get(account_id or "")
        if data is None:
            yield Unusable(preview, f"the tenant has no account {preview.account}, and the recording has no data of it")
        else:
            yield Loaded(Sample(preview, data, catalog), own)


def _account_id(preview: RecordedPreview, store: Store) -> str | None:
    if preview.account_id is not None and next(iter(store.accounts_by_id([preview.account_id])), None) is not None:
        return preview.account_id
    return store.account_id(preview.account_number) if preview.account_number is not None else None
