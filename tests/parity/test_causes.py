"""Thirty-odd planted differences, each with the cause that verify must name.

`theirs` changes what the vendor billed from, or by which rules; ours is the plain account under plain rules. Beside the
planted account stand others that agree, so that a rule is named only where it breaks none of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from soapsvc.engine.result import AssumeRenewal, PreviewRequest
from soapsvc.parity.recording import AccountData
from soapsvc.parity.trials import Sample, Switch, rule_knobs
from soapsvc.parity.verification import Cause, Loaded, Verdict, verify
from soapsvc.tenant import TenantSettings
from tests.support.captures.recordings import recorded, settings_of
from tests.support.stores.random_tenants import random_accounts, random_request

Document = dict[str, Any]
Change = Callable[[Document], None]
TARGET = PreviewRequest(date(2026, 6, 15), AssumeRenewal.AUTORENEW)


def charge(number: str = "C-1", **facts: Any) -> Document:
    """A monthly flat fee of 31 in advance from January 16 on, so that it begins and ends with a stub."""
    return {
        "id": f"id-{number}", "number": number, "name": "Box", "type": "Recurring", "model": "FlatFee", "price": 31,
        "billingPeriod": "Month", "billingTiming": "IN_ADVANCE", "billingDay": "DefaultFromCustomer",
        "endDateCondition": "Subscription_End", "effectiveStartDate": "2026-01-16", "effectiveEndDate": "2027-01-16",
    } | facts  # fmt: skip


def discount(number: str = "C-D", **facts: Any) -> Document:
    """10 % off everything."""
    own = {"model": "DiscountPercentage", "discountPercentage": 10, "discountLevel": "subscription", "price": None}
    return charge(number, **(own | {"name": "Loyalty", "applyDiscountTo": "ONETIMERECURRINGUSAGE"} | facts))


def metered(number: str = "C-U", **facts: Any) -> Document:
    """2 for each unit, by months."""
    own = {"type": "Usage", "model": "PerUnit", "price": 2, "uom": "Each", "billingTiming": None}
    return charge(number, **(own | facts))


def used(quantity: object, start: str, **facts: Any) -> Document:
    return {"accountId": "id-1", "uom": "Each", "quantity": quantity, "startDateTime": start, **facts}


def account(*charges: Document, usage: Sequence[Document] = (), currency: str = "USD", **facts: Any) -> AccountData:
    document = {"id": "id-1", "accountNumber": "A-1", "billCycleDay": 1, "currency": currency}
    subscription = {
        "id": "sub", "subscriptionNumber": "S-1", "status": "Active", "termType": "TERMED", "autoRenew": True,
        "subscriptionStartDate": "2026-01-16", "termStartDate": "2026-01-16", "termEndDate": "2027-01-16",
        "renewalTerm": 12, "renewalTermPeriodType": "Month",
        "ratePlans": [{"id": "plan", "ratePlanCharges": list(charges)}],
    } | facts  # fmt: skip
    return AccountData(document, (subscription,), tuple(usage))


WHOLE = account(charge(effectiveStartDate="2026-01-01", price=20), subscriptionStartDate="2026-01-01")
"""An account on which no rule on parts of periods has anything to do."""


def theirs(data: AccountData, change: Change) -> AccountData:
    """Their data: ours with one change to the subscription."""
    subscription = deepcopy(data.subscriptions[0])
    change(subscription)
    return replace(data, subscriptions=(dict(subscription),))


def charges_of(subscription: Document) -> list[Document]:
    found: list[Document] = subscription["ratePlans"][0]["ratePlanCharges"]
    return found


def first(**facts: Any) -> Change:
    return lambda subscription: charges_of(subscription)[0].update(facts)


def adds(*more: Document) -> Change:
    return lambda subscription: charges_of(subscription).extend(more)


def removes(place: int) -> Change:
    return lambda subscription: charges_of(subscription).pop(place) and None


def divided(subscription: Document) -> None:
    """The charge has two segments, the second at another price from the tenth of March on."""
    (only,) = charges_of(subscription)
    one = only | {"effectiveEndDate": "2026-03-10", "segment": 1}
    two = only | {"effectiveStartDate": "2026-03-10", "price": 62, "segment": 2, "id": "id-C-1-2"}
    charges_of(subscription)[:] = [one, two | {"originalEffectiveStartDate": "2026-01-16"}]


def rules(**values: object) -> str:
    return "\n".join(["[billing_rules]", *(f"{name} = {json.dumps(value)}" for name, value in values.items())])


@dataclass(frozen=True)
class Planted:
    """One case: our data, what is changed of theirs or of the rules, and the cause; `says` is in the words for it."""

    name: str
    cause: Cause
    says: str = ""
    ours: AccountData = field(default_factory=lambda: account(charge()))
    change: Change | None = None
    usage: tuple[Document, ...] | None = None
    toml: str = ""
    our_toml: str = ""
    knows_recorded: bool = False
    target: PreviewRequest = TARGET


GONE = account(charge(chargedThroughDate="2026-06-01", effectiveEndDate="2026-04-10"))
QUARTER = account(charge(billingPeriod="Quarter", price=300))
NEAR_MIDNIGHT = (used(5, "2026-02-28T23:30:00-08:00"), used(7, "2026-03-15T12:00:00-08:00"))
METERED = account(metered(), usage=NEAR_MIDNIGHT)
TAXED = account(charge(price=Decimal("24.99"), taxMode="TaxInclusive", taxCode="VAT"))
ENDING = account(charge(billingPeriod="Quarter", price=300), autoRenew=False, termEndDate="2026-05-20")
ENDING = theirs(ENDING, first(effectiveEndDate="2026-05-20"))
RATE = '[[tax_rate]]\npercent = {}\ntax_code = "VAT"'
NO_RENEWAL = PreviewRequest(date(2026, 6, 15))

PLANTED = [
    Planted("the price was 31, is 40", Cause.CHANGED, "price of C-1", change=first(price=40)),
    Planted("the price was 31, is 3.10", Cause.CHANGED, "price of C-1", change=first(price=Decimal("3.10"))),
    Planted("a price that was free", Cause.CHANGED, ours=account(charge(price=0)), change=first(price=9)),
    Planted("a quantity of 3 seats was 5", Cause.CHANGED, "quantity of C-1",
            ours=account(charge(model="PerUnit", quantity=3)), change=first(quantity=5)),
    Planted("a charge that came later", Cause.CHANGED, "charge C-2",
            ours=account(charge(), charge("C-2", price=5)), change=removes(1)),
    Planted("a charge that only theirs has", Cause.MISSING_DATA, "no charge C-2", change=adds(charge("C-2", price=5))),
    Planted("a discount that only theirs has", Cause.MISSING_DATA, "no charge C-D", change=adds(discount())),
    Planted("a discount that was removed there", Cause.CHANGED, "discount C-D",
            ours=account(charge(), discount()), change=removes(1)),
    Planted("a discount of 10 % was 25 %", Cause.CHANGED, "price of C-D",
            ours=account(charge(), discount()),
            change=lambda each: charges_of(each)[1].update(discountPercentage=25)),
    Planted("a segment with another price", Cause.MISSING_DATA, "divides C-1", change=divided),
    Planted("a segment before the first", Cause.MISSING_DATA, "no segment of C-1 before",
            ours=account(charge(effectiveStartDate="2026-04-01")), change=first(effectiveStartDate="2026-01-16")),
    Planted("usage that is lacking", Cause.MISSING_DATA, "lack usage of C-U",
            ours=METERED, usage=(*NEAR_MIDNIGHT, used(4, "2026-03-20T12:00:00-08:00"))),
    Planted("usage that came late", Cause.CHANGED, "usage of C-U came after",
            ours=METERED, usage=NEAR_MIDNIGHT[:1]),
    Planted("another time zone", Cause.TIME_ZONE, "time_zone", ours=METERED, toml='time_zone = "Asia/Tokyo"'),
    Planted("a time zone to the west", Cause.TIME_ZONE, "time_zone",
            ours=replace(METERED, usage=(used(5, "2026-03-01T01:30:00-05:00"), NEAR_MIDNIGHT[1])),
            our_toml='time_zone = "Europe/London"', toml='time_zone = "Pacific/Honolulu"'),
    Planted("a tax of 20 % is not known", Cause.TAX_RATE, "about 20", ours=TAXED, toml=RATE.format(20)),
    Planted("a tax of 19 % for 20 %", Cause.TAX_RATE, "about 19", ours=TAXED, our_toml=RATE.format(20),
            toml=RATE.format(19)),
    Planted("a tax that is no more", Cause.TAX_RATE, "none", ours=TAXED, our_toml=RATE.format(20)),
    Planted("thirty days for every month", Cause.RULE, "daysInMonth = Assume30Days",
            toml=rules(daysInMonth="Assume30Days")),
    Planted("months first", Cause.RULE, "prorationUnit = ProrateByMonthFirst", ours=QUARTER,
            toml=rules(prorationUnit="ProrateByMonthFirst")),
    Planted("stubs are not billed", Cause.RULE, "billRecurringPartialMonth = false",
            toml=rules(billRecurringPartialMonth=False)),
    Planted("stubs of weeks are not billed", Cause.RULE, "billRecurringPartialWeek = false",
            ours=account(charge(billingPeriod="Week", billingDay="SpecificDayofWeek/monday")),
            toml=rules(billRecurringPartialWeek=False)),
    Planted("credits by period", Cause.RULE, "creditMethod = CreditPeriod",
            ours=theirs(GONE, first(price=Decimal("33.35"))), toml=rules(creditMethod="CreditPeriod")),
    Planted("one-time charges come back", Cause.RULE, "creditOneTime = true",
            ours=account(charge(), charge("C-O", type="OneTime", endDateCondition="One_Time", billingPeriod=None,
                         effectiveEndDate="2026-01-15", chargedThroughDate="2026-01-17")),
            toml=rules(creditOneTime=True)),
    Planted("names without suffixes", Cause.RULE, "prorationSuffixes = false", toml=rules(prorationSuffixes=False)),
    Planted("credits are named as prorations", Cause.RULE, "useSystemDefaultSuffixForCreditItems = false", ours=GONE,
            toml=rules(useSystemDefaultSuffixForCreditItems=False)),
    Planted("periods are cut at the end of the term", Cause.RULE, "invoicePastEndOfTermAutoRenewOff = true",
            ours=ENDING, toml=rules(invoicePastEndOfTermAutoRenewOff=True), target=NO_RENEWAL),
    Planted("amounts are rounded up", Cause.RULE, "rounding_mode = UP", ours=account(charge(price=Decimal("20.00"))),
            toml='[currencies.USD]\nrounding_mode = "UP"'),
    Planted("francs end in five hundredths", Cause.RULE, "rounding_increment = 0.05",
            ours=account(charge(price=Decimal("20.01")), currency="CHF"),
            toml="[currencies.CHF]\nrounding_increment = 0.05"),
    Planted("records are rounded one by one", Cause.RULE, "rateUsageIndividually = true",
            ours=account(metered(price=Decimal("0.333")), usage=[used(1, f"2026-02-0{day}") for day in range(1, 9)]),
            toml=rules(rateUsageIndividually=True)),
    Planted("periods without usage are not billed", Cause.RULE, "skipUsageWithoutRecords = true", ours=METERED,
            toml=rules(skipUsageWithoutRecords=True)),
    Planted("what is given back is a credit memo", Cause.RULE, "invoiceSettlement = true", ours=GONE,
            toml=rules(invoiceSettlement=True)),
    Planted("the recording's data tell that they changed", Cause.CHANGED, "the tenant's data have changed",
            change=first(price=40, billingPeriod="Quarter"), knows_recorded=True),
    Planted("the subscription was updated later", Cause.CHANGED, "updated after the recording",
            ours=account(charge(), updateTime="2026-03-01T00:00:00Z"), change=first(price=40, billingPeriod="Quarter")),
]  # fmt: skip


def verified(case: Planted) -> Verdict:
    """The planted account, beside three that agree whatever the rules."""
    settings, ours = settings_of(case.toml or case.our_toml), settings_of(case.our_toml)
    if case.our_toml and not case.toml:
        settings = settings_of("")
    data = case.ours if case.change is None else theirs(case.ours, case.change)
    data = data if case.usage is None else replace(data, usage=case.usage)
    made = recorded(data, settings, case.target)
    samples = [Loaded(Sample(made, case.ours, {}), made.data if case.knows_recorded else None)]
    for place in range(3):
        other = replace(WHOLE, account={**WHOLE.account, "id": f"id-W{place}", "accountNumber": f"W-{place}"})
        samples.append(Loaded(Sample(recorded(other, settings, "2026-05-31"), other, {})))
    return verify(samples, ours)


def named(case: Planted) -> tuple[Cause, str]:
    """The cause of most of the planted differences, and its words."""
    verdict = verified(case)
    assert verdict.accounts.agreeing == 3, "the others agree"
    groups = verdict.groups
    assert groups, "something differs"
    best = max(groups, key=lambda group: (group.money, len(group.differences)))
    return best.cause, best.why


@pytest.mark.parametrize("case", PLANTED, ids=lambda case: case.name)
def test_the_cause_is_named(case: Planted) -> None:
    cause, why = named(case)
    assert cause is case.cause, why
    assert case.says in why


def test_there_are_enough_cases_of_every_cause() -> None:
    assert len(PLANTED) >= 30
    assert {case.cause for case in PLANTED} == set(Cause) - {Cause.UNKNOWN}


@pytest.mark.parametrize("seed", [104, 107, 111, 112])
def test_one_rule_that_is_other_there_is_named_for_a_random_tenant(seed: int) -> None:
    """The other side has one different rule, which is hidden; all differences are attributed to it."""
    random = Random(seed)  # noqa: S311  # the same tenant at every run
    ours = TenantSettings()
    knob = random.choice(list(rule_knobs()))
    value = random.choice(list(knob.others(ours)))
    accounts = random_accounts(random, 22)
    settings = knob.set(ours, value)
    samples = [Loaded(Sample(recorded(each, settings, random_request(random)), each, {})) for each in accounts]
    groups = verify(samples, ours).groups
    assert groups
    assert {(group.cause, group.why) for group in groups} == {(Cause.RULE, str(Switch(knob, value)))}
