"""Which periods on-demand usage is rated in: over renewals, stubs, and other grids, each unit once.

|--- ended ---|--- ended ---|--- open … target)        the period that holds the target date is open
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from soapsvc.engine.account import Charge, Subscription, Tier, UsageRecord
from tests.support.building import account, answer, line, metered, sound, subscription, used

YEAR = "2024-01-01"


def rated(what: Charge | Subscription, records: list[UsageRecord], target: str, **options: Any) -> list[str]:
    """`first day … last day amount quantity` of each item; `renew` and the account's fields are options."""
    renew = options.pop("renew", "None")
    terms = what if isinstance(what, Subscription) else subscription(what)
    items = sound(answer(account(terms, usage=tuple(records), **options), target, renew=renew)).items()
    return [f"{line(item)} {item.quantity:f}" for item in items]


def on_demand(price: object = 2, start: str = YEAR, until: str | None = None, **fields: Any) -> Charge:
    return metered(price, start, until, **{"usage_record_rating_option": "OnDemand", **fields})


def aligned(period: str, **fields: Any) -> Charge:
    return on_demand(billing_period=period, billing_period_alignment="AlignToTermStart", **fields)


@pytest.mark.rule("9.4 on demand: renewed terms")
@pytest.mark.parametrize("renew", ["None", "All"])
def test_10_units_in_a_period_of_18_months_are_20_whether_the_term_is_renewed_or_not(renew: str) -> None:
    """
    Jan 2024                       Jan 2025              Jul 2025
      |------ term ------------------|------ renewed --------
      |------ period of 18 months, open -----------------|        target Jan 1 2025
    """
    assert rated(aligned("Eighteen_Months"), [used("2024-06-01", 10)], "2025-01-01", renew=renew) == [
        "2024-01-01…2024-12-31 20.00 10"
    ]


@pytest.mark.rule("9.4 on demand: renewed terms")
def test_each_quarter_of_a_renewed_term_is_rated_once_and_one_is_open() -> None:
    """
    term Jan 1 … May 1, renewed for 4 months, quarters aligned to the term
    Jan 1         Apr 1  May 1     Jul 1  Aug 1       Sep 1
      |-- 1 unit ---|-- 2 units ------|- 4 --|-- 8, open … target Aug 20
    """
    terms = subscription(aligned("Quarter"), start=YEAR, end="2024-05-01", renewal_term=4)
    records = [used("2024-02-10", 1), used("2024-05-10", 2), used("2024-07-10", 4), used("2024-08-10", 8)]
    assert rated(terms, records, "2024-08-20", renew="All") == [
        "2024-01-01…2024-03-31 2.00 1",
        "2024-04-01…2024-06-30 4.00 2",
        "2024-07-01…2024-07-31 8.00 4",
        "2024-08-01…2024-08-19 16.00 8",
    ]


@pytest.mark.rule("9.4 on demand: renewed terms")
@pytest.mark.parametrize(("through", "first"), [("2024-07-01", "2024-07-01"), ("2024-07-20", "2024-07-01")])
def test_the_period_that_was_billed_in_part_is_found_on_the_renewed_grid(through: str, first: str) -> None:
    """As above, billed into the stub of July: it is rated again, less the unit billed in it."""
    charge = aligned("Quarter", charged_through_date=through)
    terms = subscription(charge, start=YEAR, end="2024-05-01", renewal_term=4)
    billed = [used("2024-07-05", 1, rbe_status="Processed")] if through != first else []
    lines = rated(terms, [*billed, used("2024-07-25", 4), used("2024-08-10", 8)], "2024-08-20", renew="All")
    assert lines == [f"{first}…2024-07-31 8.00 4", "2024-08-01…2024-08-19 16.00 8"]


@pytest.mark.rule("9.2 stubs")
def test_a_stub_between_two_grids_in_mid_charge_is_not_a_first_stub_and_keeps_its_units() -> None:
    """The same terms at the end of billing periods, without usage in partial months: July's 4 units are billed."""
    charge = aligned("Quarter", usage_record_rating_option=None)
    terms = subscription(charge, start=YEAR, end="2024-05-01", renewal_term=4)
    lines = rated(terms, [used("2024-07-10", 4)], "2024-09-01", renew="All", rules={"bill_usage_partial_month": False})
    assert lines[-1] == "2024-07-01…2024-07-31 8.00 4"


@pytest.mark.rule("9.2 stubs")
@pytest.mark.parametrize("target", ["2024-01-20", "2024-02-05"])
def test_a_first_stub_that_is_not_billed_is_not_rated_on_demand_either(target: str) -> None:
    """
    Jan 16   Feb 1   Feb 5
      |-- 5 ---|- 3 …          without usage in partial months
    """
    records = [used("2024-01-17", 5), used("2024-02-02", 3)]
    lines = rated(on_demand(start="2024-01-16"), records, target, rules={"bill_usage_partial_month": False})
    assert lines == ["2024-02-01…2024-02-04 6.00 3"][: target > "2024-02"]


