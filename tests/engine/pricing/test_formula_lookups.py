"""The values that formulas read: usage, quantities, fields of account, subscription, charge, usage, custom objects."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from soapsvc.engine.account import Account, Charge
from soapsvc.engine.pricing import Evaluator, FormulaContext, Moment, list_fee
from soapsvc.engine.pricing.formulas.parser import parse_formula
from soapsvc.engine.trace import decimal_text
from tests.support import building
from tests.support.rating import SUBSCRIPTION, error_of, months, priced, problem, rated, rows_of, used

RATES = [
    {"zone": "north", "level": 1, "rate__c": "0.5", "from": "2023-01-01", "to": "2023-12-31"},
    {"zone": "north", "level": "1", "rate__c": Decimal("0.6"), "from": date(2024, 1, 1), "to": None},
    {"zone": "south", "level": 2, "rate__c": 4, "from": "", "to": ""},
    {"zone": "west", "level": 2, "rate__c": None},
    {"zone": "east", "level": 3, "rate__c": 1, "from": "soon"},
]
CONTEXT = FormulaContext(
    {
        "account": Account("acc", "A-1", "USD", bill_cycle_day=7),
        "subscription": SUBSCRIPTION,
        "deal": {"factor": "1.5"},
    },
    {"default__rate": RATES},
)


def value(text: str, context: FormulaContext = CONTEXT, **moment: Any) -> str:
    """The value of a formula on January 5, 2024, for a usage record of 4 units unless `moment` says otherwise."""
    record = used("01-05", 4, fields={"weight__c": "2.5", "note": "", "express": True})
    usual = {"usage": record, "units": Fraction(4), "day": record.start_date}
    return decimal_text(Evaluator(parse_formula(text), context).amount(Moment(**{**usual, **moment})))


def mapping(formula: str, **attributes: Any) -> Charge:
    """A charge that is priced by a formula."""
    configuration = {"chargeModelConfiguration": {"formula": formula}}
    return priced("MultiAttributePricing", attributes={**configuration, **attributes})


@pytest.mark.rule("1.2 multi-attribute: usage")
def test_every_record_is_evaluated_and_the_amounts_are_added() -> None:
    """2 x 3 + 2 x 5 + 2 x 4, each at most 9."""
    charge = mapping("min(usageQuantity() * 2, 9)")
    records = [used("01-02", 3), used("01-03", 5), used("01-31", 4), used("02-01", 9)]
    assert rated(charge, *records) == ["2024-01-01…2024-01-31 23 for 12 units"]


@pytest.mark.rule("1.2 multi-attribute: usage")
@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("usageQuantity(RUNNING)", "11"),  # 0 + 3 + 8
        ("usageQuantity('TOTAL')", "20"),  # 3 + 8 + 9
        ("usageQuantity(RUNNING) + usageQuantity()", "20"),
        ("usageQuantity(total) - usageQuantity(running)", "9"),  # 3 + 5 + 1
    ],
)
def test_running_and_total_quantities_of_records_of_3_5_and_1_units(formula: str, expected: str) -> None:
    records = [used("01-02", 3), used("01-03", 5), used("01-31", 1)]
    assert rated(mapping(formula), *records) == [f"2024-01-01…2024-01-31 {expected} for 9 units"]


@pytest.mark.rule("1.2 multi-attribute: usage")
@pytest.mark.parametrize(
    ("formula", "units", "expected"),
    [
        ("min(100, usageQuantity(RUNNING) + usageQuantity())", (60, 30, 40), "250"),  # 60 + 90 + 100
        ("usageQuantity(TOTAL)", (1, 1), "3"),  # 1 + 2
    ],
)
def test_running_leaves_the_current_record_out_and_total_is_what_was_rated_and_the_record(
    formula: str, units: tuple[int, ...], expected: str
) -> None:
    records = [used(f"01-{day:02}", quantity) for day, quantity in enumerate(units, start=2)]
    assert rated(mapping(formula), *records) == [f"2024-01-01…2024-01-31 {expected} for {sum(units)} units"]


@pytest.mark.rule("1.2 multi-attribute: usage")
def test_running_begins_anew_with_each_period() -> None:
    records = [used("01-02", 3), used("01-03", 5), used("02-01", 7), used("02-02", 1)]
    assert rated(mapping("usageQuantity(RUNNING)"), *records, periods=months(2)) == [
        "2024-01-01…2024-01-31 3 for 8 units",
        "2024-02-01…2024-02-29 7 for 8 units",
    ]


def test_a_period_without_records_costs_nothing_by_a_formula() -> None:
    assert rated(mapping("usageQuantity() + 100")) == ["2024-01-01…2024-01-31 0 for 0 units"]


def test_the_formula_and_the_number_of_records_are_explained() -> None:
    rows = rows_of(mapping("usageQuantity() * 2"), [used("01-02", 3)], explain=True)
    assert [(step.rule, step.formula) for step in rows[0].steps] == [
        ("usage.formula", "usageQuantity() * 2, for 1 records, added")
    ]


@pytest.mark.rule("1.2 multi-attribute: fieldLookup")
@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ('fieldLookup("usage", "weight__c") * 2', "5"),
        ('fieldLookup("Usage", "Weight__C")', "2.5"),
        ('fieldLookup("usage", "quantity")', "4"),
        ('fieldLookup("account", "billCycleDay")', "7"),
        ('fieldLookup("Deal", "factor")', "1.5"),
        ('fieldLookup("usage", "accountNumber") * 2', "14"),
    ],
)
def test_fields_are_looked_up_by_v1_name_without_regard_to_case(formula: str, expected: str) -> None:
    objects = {**CONTEXT.objects, "account": Account("acc", "7", "USD", bill_cycle_day=7)}
    assert value(formula, FormulaContext(objects)) == expected


@pytest.mark.rule("1.2 multi-attribute: firstValue")
@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ('firstValue(fieldLookup("usage", "note"), 20.50)', "20.5"),
        ('firstValue(fieldLookup("usage", "height"), fieldLookup("usage", "weight__c"), 1)', "2.5"),
        ('firstValue(objectLookup("default__rate", "rate__c", ["zone" = "up"]), 9)', "9"),
        ('firstValue(objectLookup("default__rate", "rate__c", ["zone" = "west"]), 9)', "9"),
        ('firstValue(firstValue(fieldLookup("usage", "note")), 8)', "8"),
        ('firstValue(effectiveDate(objectLookup("default__rate", "rate__c", ["zone" = "up"]), "from"), 9)', "9"),
    ],
)
def test_the_first_value_that_is_there_counts(formula: str, expected: str) -> None:
    assert value(formula) == expected


CARS = [
    {"type__c": "compact", "place__c": "New York", "multiplier__c": "3"},
    {"type__c": "compact", "place__c": "California", "multiplier__c": "2"},
    {"type__c": "full-size", "place__c": "California", "multiplier__c": "3"},
]


@pytest.mark.rule("1.2 multi-attribute: objectLookup")
def test_50_for_a_compact_in_new_york_and_10_for_a_full_size_in_california_each_x_3_are_180() -> None:
    formula = (
        'usageQuantity() * objectLookup("CarRental", "multiplier__c", ["type__c" = fieldLookup("usage", "type__c"), '
        '"place__c" = fieldLookup("usage", "place__c")])'
    )
    records = [
        used("01-02", 50, fields={"type__c": "compact", "place__c": "New York"}),
        used("01-03", 10, fields={"type__c": "full-size", "place__c": "California"}),
    ]
    charge = mapping(formula, customObjects={"CarRental": CARS})
    assert rated(charge, *records) == ["2024-01-01…2024-01-31 180 for 60 units"]


STEPS = [
    {"least": 0, "most": 10, "price": 5, "since": "2023-01-01", "open": True},
    {"least": "10", "most": 20, "price": 4, "since": "2023-07-01", "open": False},
    {"least": 20, "most": None, "price": 3, "since": "2024-01-05T10:00:00", "open": False},
]


@pytest.mark.rule("1.2 multi-attribute: objectLookup")
@pytest.mark.parametrize(
    ("tests", "expected"),
    [
        ('["least" <= 10, "most" > 10]', "4"),
        ('["least" < 10]', "5"),
        ('["least" >= 20]', "3"),
        ('["least" > 10]', "3"),
        ('["most" <= 10]', "5"),  # an empty field passes no comparison
        ('["since" < "2023-06-30"]', "5"),
        ('["since" > fieldLookup("usage", "startDateTime"), "least" = 20]', None),
        ('["since" >= fieldLookup("usage", "startDateTime")]', "3"),  # Jan 5, by days
        ('["open" = true]', "5"),
        ('["open" == "True"]', "5"),
        ('["open" = false, "least" = 10]', "4"),
        ('{"open": "true"}', "5"),
        ('["open" = fieldLookup("usage", "express")]', "5"),
    ],
)
def test_an_object_is_found_by_comparisons_of_numbers_and_days(tests: str, expected: str | None) -> None:
    table = FormulaContext({}, {"step": STEPS})
    formula = f'firstValue(objectLookup("step", "price", {tests}), 0)'
    assert value(formula, table) == (expected or "0")


@pytest.mark.rule("1.2 multi-attribute: effectiveDate")
@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ('effectiveDate(objectLookup("default__rate", "rate__c", ["zone" = "north"]), "from")', "0.6"),
        ('effectiveDate(objectLookup("default__rate", "rate__c", ["zone" = "north"]), "from", "2024-01-01")', "0.6"),
        ('effectiveDate(objectLookup("default__rate", "rate__c", ["zone" = "north"]), "from", "2023-12-31")', "0.5"),
        ('effectiveDate(objectLookup("default__rate", "rate__c", ["zone" = "north"]), "from", effectiveDate())', "0.6"),
    ],
)
def test_of_the_objects_that_pass_the_latest_on_or_before_the_day_is_taken(formula: str, expected: str) -> None:
    assert value(formula) == expected


@pytest.mark.rule("1.2 multi-attribute: effectiveDate")
def test_the_day_may_be_the_start_of_the_usage() -> None:
    day = 'fieldLookup("usage", "startDateTime")'
    assert value(f'effectiveDate(objectLookup("default__rate", "rate__c", ["zone" = "north"]), "from", {day})') == "0.6"


def test_with_a_given_day_no_usage_record_is_needed() -> None:
    formula = 'effectiveDate(objectLookup("default__rate", "rate__c", ["zone" = "north"]), "from", "2023-12-31")'
    assert value(formula, usage=None, units=None, day=None) == "0.5"


def test_the_charge_itself_is_always_at_hand() -> None:
    charge = mapping('fieldLookup("charge", "seats__c") * fieldLookup("RatePlanCharge", "price")', seats__c=3)
    assert list_fee(priced("MultiAttributePricing", price=5, attributes=charge.attributes), Decimal(1)).value == 15


@pytest.mark.rule("1.2 multi-attribute: objectLookup")
@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ('objectLookup("default__rate", "rate__c", {"zone": "south"})', "4"),
        ('objectLookup("default__rate", {"zone": "south", "level": 2}, "rate__c")', "4"),
        ('objectLookup("default__rate", "rate__c", "zone", "south", "level", 1 + 1)', "4"),
        ('objectLookup("default__rate", "rate__c", {"level": "2", "zone": "south"})', "4"),
        ('objectLookup("default__rate", "rate__c", {"zone": "north"}, effectiveDate("from", "to"))', "0.6"),
        ('objectLookup("default__rate", "rate__c", {"zone": "north"}, effectiveDate("from"))', "0.6"),
        ('objectLookup("default__rate", "rate__c", {"zone": "south"}, effectiveDate("from", "to"))', "4"),
        ('objectLookup("default__rate", "level", {"from": "2023-01-01"})', "1"),
        ('objectLookup("default__rate", "level", {"zone": "west", "rate__c": ""})', "2"),
    ],
)
def test_a_custom_object_is_found_by_its_fields_and_by_the_day(formula: str, expected: str) -> None:
    assert value(formula) == expected


@pytest.mark.parametrize(("on", "expected"), [("2023-12-31", "0.5"), ("2024-01-01", "0.6")])
def test_the_first_and_the_last_day_are_both_in_force(on: str, expected: str) -> None:
    formula = 'objectLookup("default__rate", "rate__c", {"zone": "north"}, effectiveDate("from", "to"))'
    assert value(formula, day=date.fromisoformat(on)) == expected


def test_the_day_itself_may_be_a_condition() -> None:
    table = {"day": [{"on": "2024-01-05", "price": 8}, {"on": "2024-01-06", "price": 9}]}
    formula = 'objectLookup("day", "price", {"on": effectiveDate()})'
    assert value(formula, FormulaContext({}, table)) == "8"


def test_custom_objects_may_travel_with_the_charge() -> None:
    """3 x 4 + 2 x 0.6: each record at the rate of its zone."""
    formula = 'usageQuantity() * objectLookup("rate", "rate__c", {"zone": fieldLookup("usage", "zone__c")})'
    charge = mapping(formula, customObjects={"rate": [RATES[1], RATES[2]]})
    records = [
        used("01-02", 3, fields={"zone__c": "south"}),
        used("01-03", 2, fields={"zone__c": "north"}),
        used("01-04", 1, fields={"zone__c": "north"}),
    ]
    assert rated(charge, *records) == ["2024-01-01…2024-01-31 13.8 for 6 units"]


@pytest.mark.rule("wrong data: lookups")
@pytest.mark.parametrize(
    ("formula", "code", "words"),
    [
        (
            'fieldLookup("planet", "x")',
            "BAD_FORMULA",
            "fieldLookup has no 'planet'; it has: account, deal, sub",
        ),
        ('fieldLookup("usage", "height")', "LOOKUP_FAILED", "the usage has no value in field 'height'"),
        ('fieldLookup("usage", "note")', "LOOKUP_FAILED", "no value in field 'note'"),
        ('fieldLookup("usage", "express") + 1', "BAD_FORMULA", "'true' is not a number"),
        ('fieldLookup(1, "note")', "BAD_FORMULA", "a text in quotes is needed"),
        ("usageQuantity(SOME)", "BAD_FORMULA", "'SOME' is not a function"),
        ("usageQuantity('SOME')", "BAD_FORMULA", "RUNNING or TOTAL, not 'SOME'"),
        ('objectLookup("rate", "x")', "LOOKUP_FAILED", "no object 'rate'"),
        (
            'objectLookup("default__rate", "rate__c", {"zone": "up"})',
            "LOOKUP_FAILED",
            "no default__rate match zone = up",
        ),
        ('objectLookup("default__rate", "rate__c", {"zone": "north"})', "LOOKUP_FAILED", "2 default__rate match"),
        ('objectLookup("default__rate", "rate__c")', "LOOKUP_FAILED", "5 default__rate match without conditions"),
        ('objectLookup("default__rate", "rate__c", {"zone": "west"})', "LOOKUP_FAILED", "no value in field 'rate__c'"),
        ('objectLookup("default__rate", {"zone": "west"})', "BAD_FORMULA", "objectLookup needs an object, a field"),
        ('objectLookup("default__rate", "rate__c", "zone")', "BAD_FORMULA", "objectLookup needs an object, a field"),
        (
            'objectLookup("default__rate", "rate__c", {"zone": "east"}, effectiveDate("from"))',
            "LOOKUP_FAILED",
            "from is 'soon', which is not a date",
        ),
        (
            'objectLookup("default__rate", "rate__c", {"zone": "up"}, effectiveDate("from"))',
            "LOOKUP_FAILED",
            "no default__rate match",
        ),
        ('effectiveDate("from")', "BAD_FORMULA", "can only stand in objectLookup"),
        (
            'effectiveDate(objectLookup("default__rate", "rate__c"))',
            "BAD_FORMULA",
            "needs one field, which holds the date",
        ),
        (
            'effectiveDate(objectLookup("default__rate", "rate__c", effectiveDate("from")), "from")',
            "BAD_FORMULA",
            "needs one field, which holds the date",
        ),
        (
            'objectLookup("default__rate", "rate__c", effectiveDate("from", "to", "on"))',
            "BAD_FORMULA",
            "takes one or two fields",
        ),
        (
            'effectiveDate(objectLookup("default__rate", "rate__c"), "from", "soon")',
            "LOOKUP_FAILED",
            "the day is 'soon', which is not a date",
        ),
        (
            'effectiveDate(objectLookup("default__rate", "rate__c", {"zone": "up"}), "from")',
            "LOOKUP_FAILED",
            "no default",
        ),
        ('firstValue(fieldLookup("usage", "note"))', "LOOKUP_FAILED", "no argument of firstValue"),
        ('objectLookup("default__rate", "rate__c", ["zone" < 1])', "LOOKUP_FAILED", "neither numbers nor dates"),
        ('objectLookup("default__rate", "rate__c", ["level" < "a"])', "LOOKUP_FAILED", "neither numbers nor dates"),
    ],
)
def test_a_failed_lookup_is_an_error_with_its_column(formula: str, code: str, words: str) -> None:
    found = error_of(lambda: value(formula))
    assert found[0] == code
    assert words in found[2]
    assert "^" in found[2]


def test_without_a_usage_record_there_is_neither_usage_nor_a_day() -> None:
    no_record: Mapping[str, Any] = {"usage": None, "units": None, "day": None}
    assert "is only for usage charges" in error_of(lambda: value("usageQuantity()", **no_record))[2]
    assert "needs a usage record" in error_of(lambda: value("effectiveDate()", **no_record))[2]
    assert (
        "needs a usage record"
        in error_of(lambda: value('effectiveDate(objectLookup("default__rate", "rate__c"), "from")', **no_record))[2]
    )
    assert "it has: account" in error_of(lambda: value('fieldLookup("usage", "quantity")', **no_record))[2]


def test_custom_objects_that_are_not_tables_are_refused() -> None:
    assert problem(lambda: list_fee(mapping("1", customObjects=[1]), Decimal(1))) == ("BAD_VALUE", "customObjects")
    assert problem(lambda: list_fee(mapping("1", customObjects={"a": 1}), Decimal(1))) == ("BAD_VALUE", "a")


def test_amounts_that_cannot_be_added_exactly_any_more_are_refused() -> None:
    """1/p + 1/q + …: the common denominator outgrows every bound."""
    charge = mapping("1 / usageQuantity() ^ 200")
    records = [used("01-05", number) for number in range(10**20 + 1, 10**20 + 9)]
    code, _, message = error_of(lambda: rated(charge, *records))
    assert code == "BAD_FORMULA"
    assert "cannot be added exactly" in message


@pytest.mark.parametrize(
    "configuration",
    [
        {"formula": "quantity() * 3"},
        {"Formula": "quantity() * 3"},
        {"ConfigurationItem": [{"Key": "other", "Value": "1"}, {"Key": "formula", "Value": "quantity() * 3"}]},
    ],
)
def test_the_formula_is_read_in_rest_and_in_catalogue_form(configuration: object) -> None:
    charge = priced("MultiAttributePricing", attributes={"chargeModelConfiguration": configuration})
    assert list_fee(charge, Decimal(2)).value == 6


@pytest.mark.rule("1.2 multi-attribute: fieldLookup")
def test_the_formula_of_a_recurring_charge_looks_the_subscription_and_custom_objects_up_3_x_20() -> None:
    formula = 'fieldLookup("subscription", "seats__c") * objectLookup("Rate__c", "fee__c", {"region__c": "EU"})'
    charge = building.recurring(
        None,
        "2024-01-01",
        model="MultiAttributePricing",
        attributes={"chargeModelConfiguration": {"formula": formula}},
    )
    deal = building.subscription(charge, attributes={"seats__c": "3"})
    rates = [{"region__c": "US", "fee__c": "30"}, {"region__c": "EU", "fee__c": "20"}]
    account = building.account(deal, attributes={"customObjects": {"Rate__c": rates}})
    assert building.billed(account, "2024-01-01") == ["2024-01-01…2024-01-31 60.00"]


@pytest.mark.rule("1.2 multi-attribute: fieldLookup")
def test_the_formula_of_a_one_time_charge_looks_the_subscription_up_3_x_20() -> None:
    configuration = {"chargeModelConfiguration": {"formula": 'fieldLookup("subscription", "seats__c") * 20'}}
    fee = building.one_time(None, "2024-01-01", model="MultiAttributePricing", attributes=configuration)
    deal = building.subscription(fee, attributes={"seats__c": "3"})
    assert building.billed(deal, "2024-01-01") == ["2024-01-01 60.00"]
