"""Make a tenant of any size: `python -m bench.generate_tenant --accounts 200000 DIR [--database URL]`.

The same seed gives the same accounts, and an account is the same in a tenant of any size. The accounts resemble real
subscription businesses: several subscriptions for some accounts, monthly to annual charges of the usual models,
discounts, one-time fees, usage, evergreen and self-renewing subscriptions, four currencies, all bill days of a month.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from soapsvc.engine.schedule import add_months
from soapsvc.tenant import Store, import_tenant

TODAY = date(2026, 1, 15)
SETTINGS = """time_zone = "America/Los_Angeles"

[billing_rules]
invoicePastEndOfTermAutoRenewOn = true

[[users]]
username = "bench@example.com"
password = "bench"
client_id = "bench"
client_secret = "bench"
"""
PERIODS = {"Month": 1, "Quarter": 3, "Semi_Annual": 6, "Annual": 12}
CURRENCIES = ("USD", "EUR", "GBP", "JPY")
BILL_DAYS = (1, 1, 1, 1, 15, *range(1, 32))
UNITS = ("Each", "Seat", "GB", "Hour")

Document = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=200_000)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--database", metavar="URL", help="import the tenant there too")
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    counts = write_tenant(arguments.folder, arguments.accounts, arguments.seed)
    print(f"{counts} in {arguments.folder}")
    if arguments.database:
        store = Store.open(arguments.database)
        print(import_tenant(store, arguments.folder).counts)
        store.close()


def write_tenant(folder: Path, accounts: int, seed: str = "1") -> dict[str, int]:
    """Write a tenant directory with one account in memory at a time; returns the number of documents of each kind."""
    folders = {kind: folder / kind for kind in ("accounts", "subscriptions", "usage")}
    for path in folders.values():
        path.mkdir(parents=True, exist_ok=True)
    (folder / "tenant.toml").write_text(SETTINGS)
    counts = dict.fromkeys(folders, 0)
    files = {kind: (path / "generated.jsonl").open("w", encoding="utf-8") for kind, path in folders.items()}
    for number in range(accounts):
        for kind, document in AccountMaker(number, seed).documents():
            files[kind].write(f"{json.dumps(document, separators=(',', ':'))}\n")
            counts[kind] += 1
    for file in files.values():
        file.close()
    return counts


@dataclass
class AccountMaker:
    """Makes one account with all its documents."""

    number: int
    seed: str

    def __post_init__(self) -> None:
        self._random = Random(f"{self.seed}/{self.number}")  # noqa: S311 - made-up data
        self._ids = 0

    def documents(self) -> Iterator[tuple[str, Document]]:
        """The folder and the content of each document."""
        draw = self._random
        self.id = f"{draw.getrandbits(64):016x}{self.number:016x}"
        self.currency = draw.choices(CURRENCIES, (70, 15, 10, 5))[0]
        yield (
            "accounts",
            {
                "basicInfo": {
                    "id": self.id,
                    "accountNumber": f"A{self.number:09}",
                    "name": f"Customer {self.number}",
                    "status": "Active",
                    "batch": f"Batch{draw.randint(1, 20)}",
                },
                "billingAndPayment": {"billCycleDay": draw.choice(BILL_DAYS), "currency": self.currency},
            },
        )
        for index in range(draw.choices((1, 2, 3, 5), (70, 18, 8, 4))[0]):
            yield from self._subscription(index)

    def _subscription(self, index: int) -> Iterator[tuple[str, Document]]:
        draw, number = self._random, f"A-S{self.number:09}-{index}"
        start = TODAY - timedelta(days=draw.randrange(1, 1000))
        evergreen = draw.random() < 0.15
        term_start = start
        while not evergreen and add_months(term_start, 12) <= TODAY:
            term_start = add_months(term_start, 12)
        end = None if evergreen else add_months(term_start, 12)
        charges = [
            self._recurring(number, at, start, end) for at in range(draw.choices((1, 2, 3, 4), (45, 30, 15, 10))[0])
        ]
        if draw.random() < 0.2:
            charges.append(self._discount(number, len(charges), start, end))
        if draw.random() < 0.1:
            charges.append(self._one_time(number, len(charges)))
        usage = []
        if draw.random() < 0.15:
            charge = self._usage_charge(number, len(charges), start, end)
            charges.append(charge)
            usage = [self._usage(number, charge) for _ in range(draw.randrange(1, 12))]
        document = {
            "id": self._id(),
            "subscriptionNumber": number,
            "accountId": self.id,
            "version": 1,
            "status": "Active",
            "termType": "EVERGREEN" if evergreen else "TERMED",
            "contractEffectiveDate": str(start),
            "serviceActivationDate": str(start),
            "customerAcceptanceDate": str(start),
            "subscriptionStartDate": str(start),
            "termStartDate": str(term_start),
            "autoRenew": not evergreen and draw.random() < 0.6,
            "renewalSetting": "RENEW_WITH_SPECIFIC_TERM",
            "renewalTerm": 12,
            "renewalTermPeriodType": "Month",
            "ratePlans": [{"id": self._id(), "productName": "Plan", "productSku": "SKU-1", "ratePlanCharges": charges}],
        }
        if end is not None:
            document |= {"termEndDate": str(end), "subscriptionEndDate": str(end)}
        yield "subscriptions", document
        for record in usage:
            yield "usage", record

    def _recurring(self, subscription: str, index: int, start: date, end: date | None) -> Document:
        draw = self._random
        period = draw.choices(tuple(PERIODS), (75, 10, 5, 10))[0]
        in_arrears = draw.random() < 0.1
        charged_through = start
        while add_months(charged_through, PERIODS[period]) <= TODAY:
            charged_through = add_months(charged_through, PERIODS[period])
        if not in_arrears:
            charged_through = add_months(charged_through, PERIODS[period])
        charge = self._charge(subscription, index, "Recurring", start, end) | {
            "billingPeriod": period,
            "billingTiming": "IN_ARREARS" if in_arrears else "IN_ADVANCE",
            "billingDay": "ChargeTriggerDay",
            "billingPeriodAlignment": "AlignToCharge",
            "listPriceBase": "Per_Billing_Period",
            "endDateCondition": "Subscription_End",
            "chargedThroughDate": str(charged_through),
        }
        return charge | self._price()

    def _price(self) -> Document:
        draw = self._random
        model = draw.choices(("FlatFee", "PerUnit", "Volume", "Tiered"), (55, 35, 5, 5))[0]
        price = draw.randrange(500, 50_000)
        priced = price if self.currency == "JPY" else price / 100
        if model == "FlatFee":
            return {"model": model, "price": priced}
        quantity = {"quantity": draw.randrange(1, 200), "uom": draw.choice(UNITS)}
        if model == "PerUnit":
            return {"model": model, "price": priced, **quantity}
        tiers = [
            {"tier": 1, "startingUnit": 0, "endingUnit": 50, "price": priced, "priceFormat": "PerUnit"},
            {"tier": 2, "startingUnit": 51, "endingUnit": None, "price": priced / 2, "priceFormat": "PerUnit"},
        ]
        return {"model": model, "tiers": tiers, **quantity}

    def _discount(self, subscription: str, index: int, start: date, end: date | None) -> Document:
        return self._charge(subscription, index, "Recurring", start, end) | {
            "model": "DiscountPercentage",
            "discountPercentage": self._random.choice((5, 10, 12.5, 20)),
            "discountLevel": "rateplan",
            "applyDiscountTo": "ONETIMERECURRINGUSAGE",
            "billingPeriod": "Month",
            "endDateCondition": "Subscription_End",
        }

    def _one_time(self, subscription: str, index: int) -> Document:
        day = TODAY + timedelta(days=self._random.randrange(60))
        price = {"model": "FlatFee", "price": self._random.randrange(10, 500)}
        charge = self._charge(subscription, index, "OneTime", day, day + timedelta(days=1))
        return charge | {"endDateCondition": "One_Time", **price}

    def _usage_charge(self, subscription: str, index: int, start: date, end: date | None) -> Document:
        through = TODAY.replace(day=1)
        return self._charge(subscription, index, "Usage", start, end) | {
            "model": "PerUnit",
            "price": self._random.randrange(1, 100),
            "uom": "GB",
            "billingPeriod": "Month",
            "billingTiming": "IN_ARREARS",
            "billingDay": "DefaultFromCustomer",
            "billingPeriodAlignment": "AlignToCharge",
            "listPriceBase": "Per_Billing_Period",
            "endDateCondition": "Subscription_End",
            "ratingGroup": "ByBillingPeriod",
            "chargedThroughDate": str(max(start, through)),
        }

    def _charge(self, subscription: str, index: int, kind: str, start: date, end: date | None) -> Document:
        return {
            "id": self._id(),
            "originalChargeId": self._id(),
            "number": f"C-{subscription[3:]}-{index}",
            "name": f"{kind} charge {index}",
            "type": kind,
            "currency": self.currency,
            "effectiveStartDate": str(start),
            "effectiveEndDate": str(end) if end is not None else None,
        }

    def _usage(self, subscription: str, charge: Document) -> Document:
        day = TODAY - timedelta(days=self._random.randrange(15))
        return {
            "UniqueKey": self._id(),
            "AccountId": self.id,
            "SubscriptionNumber": subscription,
            "ChargeNumber": charge["number"],
            "UOM": charge["uom"],
            "Quantity": self._random.randrange(1, 500),
            "StartDateTime": f"{day}T00:00:00.000-08:00",
        }

    def _id(self) -> str:
        """An id in the vendor's form: 32 hex digits, which include its creation time."""
        self._ids += 1
        return f"8a{self.number:014x}018f{self.number % 65536:04x}{self._ids:04x}{self._random.getrandbits(16):04x}"


if __name__ == "__main__":
    main()
