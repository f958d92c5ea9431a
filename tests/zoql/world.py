"""A tenant of two organizations, and the expected fields of its objects, written out independently."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.support.tenants import write_tenant

ZONE = ZoneInfo("America/Los_Angeles")
ORGANIZATIONS = ("0a" * 16, "0b" * 16)
NAMES = ("Finch", "finch", "Wren & Co", "O'Hara", "50% off", "A_B", "a\\b", "Tern")
STATUSES = ("Active", "Draft", "Canceled")
Row = dict[str, Any]

TOML = """
time_zone = "America/Los_Angeles"

[[unit_of_measure]]
name = "GB"
decimals = 3
rounding_mode = "DOWN"

[[unit_of_measure]]
name = "Each"
decimals = 0
"""


def key(letter: str, number: int) -> str:
    return f"{letter}{number:031x}"


def _account(number: int) -> Row:
    document: Row = {
        "basicInfo": {
            "id": key("a", number),
            "accountNumber": f"A-{number:02}",
            "name": NAMES[number % len(NAMES)],
            "status": STATUSES[number % 3],
            "batch": f"Batch{number % 4 + 1}",
            "organizationId": ORGANIZATIONS[number % 2],
            "notes": None if number % 3 else f"note {number}",
        },
        "billingAndPayment": {"billCycleDay": number % 5 + 1, "currency": "USD", "autoPay": number % 2 == 0},
        "metrics": {"balance": Decimal(number * 10) / 4},
        "taxInfo": None,
    }
    if number % 2:
        document["billToContact"] = {"id": key("b", number), "lastName": NAMES[-1 - number % 3], "country": "Chile"}
    return document


def _charge(subscription: int, number: int) -> Row:
    return {
        "id": key("c", subscription * 10 + number),
        "originalChargeId": key("d", subscription * 10 + number),
        "productRatePlanChargeId": key("e", number),
        "number": f"C-{subscription:02}{number}",
        "name": NAMES[(subscription + number) % len(NAMES)],
        "type": "Recurring",
        "model": "FlatFee" if number else "Volume",
        "price": Decimal(subscription) + Decimal("0.50") if number else None,
        "tiers": []
        if number
        else [{"tier": 1, "startingUnit": 0, "endingUnit": 5, "price": 3, "priceFormat": "PerUnit"}],
        "quantity": None if number else 5,
        "uom": None if number else "Each",
        "billingPeriod": "Semi_Annual",
        "billingTiming": "IN_ADVANCE" if number % 2 else "IN_ARREARS",
        "segment": 1,
        "effectiveStartDate": f"2026-0{number + 1}-01",
        "chargedThroughDate": None if subscription % 2 else "2026-05-01",
    }


def _subscription(number: int) -> Row:
    return {
        "id": key("f", number),
        "subscriptionNumber": f"A-S{number:02}",
        "accountId": key("a", number % 12),
        "version": 1 + number % 2,
        "status": ("Active", "Cancelled", "Pending Activation")[number % 3],
        "termType": "TERMED",
        "termStartDate": f"2026-01-{number + 1:02}",
        "termEndDate": f"2027-01-{number + 1:02}",
        "autoRenew": number % 2 == 1,
        "initialTerm": 12,
        "createTime": f"2026-01-{number + 1:02} 10:00:00",
        "ratePlans": [
            {
                "id": key("1", number * 2 + place),
                "ratePlanName": NAMES[place],
                "productRatePlanId": key("2", place),
                "lastChangeType": "Remove" if place and number == 3 else "Add",
                "ratePlanCharges": [_charge(number * 2 + place, each) for each in range(3)],
            }
            for place in range(number % 2 + 1)
        ],
    }


def _usage(number: int) -> Row:
    return {
        "Id": key("7", number),
        "AccountId": key("a", number % 5),
        "SubscriptionNumber": None if number % 3 else f"A-S{number % 5:02}",
        "UOM": "GB",
        "Quantity": Decimal(number) / 8,
        "StartDateTime": f"2026-02-{number + 1:02}T0{number % 10}:30:00Z",
        "RbeStatus": "Pending" if number % 2 else "Processed",
        "Description": NAMES[number % len(NAMES)],
    }


ACCOUNTS = [_account(number) for number in range(14)]
SUBSCRIPTIONS = [_subscription(number) for number in range(16)]
USAGES = [_usage(number) for number in range(20)]
PRODUCT = {
    "id": key("3", 1),
    "sku": "SKU-1",
    "name": "Tern",
    "effectiveStartDate": "2020-01-01",
    "productRatePlans": [
        {
            "id": key("2", 0),
            "name": "Finch",
            "productRatePlanCharges": [
                {
                    "id": key("e", number),
                    "name": NAMES[number],
                    "type": "Recurring",
                    "model": "FlatFee",
                    "billingDay": "SpecificDayofMonth(15)",
                    "pricing": [{"currency": "USD", "price": 5}, {"currency": "EUR", "price": 4}],
                    "financeInformation": {"deferredRevenueAccountingCode": "D-1"},
                }
                for number in range(3)
            ],
        }
    ],
}
INVOICE = {
    "id": key("5", 1),
    "invoiceNumber": "INV-1",
    "accountId": key("a", 1),
    "status": "Posted",
    "amount": 110,
    "invoiceDate": "2026-02-01",
    "invoiceItems": [
        {
            "id": key("6", 1),
            "subscriptionId": key("f", 1),
            "subscriptionName": "A-S01",
            "chargeName": "Finch",
            "chargeType": "Recurring",
            "processingType": "Tax",
            "serviceStartDate": "2026-01-01",
            "serviceEndDate": "2026-01-31",
            "chargeAmount": 110,
            "taxationItems": {
                "data": [
                    {
                        "id": key("8", 1),
                        "name": "State tax",
                        "jurisdiction": "CA",
                        "salesTaxPayableAccountingCode": "Tax payable",
                        "taxAmount": 8,
                        "taxRate": 0.08,
                        "taxRateType": "Percentage",
                        "taxDate": "2026-02-01",
                        "exemptAmount": 0,
                    },
                    {"name": "City tax", "taxAmount": 2},
                ],
                "success": True,
            },
        }
    ],
}
MEMO = {
    "id": key("5", 2),
    "accountId": key("a", 1),
    "status": "Draft",
    "amount": 1,
    "items": [{"id": key("6", 2), "amount": 1, "serviceStartDate": "2026-01-01", "serviceEndDate": "2026-01-31"}],
}


def write_world(folder: Path) -> Path:
    """Write the tenant directory."""
    return write_tenant(
        folder,
        TOML,
        accounts=ACCOUNTS,
        subscriptions=SUBSCRIPTIONS,
        usage=USAGES,
        catalog=PRODUCT,
        drafts={"1.json": INVOICE, "2.json": {"creditMemos": [MEMO]}},
    )


def day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def local(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=ZONE)


def decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)


def account_row(document: Row) -> Row:
    info, billing = document["basicInfo"], document["billingAndPayment"]
    return {
        "Id": info["id"],
        "AccountNumber": info["accountNumber"],
        "AutoPay": billing["autoPay"],
        "Balance": document["metrics"]["balance"],
        "Batch": info["batch"],
        "BillCycleDay": decimal(billing["billCycleDay"]),
        "BillToId": document.get("billToContact", {}).get("id"),
        "Name": info["name"],
        "Notes": info["notes"],
        "Status": info["status"],
        "TaxExemptStatus": None,
    }


def contact_row(document: Row) -> Row:
    contact = document["billToContact"]
    return {
        "Id": contact["id"],
        "AccountId": document["basicInfo"]["id"],
        "Country": "Chile",
        "FirstName": None,
        "LastName": contact["lastName"],
    }


def subscription_row(document: Row) -> Row:
    return {
        "Id": document["id"],
        "AccountId": document["accountId"],
        "AutoRenew": document["autoRenew"],
        "CreatedDate": local(document["createTime"]),
        "InitialTerm": Decimal(12),
        "Name": document["subscriptionNumber"],
        "Status": document["status"].replace(" ", ""),
        "TermEndDate": day(document["termEndDate"]),
        "TermStartDate": day(document["termStartDate"]),
        "Version": decimal(document["version"]),
    }


def plan_row(document: Row, plan: Row) -> Row:
    return {
        "Id": plan["id"],
        "Name": plan["ratePlanName"],
        "ProductRatePlanId": plan["productRatePlanId"],
        "SubscriptionId": document["id"],
    }


def charge_row(plan: Row, charge: Row) -> Row:
    return {
        "Id": charge["id"],
        "BillingPeriod": "Semi-Annual",
        "BillingTiming": "In Advance" if charge["billingTiming"] == "IN_ADVANCE" else "In Arrears",
        "ChargedThroughDate": day(charge["chargedThroughDate"]),
        "ChargeModel": "Flat Fee Pricing" if charge["model"] == "FlatFee" else "Volume Pricing",
        "ChargeNumber": charge["number"],
        "EffectiveStartDate": day(charge["effectiveStartDate"]),
        "Name": charge["name"],
        "OriginalId": charge["originalChargeId"],
        "Price": charge["price"],
        "ProductRatePlanChargeId": charge["productRatePlanChargeId"],
        "Quantity": decimal(charge["quantity"]),
        "RatePlanId": plan["id"],
        "Segment": Decimal(1),
        "UOM": charge["uom"],
    }


def usage_row(document: Row) -> Row:
    return {
        "Id": document["Id"],
        "AccountId": document["AccountId"],
        "AccountNumber": f"A-{int(document['AccountId'][1:], 16):02}",
        "Description": document["Description"],
        "Quantity": document["Quantity"],
        "RbeStatus": document["RbeStatus"],
        "StartDateTime": local(document["StartDateTime"]),
        "SubscriptionNumber": document["SubscriptionNumber"],
        "UOM": "GB",
    }


PLANS = [(each, plan) for each in SUBSCRIPTIONS for plan in each["ratePlans"]]
ROWS: dict[str, list[Row]] = {
    "Account": [account_row(each) for each in ACCOUNTS],
    "Contact": [contact_row(each) for each in ACCOUNTS if "billToContact" in each],
    "Subscription": [subscription_row(each) for each in SUBSCRIPTIONS],
    "RatePlan": [plan_row(each, plan) for each, plan in PLANS if plan["lastChangeType"] != "Remove"],
    "RatePlanCharge": [charge_row(plan, charge) for _, plan in PLANS for charge in plan["ratePlanCharges"]],
    "Usage": [usage_row(each) for each in USAGES],
}
"""The rows of objects, in the order in which queries answer them: by account, by subscription, by usage record."""

FIELDS: dict[str, list[str]] = {name: list(rows[0]) for name, rows in ROWS.items()}
Where = Callable[[Row], bool | None]
