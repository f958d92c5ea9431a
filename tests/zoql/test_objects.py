"""Fields of objects that the random queries do not cover: catalogue, invoices, units, odd documents."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from soapsvc.tenant import open_tenant
from soapsvc.zoql import Queries, spellings
from tests.support.documents import account, charge, subscription
from tests.support.tenants import write_tenant
from tests.zoql.conftest import BOSS, MovableClock
from tests.zoql.world import INVOICE, PRODUCT, key

VERSION = (153, 0)


def found(queries: Queries, text: str) -> list[tuple[Any, ...]]:
    return list(queries.query(BOSS, text, VERSION).records)


@pytest.mark.parametrize(
    ("text", "records"),
    [
        (
            "select UomName, DecimalPlaces, RoundingMode from UnitOfMeasure",
            [(Decimal(0), "UP", "Each"), (Decimal(3), "DOWN", "GB")],
        ),
        ("select UomName from UnitOfMeasure where DecimalPlaces > 0", [("GB",)]),
        ("select Name, SKU from Product where SKU = 'SKU-1'", [("Tern", "SKU-1")]),
        (
            "select BillCycleDay, BillCycleType, DeferredRevenueAccount from ProductRatePlanCharge",
            [(Decimal(15), "SpecificDayofMonth", "D-1")] * 3,
        ),
        ("select Currency, Price from ProductRatePlanChargeTier where Currency = 'EUR'", [("EUR", Decimal(4))] * 3),
        ("select Id, InvoiceNumber, Amount from Invoice", [(INVOICE["id"], Decimal(110), "INV-1")]),
        (
            "select ProcessingType, SubscriptionNumber from InvoiceItem where ChargeName = 'Finch'",
            [(Decimal(3), "A-S01")],
        ),
        ("select Id from InvoiceItem", [(key("6", 1),)]),
        (
            "select AccountingCode, Jurisdiction, TaxAmount, TaxRate, TaxDate from TaxationItem where TaxRate = 0.08",
            [("Tax payable", "CA", Decimal(8), date(2026, 2, 1), Decimal("0.08"))],
        ),
        (
            "select StartingUnit, EndingUnit, Price, PriceFormat, Tier from RatePlanChargeTier where EndingUnit = 5",
            [(Decimal(5), Decimal(3), "Per Unit", Decimal(0), Decimal(1))] * 24,
        ),
        ("select Id from Amendment where Name = 'x'", []),
        ("select Id from BillingPreviewRun where RunNumber = 'BPR-00000001'", []),
    ],
)
def test_the_fields_of_an_object(queries: Queries, text: str, records: list[tuple[Any, ...]]) -> None:
    assert found(queries, text) == records


@pytest.mark.parametrize(
    ("field", "value", "names"),
    [
        ("InvoiceId", INVOICE["id"], ["State tax", "City tax"]),
        ("InvoiceItemId", key("6", 1), ["State tax", "City tax"]),
        ("Id", key("8", 1), ["State tax"]),
    ],
)
def test_the_taxes_of_an_invoice(queries: Queries, field: str, value: str, names: list[str]) -> None:
    taxes = found(queries, f"select Name from TaxationItem where {field} = '{value}'")  # noqa: S608 - it is no SQL
    assert [name for (name,) in taxes] == names


def test_segments_odd_values_and_dates_with_slashes(tmp_path: Path) -> None:
    """Two segments are two charges; a value of the wrong type is absent, and nothing fails."""
    segments = [
        {"id": f"{number}" * 32, "segment": number, "price": number, "effectiveStartDate": f"2026-0{number}-01"}
        for number in (1, 2)
    ]
    odd = charge("C-2", id="3" * 32, mrr=["no number"], dmrc="1e3", createdDate="soon", tcv=None)
    folder = write_tenant(
        tmp_path,
        accounts=[account()],
        subscriptions=[subscription(charge("C-1", chargeSegments=segments), odd)],
        usage={"1.csv": "ACCOUNT_ID,UOM,QTY,STARTDATE,ENDDATE\nA-1,GB,2,01/31/2026 1:05 PM,02/01/2026\n"},
        catalog={**PRODUCT, "productRatePlans": None},
    )
    with closing(open_tenant(folder)) as store:
        queries = Queries(store, MovableClock())
        charges = found(queries, "select Id, Segment, Price from RatePlanCharge where ChargeNumber = 'C-1'")
        assert charges == [(f"{number}" * 32, Decimal(number), Decimal(number)) for number in (1, 2)]
        read = found(queries, "select MRR, DMRC, CreatedDate, TCV from RatePlanCharge where ChargeNumber = 'C-2'")
        assert read == [(None, Decimal(1000), None, None)]
        ((start, end),) = [
            (str(start), str(end)) for end, start in found(queries, "select StartDateTime, EndDateTime from Usage")
        ]
        assert (start[:19], end[:19]) == ("2026-01-31 13:05:00", "2026-02-01 00:00:00")
        assert found(queries, "select Id from ProductRatePlan") == []


@pytest.mark.parametrize(
    ("make", "written", "spelt"),
    [
        (spellings.billing_period, "Semi_Annual", "Semi-Annual"),
        (spellings.billing_period, "Subscription_Term", "Subscription Term"),
        (spellings.billing_timing, "IN_ARREARS", "In Arrears"),
        (spellings.charge_model, "Tiered", "Tiered Pricing"),
        (spellings.charge_model, "Tiered with Overage Pricing", "Tiered with Overage Pricing"),
        (spellings.charge_model, "DiscountPercentage", "Discount-Percentage"),
        (spellings.charge_model, "MultiAttributePricing", "MultiAttributePricing"),
        (spellings.end_date_condition, "Specific_End_Date", "SpecificEndDate"),
        (spellings.list_price_base, "Per_Month", "Per Month"),
        (spellings.status, "Pending Acceptance", "PendingAcceptance"),
        (spellings.status, "Active", "Active"),
        (spellings.bill_cycle_type, "DefaultFromCustomer", "DefaultFromCustomer"),
        (spellings.bill_cycle_type, "SpecificDayofMonth(15)", "SpecificDayofMonth"),
        (spellings.bill_cycle_type, "SpecificDayofWeek/Monday", "SpecificDayofWeek"),
        (spellings.bill_cycle_day, "SpecificDayofMonth(15)", "15"),
        (spellings.bill_cycle_day, "SpecificDayofMonth/31st of the month", "31"),
        (spellings.bill_cycle_day, "SpecificDayofWeek/Monday", None),
        (spellings.bill_cycle_day, "DefaultFromCustomer", None),
        (spellings.bill_cycle_day, 7, 7),
        (spellings.weekly_bill_cycle_day, "SpecificDayofWeek/Monday", "Monday"),
        (spellings.weekly_bill_cycle_day, "SpecificDayofMonth(15)", None),
        (spellings.processing_type, "Discount", 1),
        (spellings.processing_type, "3", "3"),
    ],
)
def test_enumerations_are_spelt_as_in_soap(make: Any, written: object, spelt: object) -> None:
    assert make(written) == spelt
