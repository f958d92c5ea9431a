"""An item of an existing draft document as a series of one row, so that writers need no second form."""

from __future__ import annotations

from datetime import timedelta

from soapsvc.engine.account import DraftItem
from soapsvc.engine.result import ItemFacts, Series

_DAY = timedelta(days=1)


def draft_series(draft: DraftItem) -> Series:
    """The series that holds only the draft's item.

    Its id, and the id of the item that it applies to, are the draft's own.
    """
    facts = ItemFacts(
        subscription_id=draft.subscription_id,
        subscription_number=draft.subscription_number,
        charge_id=draft.charge_id,
        rate_plan_charge_id=draft.rate_plan_charge_id,
        charge_number=draft.charge_number,
        charge_name=draft.charge_name,
        charge_description=draft.charge_description,
        charge_type=draft.charge_type,
        processing_type=draft.processing_type,
        product_name=draft.product_name,
        product_sku=draft.product_sku,
        unit_of_measure=draft.unit_of_measure,
    )
    ends = [draft.service_end_date + _DAY]
    return Series(facts, [draft.service_start_date], ends, [draft.amount], [draft.quantity], taxes=[draft.tax_amount])
