"""The accounts and calls that every contestant is measured with.

(a) one request of two items; (b) one request of 240 items, a monthly charge over 20 years; (c) 20 requests of 240
items; (d) one account of 1,000 monthly charges over 36 periods. All charges are flat fees of synthetic accounts.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

START = "2024-01-01"
USER, PASSWORD = "bench@example.com", "bench"


@dataclass(frozen=True)
class Workload:
    """A call of `requests` requests for accounts of `charges` monthly charges, each with `periods` due periods."""

    name: str
    requests: int
    charges: int
    periods: int

    @property
    def items(self) -> int:
        """The number of items in the answer."""
        return self.requests * self.charges * self.periods

    @property
    def target_date(self) -> str:
        """The start of the last due period."""
        months = self.periods - 1
        return f"{2024 + months // 12}-{months % 12 + 1:02d}-01"

    def account_id(self, number: int) -> str:
        """The account of request `number`."""
        return f"{self.charges:04d}{number:028x}"

    def call(self, session: str) -> bytes:
        """The envelope, as a generated client of WSDL 61.0 sends it."""
        requests = "".join(
            f"<api:requests><api:AccountId>{self.account_id(number)}</api:AccountId>"
            f"<api:TargetDate>{self.target_date}T00:00:00</api:TargetDate></api:requests>"
            for number in range(self.requests)
        )
        return (
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:api="http://api.zuora.com/">'
            f"<soapenv:Header><api:SessionHeader><api:session>{session}</api:session></api:SessionHeader></soapenv:Header>"
            f"<soapenv:Body><api:billingPreview>{requests}</api:billingPreview></soapenv:Body></soapenv:Envelope>"
        ).encode()


WORKLOADS = (
    Workload("a: 1 x 2 items", 1, 2, 1),
    Workload("b: 1 x 240 items", 1, 1, 240),
    Workload("c: 20 x 240 items", 20, 1, 240),
    Workload("d: 1 x 1,000 charges x 36", 1, 1000, 36),
)
LARGE = Workload("20 x 5,000 items", 20, 25, 200)


def write_tenant(folder: Path) -> Path:
    """Writes the tenant that holds the accounts of every workload."""
    (folder / "accounts").mkdir(parents=True)
    (folder / "subscriptions").mkdir()
    accounts, subscriptions = [], []
    for charges, count in sorted({(work.charges, work.requests) for work in (*WORKLOADS, LARGE)}):
        for number in range(count):
            account_id = f"{charges:04d}{number:028x}"
            if any(account["basicInfo"]["id"] == account_id for account in accounts):
                continue
            accounts.append(_account(account_id))
            subscriptions.append(_subscription(account_id, charges))
    (folder / "accounts" / "accounts.json").write_text(json.dumps(accounts), encoding="utf-8")
    (folder / "subscriptions" / "subscriptions.json").write_text(json.dumps(subscriptions), encoding="utf-8")
    settings = f'time_zone = "America/Los_Angeles"\n[[users]]\nusername = "{USER}"\npassword = "{PASSWORD}"\n'
    (folder / "tenant.toml").write_text(settings, encoding="utf-8")
    return folder


def _account(account_id: str) -> dict[str, dict[str, object]]:
    return {
        "basicInfo": {"id": account_id, "accountNumber": f"A-{account_id[:4]}-{account_id[-4:]}", "name": "Benchmark"},
        "billingAndPayment": {"billCycleDay": 1, "currency": "USD"},
    }


def _subscription(account_id: str, charges: int) -> dict[str, object]:
    return {
        "id": f"{account_id[:4]}{'b' * 24}{account_id[-4:]}",
        "accountId": account_id,
        "subscriptionNumber": f"A-S{account_id[:4]}{account_id[-4:]}",
        "status": "Active",
        "termType": "TERMED",
        "subscriptionStartDate": START,
        "termStartDate": START,
        "termEndDate": "2064-01-01",
        "autoRenew": True,
        "renewalTerm": 12,
        "renewalTermPeriodType": "Month",
        "ratePlans": [
            {
                "id": f"{account_id[:4]}{'c' * 24}{account_id[-4:]}",
                "productName": "Digital & Print",
                "ratePlanCharges": [_charge(account_id, number) for number in range(charges)],
            }
        ],
    }


def _charge(account_id: str, number: int) -> dict[str, object]:
    return {
        "id": f"{account_id[:4]}{number:024x}{account_id[-4:]}",
        "originalChargeId": f"{account_id[:4]}{number:024x}{account_id[-4:]}",
        "number": f"C-{number:08d}",
        "name": "Monthly Fee",
        "type": "Recurring",
        "model": "FlatFee",
        "price": 9.99,
        "quantity": 1,
        "uom": "Each",
        "billingPeriod": "Month",
        "billingDay": "DefaultFromCustomer",
        "billingTiming": "IN_ADVANCE",
        "listPriceBase": "Per_Billing_Period",
        "endDateCondition": "Subscription_End",
        "effectiveStartDate": START,
        "effectiveEndDate": "2064-01-01",
    }
