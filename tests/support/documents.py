"""The vendor's v1 JSON in a few words; values that a test does not give are usual ones.

`account()`, `subscription(charge())` are as the API returns them; keywords are v1 field names and replace or add.
"""

from __future__ import annotations

from typing import Any

ACCOUNT_ID = "8ad0f00dacc0000101948a5b50010001"


def account(number: str = "A-1", **facts: Any) -> dict[str, Any]:
    """A v1 account; `id`, `name`, `batch` and the like are put where the API has them."""
    billing = {key: facts.pop(key) for key in ("billCycleDay", "currency") if key in facts}
    document: dict[str, Any] = {key: facts.pop(key) for key in ("billToContact", "soldToContact") if key in facts}
    document["basicInfo"] = {
        "id": ACCOUNT_ID,
        "accountNumber": number,
        "name": "Finch & Co",
        "status": "Active",
        **facts,
    }
    document["billingAndPayment"] = {"billCycleDay": 1, "currency": "USD", **billing}
    return document


def charge(number: str = "C-1", **facts: Any) -> dict[str, Any]:
    """A monthly flat fee of 10 in advance."""
    return {
        "id": f"id-of-{number}",
        "number": number,
        "type": "Recurring",
        "model": "FlatFee",
        "price": 10,
        "billingPeriod": "Month",
        "billingTiming": "IN_ADVANCE",
        "effectiveStartDate": "2026-01-01",
        "effectiveEndDate": "2027-01-01",
        **facts,
    }


def subscription(*charges: dict[str, Any], number: str = "A-S1", **facts: Any) -> dict[str, Any]:
    """A termed subscription with all charges in one rate plan."""
    return {
        "id": f"id-of-{number}",
        "subscriptionNumber": number,
        "status": "Active",
        "termType": "TERMED",
        "termStartDate": "2026-01-01",
        "termEndDate": "2027-01-01",
        "ratePlans": [{"id": "plan-1", "productName": "Rack space", "ratePlanCharges": list(charges)}],
        **facts,
    }


def usage(quantity: object = 1, start: str = "2026-01-15", **facts: Any) -> dict[str, Any]:
    """A usage record of the only account."""
    return {"Quantity": quantity, "StartDateTime": start, "UOM": "Each", **facts}
