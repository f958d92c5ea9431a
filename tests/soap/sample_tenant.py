"""A small tenant for the tests of the SOAP API, in Shanghai (+08:00), where it is 2014-05-28 18:34:49.643.

SAMPLE     two usage charges of one subscription, each used in the service period 2014-05-23 .. 2014-05-31
MONTHLY    10.00 a month from 2014-06-01, half off: each item has a discount item
EMPTY      no subscription at all
BROKEN     a charge whose price is missing
RENEWED    5.00 a month, with a term that ends on 2014-06-30 and renews by itself
EVERGREEN  7.00 a month from 2014-06-01, without end
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.support.tenants import write_tenant

NOW = datetime(2014, 5, 28, 10, 34, 49, 643000, tzinfo=UTC)

SAMPLE = "402892154627d9a2014627e1b0b60114"
MONTHLY = "4028921546278888014627e1b0b60001"
EMPTY = "4028921546278888014627e1b0b60002"
BROKEN = "4028921546278888014627e1b0b60003"
RENEWED = "4028921546278888014627e1b0b60004"
EVERGREEN = "4028921546278888014627e1b0b60005"
UNKNOWN = "00000000000000000000000000000000"
_ACCOUNTS = (SAMPLE, MONTHLY, EMPTY, BROKEN, RENEWED, EVERGREEN)

USER, PASSWORD = "jo@example.com", "pass & word <1>"

_TOML = """
time_zone = "Asia/Shanghai"

[tenant]
id = "42"
name = "Sample & Sons"

[[users]]
username = "jo@example.com"
password = "pass & word <1>"
name = "Jo"
email = "jo@example.com"
"""


def _id(kind: str, number: int) -> str:
    return f"40289215{kind}{number:0{24 - len(kind)}d}"


def _account(account_id: str, number: int) -> dict[str, Any]:
    return {
        "basicInfo": {"id": account_id, "accountNumber": f"A0000000{number}", "name": "Sample", "status": "Active"},
        "billingAndPayment": {"billCycleDay": 1, "currency": "USD"},
    }


def _subscription(account_id: str, number: int, charges: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    plan = {"id": _id("aa", number), "productName": 'Tea & "Biscuits" <Ltd>', "ratePlanCharges": charges}
    return {
        "id": _id("bb", number),
        "accountId": account_id,
        "subscriptionNumber": f"A-S0000001{number}",
        "status": "Active",
        "termType": "TERMED",
        "subscriptionStartDate": "2014-05-23",
        "contractEffectiveDate": "2014-05-23",
        "termStartDate": "2014-05-23",
        "termEndDate": "2015-05-23",
        "ratePlans": [plan],
        **more,
    }


def _charge(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": _id("cc", number),
        "originalChargeId": _id("dd", number),
        "number": f"C-0000006{number}",
        "name": "Tea",
        "type": "Recurring",
        "model": "FlatFee",
        "price": 10,
        "billingPeriod": "Month",
        "billingTiming": "IN_ADVANCE",
        "billingDay": "DefaultFromCustomer",
        "billingPeriodAlignment": "AlignToCharge",
        "listPriceBase": "Per_Billing_Period",
        "endDateCondition": "Subscription_End",
        "effectiveStartDate": "2014-06-01",
        "effectiveEndDate": "2015-05-23",
        **more,
    }


def _usage_charge(number: int, price: int) -> dict[str, Any]:
    return _charge(
        number,
        type="Usage",
        model="PerUnit",
        price=price,
        uom="Each",
        billingTiming="IN_ARREARS",
        effectiveStartDate="2014-05-23",
    )


def _discount(number: int) -> dict[str, Any]:
    return _charge(
        number,
        name="Half off",
        model="DiscountPercentage",
        price=None,
        discountPercentage=50,
        discountLevel="rateplan",
        applyDiscountTo="ONETIMERECURRINGUSAGE",
    )


def _usage(charge: int, quantity: int) -> dict[str, Any]:
    return {
        "accountId": SAMPLE,
        "chargeNumber": f"C-0000006{charge}",
        "subscriptionNumber": "A-S00000019",
        "unitOfMeasure": "Each",
        "quantity": quantity,
        "startDateTime": "2014-05-25",
    }


def write_sample_tenant(folder: Path, users: Sequence[str] = ()) -> Path:
    """Write the tenant directory; further users have the same password."""
    more = (f'[[users]]\nusername = "{user}"\npassword = "{PASSWORD}"\n' for user in users)
    accounts = [_account(each, 1 + place) for place, each in enumerate(_ACCOUNTS)]
    subscriptions = [
        _subscription(SAMPLE, 9, [_usage_charge(0, 0), _usage_charge(3, 2)]),
        _subscription(MONTHLY, 2, [_charge(4), _discount(5)]),
        _subscription(BROKEN, 3, [_charge(6, price=None)]),
        _subscription(RENEWED, 4, [_charge(7, price=5)], termEndDate="2014-07-01", autoRenew=True, renewalTerm=12),
        _subscription(
            EVERGREEN, 5, [_charge(8, price=7, effectiveEndDate=None)], termType="EVERGREEN", termEndDate=None
        ),
    ]
    return write_tenant(
        folder,
        "\n".join((_TOML, *more)),
        accounts={f"{place}.json": account for place, account in enumerate(accounts)},
        subscriptions=subscriptions,
        usage=[_usage(0, 10), _usage(3, 5)],
    )