@pytest.mark.rule("9.4 on demand: renewed terms")
def test_the_amount_billed_in_a_period_is_deducted_once_though_the_price_changes_at_the_renewal() -> None:
    """
    Dec 1      Jan 1 2025
      |- 12 - 4 -|-- 5 … target Jan 10      2 each, 3 from the renewal on; 4 units for 8.00 were billed
    """
    charge = on_demand(
        charged_through_date="2024-12-05", billed_amount_in_period=8, billed_quantity_in_period=4,
        price_change_option="SpecificPercentageValue", price_increase_percentage=50,
    )  # fmt: skip
    records = [used("2024-12-02", 4), used("2024-12-20", 8), used("2025-01-02", 5)]
    assert rated(charge, records, "2025-01-10", renew="All") == [
        "2024-12-01…2024-12-31 16.00 8",
        "2025-01-01…2025-01-09 15.00 5",
    ]


@pytest.mark.rule("9.4 on demand: renewed terms")
def test_and_in_both_parts_of_a_period_that_the_change_divides_by_the_records_of_each() -> None:
    """
    Dec 15       Jan 1 2025     Jan 5       Jan 15
      |- 4 billed --|- 1 billed --| 2 new …           2 each, 3 from the renewal on
    """
    charge = on_demand(
        charged_through_date="2025-01-05", price_change_option="SpecificPercentageValue", price_increase_percentage=50
    )
    processed = {"rbe_status": "Processed"}
    records = [used("2024-12-20", 4, **processed), used("2025-01-02", 1, **processed), used("2025-01-06", 2)]
    lines = rated(charge, records, "2025-01-10", renew="All", bill_cycle_day=15)
    assert lines == ["2025-01-01…2025-01-09 6.00 2"]


@pytest.mark.rule("7.1 usage proration")
def test_the_billed_amount_of_a_partial_period_was_prorated_too() -> None:
    """
    Jan 16                Feb 1      31 units of 1 in 16 of 31 days are 16.00; 31 more are 16.00 more
      |-- 31 billed, 31 new --|
    """
    charge = on_demand(1, "2024-01-16", proration_option="TimeBasedProration", charged_through_date="2024-01-20")
    records = [used("2024-01-17", 31, rbe_status="Processed"), used("2024-01-25", 31)]
    assert rated(charge, records, "2024-01-31") == ["2024-01-16…2024-01-30 16.00 31"]
    assert rated(charge, records, "2024-02-01") == ["2024-01-16…2024-01-31 16.00 31"]


@pytest.mark.rule("9.4 on demand")
def test_a_term_that_was_billed_to_its_end_has_no_period_left() -> None:
    charge = on_demand(billing_period="Subscription_Term", charged_through_date="2025-01-01")
    assert rated(charge, [used("2024-05-01", 1)], "2025-01-01") == []


@pytest.mark.rule("9.5 late usage")
def test_late_records_are_taken_by_the_periods_of_every_grid() -> None:
    """Billed into the renewed term, on whose grid July ends a stub; 3 units came late for it."""
    charge = aligned("Quarter", usage_record_rating_option=None, charged_through_date="2024-08-01")
    terms = subscription(charge, start=YEAR, end="2024-05-01", renewal_term=4)
    lines = rated(terms, [used("2024-07-10", 3)], "2024-09-01", renew="All", rules={"late_usage": True})
    assert lines == ["2024-07-01…2024-07-31 6.00 3"]


TIERS = (("0", "10", 2), ("11", "20", 3), ("21", None, 5))


def tiered(**fields: Any) -> Charge:
    tiers = tuple(Tier(Decimal(a), Decimal(price), Decimal(b) if b else None) for a, b, price in TIERS)
    return on_demand(None, model="Tiered", tiers=tiers, **fields)


@pytest.mark.rule("9.4 on demand: before what is billed")
@pytest.mark.parametrize(("target", "items"), [("2024-01-15", 0), ("2024-01-17", 0), ("2024-01-19", 1)])
def test_a_target_before_the_charged_through_date_has_no_item(target: str, items: int) -> None:
    """
    Jan 1     Jan 12   Jan 15    Jan 18   Jan 20     bill day 20; 15 units are 10 x 2 + 5 x 3, 5 more are 5 x 3
      |- 15 billed, 5 new in between -|
    """
    records = [used("2024-01-05", 15, rbe_status="Processed"), used("2024-01-12", 5)]
    charge = tiered(charged_through_date="2024-01-18")
    assert rated(charge, records, target, bill_cycle_day=20) == ["2024-01-01…2024-01-18 15.00 5"][:items]


