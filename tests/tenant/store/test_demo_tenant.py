"""The demo tenant holds what the demo promises, and the sample of the vendor's BillingPreview() page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date

import pytest

from soapsvc.engine.account import Account, BillingPeriod, Charge, ChargeModel, ChargeType, parse
from soapsvc.resources import fixtures_dir
from soapsvc.tenant import Store, open_tenant

SAMPLE = "402892154627d9a2014627e1b0b60114"
SINGLE = "402892154627d9a2014627e1b0b60115"


@pytest.fixture(scope="module")
def demo() -> Iterator[Store]:
    with closing(open_tenant(fixtures_dir())) as store:
        yield store


def accounts(demo: Store) -> dict[str, Account]:
    return {account.account_number: account for account in demo.accounts()}


def charges(demo: Store) -> list[Charge]:
    return [charge for account in demo.accounts() for sub in account.subscriptions for charge in sub.charges]


def test_the_sample_account_has_the_two_usage_charges_of_the_page(demo: Store) -> None:
    account = demo.account(id=SAMPLE)
    assert account is not None
    usage = {
        (sub.id, sub.subscription_number, charge.id, charge.number, str(charge.price), charge.uom)
        for sub in account.subscriptions
        for charge in sub.charges
        if charge.type == "Usage"
    }
    subscription, charge = "402892154627d9a2014627ee5c350129", "402892154627d9a2014627ee5cbd0131"
    assert usage == {
        (subscription, "A-S00000019", charge, "C-00000060", "0", "Each"),
        (subscription, "A-S00000021", charge, "C-00000063", "2", "Each"),
    }
    used = {
        number: sum(r.quantity for r in account.usage if r.charge_number == number) for _, _, _, number, _, _ in usage
    }
    assert used == {"C-00000060": 10, "C-00000063": 5}
    assert all(date(2014, 5, 23) <= record.start_date <= date(2014, 5, 31) for record in account.usage)


def test_the_account_beside_it_has_one_usage_charge(demo: Store) -> None:
    account = demo.account(id=SINGLE)
    assert account is not None
    assert [charge.type for sub in account.subscriptions for charge in sub.charges] == ["Usage"]


def test_its_clock_is_eight_hours_ahead(demo: Store) -> None:
    assert demo.settings().time_zone == "Asia/Shanghai"


def test_each_billing_period_is_there(demo: Store) -> None:
    found = {
        parse(BillingPeriod, charge.billing_period, "billingPeriod")
        for charge in charges(demo)
        if charge.billing_period
    }
    assert found == set(BillingPeriod)


def test_each_charge_type_and_the_common_models_are_there(demo: Store) -> None:
    assert {parse(ChargeType, charge.type, "type") for charge in charges(demo)} == set(ChargeType)
    models = {parse(ChargeModel, charge.model, "model") for charge in charges(demo)}
    assert models >= {
        ChargeModel.FLAT_FEE,
        ChargeModel.PER_UNIT,
        ChargeModel.TIERED,
        ChargeModel.DELIVERY,
        ChargeModel.DISCOUNT_PERCENTAGE,
    }


def test_month_ends_arrears_evergreen_and_the_rest_are_there(demo: Store) -> None:
    found = accounts(demo)
    subscriptions = [sub for account in found.values() for sub in account.subscriptions]
    assert {30, 31} <= {account.bill_cycle_day for account in found.values()}
    assert "IN_ARREARS" in {charge.billing_timing for charge in charges(demo)}
    assert {sub.term_type for sub in subscriptions} == {"TERMED", "EVERGREEN"}
    assert {sub.status for sub in subscriptions} == {"Active", "Cancelled"}
    assert {sub.auto_renew for sub in subscriptions} == {True, False}
    assert 100 in {charge.discount_percentage for charge in charges(demo)}
    assert any(sub.account_id != account.id for account in found.values() for sub in account.subscriptions)
    assert any(account.drafts for account in found.values())


def test_one_account_has_no_subscriptions_and_one_a_charge_without_price(demo: Store) -> None:
    assert accounts(demo)["A00001011"].subscriptions == ()
    unpriced = [c for sub in accounts(demo)["A00001012"].subscriptions for c in sub.charges if c.price is None]
    assert [charge.number for charge in unpriced] == ["C-00002202"]
