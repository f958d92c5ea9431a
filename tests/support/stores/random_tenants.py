"""Random tenants with random hidden settings: accounts of every kind that a billing rule touches, as v1 documents.

Everything is derived from a seed. The accounts are small, and each has many features: stubs, credits, discounts,
usage around midnight, taxes, terms that end within a period.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, get_type_hints

from soapsvc.engine.account import BillingRules, TaxRate
from soapsvc.engine.result import AssumeRenewal, PreviewRequest
from soapsvc.parity.recording import AccountData
from soapsvc.tenant.formats import RULE_VALUES, TenantSettings

CURRENCIES = ("USD", "EUR", "JPY", "CHF")
ZONES = ("America/Los_Angeles", "Europe/London", "Asia/Tokyo", "Australia/Sydney", "America/New_York", "Asia/Kolkata")
EPOCH = date(2025, 1, 1)
_ROUNDING = ("decimals", "rounding_mode", "rounding_increment")
_KINDS = ("plain", "stub", "long", "weekly", "credit", "one_time", "discounted", "usage", "taxed", "ending", "mixed")


def hidden_settings(random: Random) -> TenantSettings:
    """Hidden settings: each rule differs from its default with an even chance."""
    hints = get_type_hints(BillingRules)
    rules: dict[str, object] = {}
    for rule in fields(BillingRules):
        if rule.name in _ROUNDING or random.random() < 0.5:
            continue
        values = (True, False) if hints[rule.name] is bool else RULE_VALUES[rule.name]
        rules[rule.name] = random.choice(values)
    currencies: dict[str, dict[str, object]] = {}
    for currency in CURRENCIES:
        if random.random() < 0.4:
            currencies[currency] = {"rounding_mode": random.choice(RULE_VALUES["rounding_mode"])}
    if random.random() < 0.5:
        currencies.setdefault("CHF", {})["rounding_increment"] = Decimal("0.05")
    rates = tuple(
        TaxRate(Decimal(random.choice(["20", "19", "5.5", "7", "2.35", "25"])), tax_code=code)
        for code in ("VAT-A", "VAT-B")
        if random.random() < 0.7
    )
    return TenantSettings(time_zone=random.choice(ZONES), rules=rules, currencies=currencies, tax_rates=rates)


@dataclass
class _Maker:
    random: Random
    number: int

    def account(self, kind: str) -> AccountData:
        random, name = self.random, f"A-{self.number}"
        account = {
            "id": f"id-{name}",
            "accountNumber": name,
            "billCycleDay": random.choice([1, 1, 10, 15, 28, 31]),
            "currency": random.choice(CURRENCIES),
            "status": "Active",
        }
        subscriptions = [self.subscription(kind, place) for place in range(random.choice([1, 1, 2]))]
        usage = tuple(self.usage(subscriptions)) if kind in ("usage", "mixed") else ()
        return AccountData(account, tuple(subscriptions), usage)

    def subscription(self, kind: str, place: int) -> dict[str, Any]:
        random = self.random
        number = f"S-{self.number}-{place}"
        start = EPOCH + timedelta(random.randrange(0, 200))
        if kind == "plain":
            start = start.replace(day=1)
        months = random.choice([6, 10, 12, 12, 13])
        end = _later(start, months)
        kinds = random.sample(_KINDS[:-1], 3) if kind == "mixed" else [kind]
        charges: list[dict[str, Any]] = []
        for part in kinds:
            charges += self.charges(part, start, end, f"{number}-{len(charges)}")
        return {
            "id": f"id-{number}",
            "subscriptionNumber": number,
            "status": "Active",
            "termType": "TERMED",
            "termStartDate": start.isoformat(),
            "termEndDate": end.isoformat(),
            "subscriptionStartDate": start.isoformat(),
            "contractEffectiveDate": start.isoformat(),
            "autoRenew": random.random() < 0.5,
            "renewalTerm": 12,
            "renewalTermPeriodType": "Month",
            "ratePlans": [{"id": f"plan-{number}", "productName": "Box", "ratePlanCharges": charges}],
        }

    def charges(self, kind: str, start: date, end: date, number: str) -> list[dict[str, Any]]:
        random = self.random
        base = self.recurring(start, end, f"C-{number}")
        match kind:
            case "long":
                base |= {"billingPeriod": random.choice(["Quarter", "Semi_Annual", "Annual"])}
            case "weekly":
                base |= {"billingPeriod": "Week", "billingDay": "DefaultFromCustomer"}
            case "credit":
                billed = _later(start.replace(day=1), random.choice([2, 3, 4]))
                gone = billed - timedelta(random.randrange(3, 50))
                period = random.choice(["Month", "Month", "Quarter"])
                base |= {"chargedThroughDate": billed.isoformat(), "effectiveEndDate": max(gone, start).isoformat()}
                base |= {"billingPeriod": period, "billingDay": "SpecificDayofMonth", "specificBillingDay": 1}
                base |= {"billingDay": "SpecificDayofMonth(1)"}
            case "one_time":
                return [base, self.one_time(start, number)]
            case "discounted":
                return [base, *self.discounts(start, end, number)]
            case "usage":
                return [base, self.metered(start, end, number)]
            case "taxed":
                base |= {"taxMode": "TaxInclusive", "taxCode": random.choice(["VAT-A", "VAT-B"])}
            case "ending":
                base |= {"billingPeriod": random.choice(["Quarter", "Annual", "Semi_Annual"])}
                base |= {"billingPeriodAlignment": "AlignToCharge"}
        return [base]

    def recurring(self, start: date, end: date, number: str) -> dict[str, Any]:
        random = self.random
        return {
            "id": f"id-{number}",
            "number": number,
            "name": random.choice(["Weekly box", "Paper", "Seats"]),
            "type": "Recurring",
            "model": "FlatFee",
            "price": Decimal(random.randrange(300, 30000)) / 100,
            "billingPeriod": "Month",
            "billingTiming": random.choice(["IN_ADVANCE", "IN_ADVANCE", "IN_ARREARS"]),
            "billingDay": random.choice(["DefaultFromCustomer", "DefaultFromCustomer", "ChargeTriggerDay"]),
            "billingPeriodAlignment": random.choice(["AlignToCharge", "AlignToSubscriptionStart", "AlignToTermStart"]),
            "listPriceBase": "Per_Billing_Period",
            "endDateCondition": "Subscription_End",
            "effectiveStartDate": start.isoformat(),
            "effectiveEndDate": end.isoformat(),
        }

    def one_time(self, start: date, number: str) -> dict[str, Any]:
        removed = self.random.random() < 0.5
        return {
            "id": f"id-C-{number}-O",
            "number": f"C-{number}-O",
            "name": "Set-up",
            "type": "OneTime",
            "model": "FlatFee",
            "price": Decimal(self.random.randrange(1000, 9000)) / 100,
            "endDateCondition": "One_Time",
            "effectiveStartDate": start.isoformat(),
            "effectiveEndDate": (start - timedelta(1) if removed else start + timedelta(1)).isoformat(),
            "chargedThroughDate": (start + timedelta(1)).isoformat() if removed else None,
        }

    def discounts(self, start: date, end: date, number: str) -> Iterator[dict[str, Any]]:
        random = self.random
        for place in range(random.choice([1, 2, 2])):
            fixed = random.random() < 0.3
            yield {
                "id": f"id-C-{number}-D{place}",
                "number": f"C-{number}-D{place}",
                "name": "Loyalty",
                "type": "Recurring",
                "model": "DiscountFixedAmount" if fixed else "DiscountPercentage",
                "discountAmount": random.randrange(1, 9) if fixed else None,
                "discountPercentage": None if fixed else random.choice([10, Decimal("12.5"), 25, 33]),
                "discountLevel": "subscription",
                "discountClass": f"class {random.randrange(2)}",
                "discountClassOrder": random.randrange(1, 3),
                "isStackedDiscount": random.random() < 0.7,
                "applyDiscountTo": "ONETIMERECURRINGUSAGE",
                "billingPeriod": "Month",
                "billingDay": "DefaultFromCustomer",
                "endDateCondition": "Subscription_End",
                "effectiveStartDate": start.isoformat(),
                "effectiveEndDate": end.isoformat(),
            }

    def metered(self, start: date, end: date, number: str) -> dict[str, Any]:
        charge = self.recurring(start, end, f"C-{number}-U")
        return charge | {
            "type": "Usage",
            "model": "PerUnit",
            "uom": "Each",
            "price": Decimal(self.random.randrange(1, 3000)) / 1000,
            "billingTiming": None,
            "billingDay": "DefaultFromCustomer",
        }

    def usage(self, subscriptions: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        random = self.random
        for subscription in subscriptions:
            first = date.fromisoformat(subscription["termStartDate"])
            for _ in range(random.randrange(8, 25)):
                day = first + timedelta(random.randrange(0, 300))
                if random.random() < 0.5:
                    day = day.replace(day=1)
                moment = datetime(day.year, day.month, day.day, random.randrange(24), random.randrange(60), tzinfo=UTC)
                yield {
                    "accountId": f"id-A-{self.number}",
                    "subscriptionNumber": subscription["subscriptionNumber"],
                    "uom": "Each",
                    "quantity": Decimal(random.randrange(1, 4000)) / 100,
                    "startDateTime": moment.isoformat(),
                }


def random_accounts(random: Random, count: int) -> list[AccountData]:
    """Accounts of all kinds in turn."""
    return [_Maker(random, number).account(_KINDS[number % len(_KINDS)]) for number in range(count)]


def random_request(random: Random) -> PreviewRequest:
    """A request some months ahead, under any assumption on renewals."""
    target = EPOCH + timedelta(random.randrange(200, 600))
    return PreviewRequest(target, random.choice(list(AssumeRenewal)))


def _later(start: date, months: int) -> date:
    year, month = divmod(start.month - 1 + months, 12)
    return date(start.year + year, month + 1, min(start.day, 28))