@pytest.mark.rule("9.4 on demand: unbilled usage, specific days")
@pytest.mark.parametrize(
    ("target", "second"),
    [
        ("2026-07-12", []),
        ("2026-07-18", []),
        ("2026-07-19", ["2026-07-05…2026-07-19 8.00 4"]),
        ("2026-07-20", ["2026-07-05…2026-07-19 8.00 4"]),
    ],
)
def test_with_unbilled_usage_the_last_part_of_185_days_is_rated_whole_on_its_last_day(
    target: str, second: list[str]
) -> None:
    """
    Jan 1                  Jul 5     Jul 6       Jul 20
      |------ 185 days ------|--- 4 units --------|
    """
    charge = on_demand(
        start="2026-01-01", until="2026-07-20", billing_period="Specific_Days", specific_billing_period=185
    )
    terms = subscription(charge, start="2026-01-01")
    lines = rated(terms, [used("2026-07-06", 4)], target, rules={"unbilled_usage": True})
    assert lines == ["2026-01-01…2026-07-04 0.00 0", *second]


@pytest.mark.rule("9.4 on demand: unbilled usage, specific days")
@pytest.mark.parametrize("period", ["Specific_Days", "Specific_Weeks"])
@pytest.mark.parametrize("unbilled", [True, False])
def test_every_other_open_period_is_rated_up_to_the_target(period: str, unbilled: bool) -> None:
    """The second of two full periods, and the last part without Unbilled Usage or in weeks."""
    length = 14 if period == "Specific_Days" else 2
    charge = on_demand(billing_period=period, specific_billing_period=length)
    lines = rated(charge, [used("2024-01-16", 3)], "2024-01-20", rules={"unbilled_usage": unbilled})
    assert lines[-1] == "2024-01-15…2024-01-19 6.00 3"
    ends = replace(charge, effective_end_date=date(2024, 1, 25))
    lines = rated(
        subscription(ends, end="2025-01-01"), [used("2024-01-16", 3)], "2024-01-20", rules={"unbilled_usage": unbilled}
    )
    assert len(lines) == (1 if unbilled and period == "Specific_Days" else 2)


@pytest.mark.rule("9.4 on demand: unbilled usage, specific days")
def test_a_last_part_without_usage_has_no_item_on_its_last_day() -> None:
    charge = on_demand(until="2024-01-25", billing_period="Specific_Days", specific_billing_period=14)
    assert len(rated(charge, [], "2024-01-24", rules={"unbilled_usage": True})) == 1


@pytest.mark.rule("9.4 on demand")
@pytest.mark.parametrize("through", ["2024-01-01", "2023-12-20"])
def test_a_charge_of_which_nothing_was_billed_begins_where_it_starts(through: str) -> None:
    charge = on_demand(charged_through_date=through)
    assert rated(charge, [used("2024-01-03", 4)], "2024-01-10") == ["2024-01-01…2024-01-09 8.00 4"]


PAUSE = {"scheduled_suspend_date": "2024-01-15", "scheduled_resume_date": "2024-01-20"}


@pytest.mark.rule("9.4 on demand: suspension")
@pytest.mark.parametrize("stored", [True, False])
def test_what_was_billed_before_a_pause_is_deducted_once_15_minus_10_and_7(stored: bool) -> None:
    """
    Jan 1       Jan 10       Jan 15      Jan 20          Feb 1
      |- 10, billed -|-- 5 ----|  (paused) |----- 7 --------|      by the stored amount, or by the processed record
    """
    told = {"billed_amount_in_period": 10, "billed_quantity_in_period": 10} if stored else {}
    charge = on_demand(1, charged_through_date="2024-01-10", **told)
    records = [used("2024-01-05", 10, rbe_status="Processed"), used("2024-01-12", 5), used("2024-01-25", 7)]
    assert rated(subscription(charge, **PAUSE), records, "2024-02-01") == [
        "2024-01-01…2024-01-14 5.00 5",
        "2024-01-20…2024-01-31 7.00 7",
    ]


@pytest.mark.rule("9.4 on demand: suspension")
def test_what_was_billed_since_the_resumption_is_deducted_from_the_part_after_it_7_minus_3() -> None:
    """
    Jan 15      Jan 20      Jan 24     Feb 1
      |  (paused) |- 3, billed -|-- 4 ---|
    """
    charge = on_demand(1, charged_through_date="2024-01-24", billed_amount_in_period=3, billed_quantity_in_period=3)
    records = [used("2024-01-22", 3, rbe_status="Processed"), used("2024-01-25", 4)]
    assert rated(subscription(charge, **PAUSE), records, "2024-02-01") == ["2024-01-20…2024-01-31 4.00 4"]


@pytest.mark.rule("9.4 on demand: suspension")
def test_a_pause_that_was_billed_to_its_last_day_leaves_nothing_to_deduct_after_it() -> None:
    charge = on_demand(1, charged_through_date="2024-01-20", billed_amount_in_period=15, billed_quantity_in_period=15)
    records = [used("2024-01-12", 15, rbe_status="Processed"), used("2024-01-25", 7)]
    assert rated(subscription(charge, **PAUSE), records, "2024-02-01") == ["2024-01-20…2024-01-31 7.00 7"]
