"""This project's own vectors, in the form of the specification's: the fields of an export, with our own numbers."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

START, END = "2025-01-01", "2026-01-01"


def charge(number: str = "C-1", **fields: Any) -> Json:
    usual = {
        "number": number,
        "type": "Recurring",
        "model": "FlatFee",
        "effectiveStartDate": START,
        "effectiveEndDate": END,
        "billingPeriod": "Month",
        "billingDay": "DefaultFromCustomer",
        "billingPeriodAlignment": "AlignToCharge",
        "billingTiming": "IN_ADVANCE",
        "listPriceBase": "Per_Billing_Period",
        "endDateCondition": "Subscription_End",
    }
    return {**usual, **fields}


def discount(number: str, **fields: Any) -> Json:
    usual = {"discountLevel": "rateplan", "applyDiscountTo": "ONETIMERECURRINGUSAGE", "billingTiming": None}
    return charge(number, **{**usual, **fields})


def usage(number: str = "C-U", **fields: Any) -> Json:
    return charge(number, **{"type": "Usage", "billingTiming": None, "uom": "Each", **fields})


def vector(name: str, plans: list[list[Json]], target: str, expected: list[Json], **fields: Any) -> Json:
    subscription = {
        "subscriptionNumber": "A-S1",
        "status": "Active",
        "termType": "TERMED",
        "autoRenew": False,
        "renewalTerm": 12,
        "renewalTermPeriodType": "Month",
        "subscriptionStartDate": START,
        "contractEffectiveDate": START,
        "termStartDate": START,
        "termEndDate": END,
        "ratePlans": [{"ratePlanCharges": charges} for charges in plans],
        **fields.get("subscription", {}),
    }
    return {
        "name": name,
        "inputs": {
            "account": {"billCycleDay": 1, "currency": "USD"},
            "request": {"targetDate": target, **fields.get("request", {})},
            "subscriptions": [subscription],
            "usages": fields.get("usages", []),
            "billing_rules": fields.get("rules", {}),
        },
        "expected_items": expected,
    }


def item(start: str, last: str, amount: str, **fields: str) -> Json:
    return {"serviceStartDate": start, "serviceEndDate": last, "chargeAmount": amount, **fields}


def used(day: str, quantity: str, **fields: str) -> Json:
    return {"startDateTime": f"{day}T12:00:00", "quantity": quantity, "uom": "Each", **fields}


JANUARY = ("2025-01-01", "2025-01-31")

OWN_VECTORS: list[Json] = [
    vector(
        "stub-of-20-of-31-days",
        [[charge(effectiveStartDate="2025-01-12", price="62")]],
        "2025-02-01",
        [item("2025-01-12", "2025-01-31", "40"), item("2025-02-01", "2025-02-28", "62")],
    ),
    vector(
        "by-name-of-the-catalogue",
        [
            [
                charge(
                    model="Per Unit Pricing",
                    billingPeriod="Semi-Annual",
                    listPriceBase="Per Month",
                    price="7",
                    quantity="3",
                )
            ]
        ],
        "2025-01-01",
        [item("2025-01-01", "2025-06-30", "126", quantity="3", chargeType="Recurring", processingType="Charge")],
    ),
    vector(
        "a-discount-stays-in-its-rate-plan-without-ids",
        [
            [charge("C-1", price="50"), discount("C-D1", model="DiscountPercentage", discountPercentage="10")],
            [charge("C-2", price="70")],
        ],
        "2025-01-01",
        [
            item(*JANUARY, "50", chargeNumber="C-1"),
            item(*JANUARY, "-5", chargeNumber="C-D1", processingType="Discount"),
            item(*JANUARY, "70", chargeNumber="C-2"),
        ],
    ),
    vector(
        "classes-of-discounts",
        [
            [
                charge(price="200"),
                discount("C-D1", model="DiscountFixedAmount", discountAmount="20"),
                discount("C-D2", model="Discount-Percentage", discountPercentage="25", discountClassOrder=2),
                discount("C-D3", model="Discount-Fixed Amount", discountAmount="40", discountClassOrder=1),
            ]
        ],
        "2025-01-01",
        [
            item(*JANUARY, "200"),
            item(*JANUARY, "-40", chargeNumber="C-D3"),
            item(*JANUARY, "-40", chargeNumber="C-D2"),
            item(*JANUARY, "-20", chargeNumber="C-D1"),
        ],
    ),
    vector(
        "an-enhanced-discount-of-two-months-of-a-year",
        [
            [
                charge(price="600", billingPeriod="Annual"),
                discount(
                    "C-D1",
                    model="DiscountPercentage",
                    discountPercentage="50",
                    effectiveEndDate="2025-03-01",
                    applyToBillingPeriodPartially=True,
                    isStackedDiscount=True,
                ),
            ]
        ],
        "2025-01-01",
        [item("2025-01-01", "2025-12-31", "600"), item("2025-01-01", "2025-02-28", "-50")],
    ),
    vector(
        "a-year-cut-to-three-months-with-its-discount",
        [
            [
                charge(price="400", billingPeriod="Annual", effectiveEndDate="2025-04-01", chargedThroughDate=END),
                discount(
                    "C-D1",
                    model="DiscountPercentage",
                    discountPercentage="25",
                    effectiveEndDate="2025-04-01",
                    originalEffectiveEndDate=END,
                ),
            ]
        ],
        "2025-04-01",
        [
            item("2025-04-01", "2025-12-31", "-300", processingType="Charge"),
            item("2025-04-01", "2025-12-31", "75", processingType="Discount"),
        ],
        rules={"prorationUnit": "ProrateByMonthFirst"},
    ),
    vector(
        "segments-of-one-charge",
        [
            [
                {
                    **charge(),
                    "chargeSegments": [
                        {"segment": 1, "price": "31", "effectiveStartDate": START, "effectiveEndDate": "2025-01-11"},
                        {"segment": 2, "price": "62", "effectiveStartDate": "2025-01-11", "effectiveEndDate": END},
                    ],
                }
            ]
        ],
        "2025-01-31",
        [item("2025-01-01", "2025-01-10", "10"), item("2025-01-11", "2025-01-31", "42")],
    ),
    vector(
        "the-first-segment-anchors-a-later-one",
        [
            [
                charge(
                    price="30",
                    billingDay="ChargeTriggerDay",
                    segment=2,
                    effectiveStartDate="2025-04-16",
                    originalEffectiveStartDate="2025-01-10",
                )
            ]
        ],
        "2025-05-10",
        [item("2025-04-16", "2025-05-09", "24"), item("2025-05-10", "2025-06-09", "30")],
    ),
    vector(
        "a-removed-one-time-charge-is-given-back",
        [
            [
                charge(
                    type="OneTime",
                    price="80",
                    effectiveEndDate="2025-01-01",
                    chargedThroughDate="2025-01-02",
                    removed=True,
                    billingPeriod=None,
                    endDateCondition="One_Time",
                )
            ]
        ],
        "2025-02-01",
        [item("2025-01-01", "2025-01-01", "-80", chargeType="OneTime")],
        rules={"creditOneTime": True},
    ),
    vector(
        "tax-of-7-percent-inside-a-price",
        [[charge(price="10.69", taxMode="TaxInclusive", taxRate="0.07")]],
        "2025-01-01",
        [item(*JANUARY, "9.99", taxAmount="0.70")],
    ),
    vector(
        "a-memo-for-the-negative-charge-alone",
        [[charge("C-1", price="-12"), charge("C-2", price="9")]],
        "2025-01-01",
        [
            {"documentType": "creditMemo", "chargeNumber": "C-1", "amount": "12"},
            item(*JANUARY, "9", documentType="invoice", chargeNumber="C-2"),
        ],
        rules={"invoiceSettlement": True, "creditMemoRule": "AllNegative"},
    ),
    vector(
        "tiers-with-overage",
        [
            [
                usage(
                    model="Tiered with Overage Pricing",
                    overagePrice="3",
                    tiers=[
                        {"tier": 1, "startingUnit": "0", "endingUnit": "10", "price": "1", "priceFormat": "Per Unit"},
                        {"tier": 2, "startingUnit": "11", "endingUnit": "20", "price": "15", "priceFormat": "Flat Fee"},
                    ],
                )
            ]
        ],
        "2025-02-01",
        [item(*JANUARY, "31", quantity="22", chargeType="Usage")],
        usages=[used("2025-01-03", "9"), used("2025-01-20", "13")],
    ),
    vector(
        "usage-rated-by-group",
        [
            [
                usage(
                    model="Volume",
                    ratingGroup="ByGroupId",
                    tiers=[
                        {"tier": 1, "startingUnit": "0", "endingUnit": "5", "price": "4", "priceFormat": "PerUnit"},
                        {"tier": 2, "startingUnit": "6", "endingUnit": None, "price": "3", "priceFormat": "PerUnit"},
                    ],
                )
            ]
        ],
        "2025-02-01",
        [item(*JANUARY, "34", quantity="10")],
        usages=[
            used("2025-01-03", "2", groupId="A"),
            used("2025-01-04", "4", groupId="A"),
            used("2025-01-05", "4", groupId="B"),
        ],
    ),
    vector(
        "usage-on-demand-less-what-was-billed",
        [
            [
                usage(
                    model="PerUnit",
                    price="2",
                    usageRecordRatingOption="OnDemand",
                    billedAmountInPeriod="6",
                    billedQuantityInPeriod="3",
                )
            ]
        ],
        "2025-01-10",
        [{"serviceStartDate": "2025-01-01", "chargeAmount": "8"}],
        usages=[used("2025-01-03", "3"), used("2025-01-09", "4"), used("2025-01-10", "50")],
    ),
    vector(
        "a-renewal-at-5-percent-more",
        [
            [
                charge(
                    price="100",
                    chargedThroughDate="2025-12-01",
                    priceChangeOption="SpecificPercentageValue",
                    priceIncreasePercentage="5",
                )
            ]
        ],
        "2026-01-15",
        [item("2025-12-01", "2025-12-31", "100"), item("2026-01-01", "2026-01-31", "105")],
        subscription={"autoRenew": True},
        request={"assumeRenewal": "Autorenew"},
    ),
    vector(
        "an-evergreen-subscription-on-request",
        [[charge(price="5", effectiveEndDate=None, chargedThroughDate="2027-06-01")]],
        "2027-06-01",
        [item("2027-06-01", "2027-06-30", "5")],
        subscription={"termType": "EVERGREEN", "termEndDate": None},
        request={"includingEvergreenSubscription": True},
    ),
    vector(
        "types-excluded",
        [
            [
                charge(price="5"),
                charge("C-2", type="OneTime", price="7", effectiveEndDate="2025-01-02"),
                usage(price="1"),
            ]
        ],
        "2025-02-01",
        [item("2025-01-01", "2025-01-01", "7", chargeNumber="C-2")],
        request={"chargeTypeToExclude": "Recurring,Usage"},
    ),
    vector(
        "mondays-and-fridays",
        [
            [
                charge(
                    model="Delivery",
                    price="2.50",
                    subscriptionChargeDeliverySchedule={"frequency": "Weekly", "monday": True, "friday": True},
                )
            ]
        ],
        "2025-01-01",
        [item(*JANUARY, "22.50", quantity="1")],
    ),
    vector(
        "10-for-a-validity-of-a-quarter",
        [[charge(price="20", listPriceBase="Per_Validity_Period", validityPeriodType="QUARTER")]],
        "2025-03-01",
        [
            item("2025-01-01", "2025-01-31", "6.67"),
            item("2025-02-01", "2025-02-28", "6.66"),
            item("2025-03-01", "2025-03-31", "6.67"),
        ],
    ),
    vector(
        "nothing-of-a-draft",
        [[charge(price="5")]],
        "2025-02-01",
        [],
        subscription={"status": "Draft"},
    ),
]
