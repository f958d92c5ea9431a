"""tenant.toml: its keys, their meaning, and the messages for mistakes."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from soapsvc.engine.account import BillingRules, TaxRate, UnitOfMeasure
from soapsvc.engine.preview import preview
from soapsvc.engine.result import PreviewRequest
from soapsvc.tenant import ImportRefused, Store, import_tenant, open_tenant
from soapsvc.tenant.formats.rules import RULE_VALUES
from soapsvc.tenant.reading import camel
from tests.support.documents import account
from tests.support.tenants import spec_vectors, toml_value, write_tenant


def opened(tmp_path: Path, toml: str, currency: str = "USD") -> Store:
    return open_tenant(write_tenant(tmp_path, toml, accounts=account(currency=currency)))


def rules(tmp_path: Path, toml: str, currency: str = "USD") -> BillingRules:
    (found,) = opened(tmp_path, toml, currency).accounts()
    return found.rules


def problems(tmp_path: Path, toml: str) -> list[str]:
    with pytest.raises(ImportRefused) as refused:
        opened(tmp_path, toml)
    return [str(problem) for problem in refused.value.problems]


def test_without_a_file_the_vendors_defaults_hold(tmp_path: Path) -> None:
    settings = opened(tmp_path, "").settings()
    assert (settings.time_zone, settings.requests_per_call) == ("America/Los_Angeles", 20)


def test_every_rule_of_the_engine_can_be_set_by_its_camel_case_name(tmp_path: Path) -> None:
    other: dict[str, object] = {}
    for field in fields(BillingRules):
        match getattr(BillingRules(), field.name):
            case bool() as flag:
                other[field.name] = not flag
            case int():
                other[field.name] = 3
            case str():
                other[field.name] = RULE_VALUES[field.name][-1]
            case _:
                other[field.name] = Decimal("0.05")
    lines = [f"{camel(name)} = {toml_value(str(v) if isinstance(v, Decimal) else v)}" for name, v in other.items()]
    assert rules(tmp_path, "\n".join(["[billing_rules]", *lines])) == BillingRules(**other)  # type: ignore[arg-type]


def test_the_specification_names_no_other_rules() -> None:
    vectors = spec_vectors()
    if vectors is None:
        pytest.skip("the specification is not here")
    assert set(vectors["billing_rules_base"]) <= {camel(field.name) for field in fields(BillingRules)}


@pytest.mark.parametrize(
    ("currency", "toml", "decimals"),
    [
        ("USD", "", 2),
        ("JPY", "", 0),
        ("KWD", "", 3),
        ("USD", "[billing_rules]\ndecimals = 4", 4),
        ("JPY", "[billing_rules]\ndecimals = 4", 4),
        ("JPY", "[billing_rules]\ndecimals = 4\n[currencies.JPY]\ndecimals = 1", 1),
        ("USD", "[currencies.JPY]\ndecimals = 1", 2),
    ],
)
def test_decimals_are_the_currencys_by_default(tmp_path: Path, currency: str, toml: str, decimals: int) -> None:
    assert rules(tmp_path, toml, currency).decimals == decimals


def test_a_currency_has_its_own_rounding(tmp_path: Path) -> None:
    toml = '[currencies.CHF]\nrounding_increment = 0.05\nrounding_mode = "DOWN"'
    found = rules(tmp_path, toml, "CHF")
    assert (found.decimals, found.rounding_increment, found.rounding_mode) == (2, Decimal("0.05"), "DOWN")


def test_amounts_follow_the_currency_of_the_subscriptions_where_the_account_has_another(tmp_path: Path) -> None:
    folder = write_tenant(
        tmp_path, accounts=account(currency="USD"), subscriptions=[{"subscriptionNumber": "A-S1", "currency": "JPY"}]
    )
    (found,) = open_tenant(folder).accounts()
    assert found.rules.decimals == 0


def test_tax_rates_with_and_without_selectors(tmp_path: Path) -> None:
    toml = """
    [[tax_rate]]
    percent = 2.35
    [[tax_rate]]
    percent = "20"
    mode = "TaxExclusive"
    charge_number = "C-1"
    product_rate_plan_charge_id = "p1"
    tax_code = "VAT"
    country = "France"
    """
    (found,) = opened(tmp_path, toml).accounts()
    assert found.tax_rates == (
        TaxRate(Decimal("2.35")),
        TaxRate(Decimal(20), "TaxExclusive", "C-1", "p1", "VAT", "France"),
    )


def test_units_of_measure_with_decimals_and_rounding(tmp_path: Path) -> None:
    toml = """
    [[unit_of_measure]]
    name = "Hour"
    decimals = 0
    [[unit_of_measure]]
    name = "GB"
    decimals = 3
    rounding_mode = "DOWN"
    """
    (found,) = opened(tmp_path, toml).accounts()
    assert found.units_of_measure == (UnitOfMeasure("Hour", 0, "UP"), UnitOfMeasure("GB", 3, "DOWN"))


def test_a_record_in_hours_is_billed_in_full_hours(tmp_path: Path) -> None:
    charge = {
        "number": "C-U", "type": "Usage", "model": "PerUnit", "price": 10, "uom": "Hour", "billingPeriod": "Month",
        "billingDay": "DefaultFromCustomer", "effectiveStartDate": "2024-01-01", "effectiveEndDate": "2025-01-01",
    }  # fmt: skip
    terms = {
        "subscriptionNumber": "A-S1", "status": "Active", "termType": "TERMED", "subscriptionStartDate": "2024-01-01",
        "termStartDate": "2024-01-01", "termEndDate": "2025-01-01", "ratePlans": [{"ratePlanCharges": [charge]}],
    }  # fmt: skip
    record = {"chargeNumber": "C-U", "uom": "Hour", "quantity": "1.25", "startDateTime": "2024-01-10"}
    folder = write_tenant(
        tmp_path,
        '[[unit_of_measure]]\nname = "Hour"\ndecimals = 0',
        accounts=account(billCycleDay=1),
        subscriptions=[terms],
        usage=[{**record, "accountNumber": "A-1"}],
    )
    (found,) = open_tenant(folder).accounts()
    (item,) = preview(found, PreviewRequest(date(2024, 2, 1)), datetime(2024, 2, 1, tzinfo=UTC)).items()
    assert (item.amount, item.quantity) == (20, 2)


def test_names_and_limits(tmp_path: Path) -> None:
    toml = '[tenant]\nid = "42"\nname = "Finch"\n[api]\nsession_minutes = 480\nrequests_per_call = 50'
    settings = opened(tmp_path, toml).settings()
    assert (settings.tenant_id, settings.tenant_name) == ("42", "Finch")
    assert (settings.session_minutes, settings.requests_per_call) == (480, 50)


@pytest.mark.parametrize(
    ("toml", "problem"),
    [
        ('time_zon = "UTC"', "time_zon: is not known; the nearest known key is time_zone"),
        ("[billing_rule]", "billing_rule: is not known; the nearest known key is billing_rules"),
        (
            "[billing_rules]\nprorationunit = true",
            "billing_rules.prorationunit: is not known; the nearest known key is prorationUnit",
        ),
        ("[currencies.CHF]\ndigits = 2", "currencies.CHF.digits: is not known; the nearest known key is decimals"),
        ("[[tax_rate]]\npercentage = 2", "tax_rate[0].percentage: is not known; the nearest known key is percent"),
        ("[[users]]\nuser = 'x'", "users[0].user: is not known; the nearest known key is username"),
        ("[api]\nsession_minute = 1", "api.session_minute: is not known; the nearest known key is session_minutes"),
        (
            'time_zone = "Mars/Olympus"',
            "time_zone: is 'Mars/Olympus', which is not an IANA time zone such as Europe/London",
        ),
        ("time_zone = 1", "time_zone: is 1, not a text"),
        ("[billing_rules]\ncreditOneTime = 'maybe'", "billing_rules.creditOneTime: is 'maybe', not true or false"),
        ("[billing_rules]\ndecimals = 99", "billing_rules.decimals: is 99; it must be 0 to 9"),
        (
            "[billing_rules]\ncreditMethod = 'Total'",
            "billing_rules.creditMethod: is 'Total'; it must be one of TotalMinusCharged, CreditPeriod",
        ),
        (
            "[currencies.CHF]\nrounding_increment = 0",
            "currencies.CHF.rounding_increment: is 0; it must be greater than 0",
        ),
        ("currencies = 5", "currencies: is 5, not an object"),
        ("tax_rate = 5", "tax_rate: is 5, not a list"),
        ("[[tax_rate]]\npercent = -1", "tax_rate[0].percent: is -1; it must be 0 or more"),
        ("[[tax_rate]]\npercent = nan", "tax_rate[0].percent: is nan, not a number"),
        (
            "[[unit_of_measure]]\nname = 'x'\nrounding = 'UP'",
            "unit_of_measure[0].rounding: is not known; the nearest known key is rounding_mode",
        ),
        (
            "[[unit_of_measure]]\nname = 'x'\ndecimals = 1\nrounding_mode = 'Up'",
            "unit_of_measure[0].rounding_mode: is 'Up'; it must be one of HALF_UP, UP, DOWN",
        ),
        (
            "[[unit_of_measure]]\nname = 'x'\ndecimals = 10",
            "unit_of_measure[0].decimals: is 10; it must be 0 to 9",
        ),
        ("[[unit_of_measure]]\nname = 'x'", "unit_of_measure[0].decimals: is missing"),
        ("[[unit_of_measure]]\ndecimals = 1", "unit_of_measure[0].name: is missing"),
        ("unit_of_measure = 'x'", "unit_of_measure: is 'x', not a list"),
        (
            "[[unit_of_measure]]\nname = 'x'\ndecimals = 1\n[[unit_of_measure]]\nname = 'x'\ndecimals = 2",
            "unit_of_measure: name 'x' is given twice",
        ),
        ("[api]\nsession_minutes = 0", "api.session_minutes: is 0; it must be 1 to 480 minutes"),
        ("[api]\nrequests_per_call = 0", "api.requests_per_call: is 0; it must be 1 or more"),
        ("[[users]]\nusername = 'x'", "users[0]: needs either password or password_hash"),
        (
            "[[users]]\nusername = 'x'\npassword_hash = 'x'",
            "users[0].password_hash: is not an argon2 hash; `soapsvc users hash` makes one",
        ),
        (
            "[[users]]\nusername = 'x'\npassword = 'x'\nclient_id = 'y'",
            "users[0]: needs client_id and client_secret together",
        ),
        (
            "[[users]]\nusername = 'x'\npassword = '1'\n[[users]]\nusername = 'x'\npassword = '2'",
            "users: username 'x' is given twice",
        ),
        ("x = = 1", "is not TOML: Invalid value (at line 1, column 5)"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_reason(tmp_path: Path, toml: str, problem: str) -> None:
    assert f"tenant.toml: {problem}" in problems(tmp_path, toml)


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    assert len(problems(tmp_path, "a = 1\n[api]\nb = 2\n[billing_rules]\ndecimals = -1")) == 3


def test_text_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    folder = write_tenant(tmp_path, accounts=account())
    (folder / "tenant.toml").write_bytes(b'time_zone = "\xff"')
    with pytest.raises(ImportRefused, match=r"tenant\.toml: is not UTF-8 text"):
        open_tenant(folder)


def test_a_later_import_without_the_file_keeps_the_settings(tmp_path: Path) -> None:
    store = opened(tmp_path / "1", 'time_zone = "Europe/Rome"\n[[tax_rate]]\npercent = 4')
    import_tenant(store, write_tenant(tmp_path / "2", accounts=account(name="Other")))
    assert store.settings().time_zone == "Europe/Rome"
    assert len(store.settings().tax_rates) == 1


def test_a_later_file_replaces_the_settings_whole(tmp_path: Path) -> None:
    store = opened(tmp_path / "1", 'time_zone = "Europe/Rome"\n[[tax_rate]]\npercent = 4')
    import_tenant(store, write_tenant(tmp_path / "2", "[api]\nrequests_per_call = 7", accounts=account()))
    settings = store.settings()
    assert (settings.time_zone, settings.tax_rates, settings.requests_per_call) == ("America/Los_Angeles", (), 7)
