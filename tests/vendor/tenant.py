"""A tenant to be fetched: its accounts have data for billing, and personal data that must not be fetched."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.support.tenants import write_tenant

NOW = datetime(2024, 7, 9, 12, 0, 0, tzinfo=UTC)
CLIENT_ID, CLIENT_SECRET = "reader", "reader-secret"
BATCHES = 4
TOML = f"""
time_zone = "Europe/London"
[tenant]
id = "77"
name = "Finch"
[api]
session_minutes = 480
[billing_rules]
prorationUnit = "ProrateByMonthFirst"
creditMethod = "CreditPeriod"
invoicePastEndOfTermAutoRenewOn = false
taxInclusiveRounding = "TaxAmount"
lateUsage = true
[currencies.CHF]
decimals = 2
rounding_increment = 0.05
[[tax_rate]]
percent = 7.5
tax_code = "VAT"
country = "Norway"
[[unit_of_measure]]
name = "GB"
decimals = 1
[[users]]
username = "reader@example.com"
password = "reader-password"
client_id = "{CLIENT_ID}"
client_secret = "{CLIENT_SECRET}"
"""
SECRETS_OF_PEOPLE = ("Jane Roe", "jane.roe@example.com", "1 Mill Lane", "+44 20 7946 0000", "prefers calls at noon")


def account(index: int) -> dict[str, Any]:
    """The account with this number; every tenth has parts that a subscription of the next one is invoiced to."""
    name, mail, street, phone, note = SECRETS_OF_PEOPLE
    return {
        "basicInfo": {
            "id": f"{index:032x}",
            "accountNumber": f"A{index:08d}",
            "name": name,
            "batch": f"Batch{index % BATCHES + 1}",
            "status": "Active",
            "notes": note,
            "updatedDate": f"2024-0{1 + index % 9}-01T00:00:00+00:00",
            "Contact__c": mail,
            "Tier__c": "gold",
        },
        "billingAndPayment": {"billCycleDay": 1 + index % 28, "currency": "USD", "additionalEmailAddresses": [mail]},
        "billToContact": {
            "id": f"b{index:031x}",
            "firstName": name,
            "workEmail": mail,
            "address1": street,
            "workPhone": phone,
            "country": "Norway",
        },
        "soldToContact": None,
        "success": True,
    }


def subscription(index: int, place: int = 0, payer: int | None = None) -> dict[str, Any]:
    """A subscription of an account: a monthly price of 2 x 10.10 in two segments, and usage in arrears."""
    identity = index * 100 + place
    owner = {"invoiceOwnerAccountId": f"{payer:032x}"} if payer is not None else {}
    recurring = {
        "id": f"c{identity:031x}",
        "originalChargeId": f"c{identity:031x}",
        "number": f"C-{identity:08d}",
        "name": "Seats",
        "type": "Recurring",
        "model": "PerUnit",
        "uom": "Each",
        "billingPeriod": "Month",
        "billingTiming": "IN_ADVANCE",
        "billingDay": "DefaultFromCustomer",
        "billingPeriodAlignment": "AlignToCharge",
        "chargeSegments": [
            {
                "id": f"{segment}{identity:031x}",
                "segment": segment,
                "effectiveStartDate": start,
                "effectiveEndDate": end,
                "quantity": quantity,
                "price": 10.10,
            }
            for segment, start, end, quantity in (
                (1, "2024-01-01", "2024-07-01", 2),
                (2, "2024-07-01", "2025-01-01", 3),
            )
        ],
    }
    usage = {
        "id": f"d{identity:031x}",
        "originalChargeId": f"d{identity:031x}",
        "number": f"C-{identity:08d}U",
        "name": "Traffic",
        "type": "Usage",
        "model": "PerUnit",
        "uom": "GB",
        "billingPeriod": "Month",
        "billingDay": "DefaultFromCustomer",
        "effectiveStartDate": "2024-01-01",
        "effectiveEndDate": "2025-01-01",
        "price": 0.25,
    }
    return {
        "id": f"e{identity:031x}",
        "subscriptionNumber": f"A-S{identity:08d}",
        "accountId": f"{index:032x}",
        "accountName": SECRETS_OF_PEOPLE[0],
        **owner,
        "status": "Active",
        "version": 1,
        "termType": "TERMED",
        "termStartDate": "2024-01-01",
        "termEndDate": "2025-01-01",
        "subscriptionStartDate": "2024-01-01",
        "subscriptionEndDate": "2025-01-01",
        "contractEffectiveDate": "2024-01-01",
        "notes": SECRETS_OF_PEOPLE[4],
        "updateTime": f"2024-0{1 + index % 9}-02 00:00:00",
        "ratePlans": [
            {
                "id": f"f{identity:031x}",
                "productRatePlanId": f"{2:032x}",
                "productName": "Cloud",
                "ratePlanName": "Basic",
                "ratePlanCharges": [recurring, usage],
            }
        ],
    }


def usage_of(index: int) -> list[dict[str, Any]]:
    """A usage record that is not billed yet, and one that was billed."""
    return [
        {
            "id": f"{kind}{index:031x}",
            "accountId": f"{index:032x}",
            "subscriptionNumber": f"A-S{index * 100:08d}",
            "chargeNumber": f"C-{index * 100:08d}U",
            "startDateTime": f"2024-0{month}-10 12:00:00",
            "unitOfMeasure": "GB",
            "quantity": "12.5",
            "status": status,
        }
        for kind, month, status in (("a", 2, "Pending"), ("b", 1, "Processed"))
    ]


PRODUCT = {
    "id": f"{1:032x}",
    "sku": "CLOUD",
    "name": "Cloud",
    "productRatePlans": [
        {
            "id": f"{2:032x}",
            "name": "Basic",
            "productRatePlanCharges": [
                {
                    "id": f"{3:032x}",
                    "name": "Seats",
                    "type": "Recurring",
                    "model": "PerUnit",
                    "pricing": [{"currency": "USD", "price": 10.10}],
                }
            ],
        }
    ],
}


def write_source(folder: Path, accounts: int, *, payers: bool = True) -> Path:
    """Write the tenant. The second account has more subscriptions than a page; the first pays one of the third."""
    subscriptions = [subscription(index) for index in range(1, accounts + 1)]
    subscriptions += [subscription(2, place) for place in range(1, 45)]
    if payers:
        subscriptions.append(subscription(3, 1, payer=1))
    return write_tenant(
        folder,
        TOML,
        accounts=[account(index) for index in range(1, accounts + 1)],
        subscriptions=subscriptions,
        usage=[record for index in range(1, accounts + 1) for record in usage_of(index)],
        catalog=[PRODUCT],
        drafts={
            "invoices.json": {
                "invoices": [
                    {
                        "id": f"{9:032x}",
                        "accountId": f"{1:032x}",
                        "status": "Draft",
                        "invoiceItems": [
                            {
                                "id": f"{10:032x}",
                                "subscriptionNumber": f"A-S{100:08d}",
                                "chargeNumber": f"C-{100:08d}",
                                "chargeName": "Seats",
                                "chargeAmount": 20.20,
                                "serviceStartDate": "2024-01-01",
                                "serviceEndDate": "2024-01-31",
                                "processingType": "Charge",
                                "quantity": 2,
                                "unitPrice": 10.10,
                            }
                        ],
                    }
                ]
            }
        },
    )
