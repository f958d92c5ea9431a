"""Accounts put and deleted, in the short form and as v1 JSON."""

import pytest

from tests.standin.client import Standing

GOLD = {"plan": "Gold", "charge": "Seats", "price": 10, "quantity": 5, "period": "Month", "start": "2026-01-01"}


def test_an_account_of_currency_bill_day_and_one_subscription_is_previewed(stand: Standing) -> None:
    told = stand.ok("PUT", "/accounts/A-2", {"currency": "EUR", "billCycleDay": 1, "subscriptions": [GOLD]})
    assert told["accountNumber"] == "A-2"
    #  2026-01-01          02-01            03-01
    #       |-- 10 x 5 ------|-- 10 x 5 ------|
    assert stand.amounts("A-2", "2026-02-01") == [
        ("2026-01-01", "2026-01-31", "50"),
        ("2026-02-01", "2026-02-28", "50"),
    ]


def test_a_subscription_without_a_start_starts_today_and_has_a_term_of_a_year(stand: Standing) -> None:
    stand.ok("PUT", "/accounts/A-2", {"billCycleDay": 15, "subscriptions": [{"plan": "P", "price": 30}]})
    (subscription,) = stand_subscriptions(stand, "A-2")
    assert subscription["termStartDate"] == "2026-01-15"
    assert subscription["termEndDate"] == "2027-01-15"
    assert stand.amounts("A-2", "2026-01-15") == [("2026-01-15", "2026-02-14", "30")]


def stand_subscriptions(stand: Standing, account: str) -> list[dict[str, object]]:
    stand.rest.token = stand.token()
    return stand.rest.get(f"/v1/subscriptions/accounts/{account}").json["subscriptions"]


@pytest.mark.parametrize(
    ("charge", "amounts"),
    [
        ({"type": "OneTime", "price": 99}, [("2026-01-01", "2026-01-01", "99")]),
        ({"price": 12, "period": "Annual"}, [("2026-01-01", "2026-12-31", "12")]),
        ({"price": 3, "quantity": 2, "timing": "IN_ARREARS"}, [("2026-01-01", "2026-01-31", "6")]),
        ({"price": 7, "billedTo": "2026-02-01"}, [("2026-02-01", "2026-02-28", "7")]),
        (
            {"quantity": 15, "tiers": [{"startingUnit": 0, "endingUnit": 10, "price": 2, "priceFormat": "PerUnit"},
                                       {"startingUnit": 11, "price": 1, "priceFormat": "PerUnit"}]},
            [("2026-01-01", "2026-01-31", "25"), ("2026-02-01", "2026-02-28", "25")],
        ),
    ],
    ids=["one-time", "annual", "in arrears 3 x 2", "billed to February", "tiers 10 x 2 + 5 x 1"],
)  # fmt: skip
def test_charges_of_the_short_form(stand: Standing, charge: object, amounts: object) -> None:
    subscription = {"plan": "P", "start": "2026-01-01", "charges": [charge]}
    stand.ok("PUT", "/accounts/A-2", {"subscriptions": [subscription]})
    assert stand.amounts("A-2", "2026-02-01") == amounts


def test_usage_beside_the_account_is_of_its_usage_charge(stand: Standing) -> None:
    usage = [{"quantity": 30, "startDateTime": "2026-01-03"}, {"quantity": 12, "startDateTime": "2026-01-20"}]
    charge = {"charge": "Calls", "type": "Usage", "uom": "Call", "price": 0.5}
    given = {"subscriptions": [{"plan": "P", "start": "2026-01-01", "charges": [charge]}], "usage": usage}
    stand.ok("PUT", "/accounts/A-2", given)
    assert stand.amounts("A-2", "2026-02-01") == [("2026-01-01", "2026-01-31", "21")]  # (30 + 12) x 0.5


def test_ten_percent_off_in_the_short_form(stand: Standing) -> None:
    charges = [{"charge": "Base", "price": 100}, {"charge": "Ten off", "discount": 10}]
    stand.ok("PUT", "/accounts/A-2", {"subscriptions": [{"plan": "P", "start": "2026-01-01", "charges": charges}]})
    assert [amount for *_, amount in stand.amounts("A-2", "2026-01-01")] == ["100", "-10"]


def test_an_account_that_is_put_again_loses_its_former_subscriptions(stand: Standing) -> None:
    usage = [{"quantity": 30, "startDateTime": "2026-01-03"}]
    metered = {"plan": "U", "charges": [{"type": "Usage", "uom": "Call", "price": 1}], "start": "2026-01-01"}
    stand.ok("PUT", "/accounts/A-2", {"subscriptions": [GOLD, {**GOLD, "plan": "Second"}, metered], "usage": usage})
    first = stand.ok("PUT", "/accounts/A-2", {"subscriptions": [{**GOLD, "price": 20}]})
    assert stand.amounts("A-2", "2026-01-31") == [("2026-01-01", "2026-01-31", "100")]
    assert stand.ok("PUT", "/accounts/A-2", {}) == first
    assert stand.amounts("A-2", "2026-12-31") == []


def test_a_lower_version_than_the_one_that_was_put_before_is_the_one_that_counts(stand: Standing) -> None:
    newer = {"subscriptionNumber": "S", "version": 3, "ratePlans": [], "termType": "EVERGREEN"}
    stand.ok("PUT", "/accounts/A-2", {"subscriptions": [newer]})
    stand.ok("PUT", "/accounts/A-2", {"subscriptions": [{**GOLD, "number": "S"}]})
    assert len(stand.amounts("A-2", "2026-01-31")) == 1


def test_an_account_as_the_vendor_returns_it_is_taken_as_it_is(stand: Standing) -> None:
    account = {
        "basicInfo": {"id": "b" * 32, "accountNumber": "A-2", "name": "Second", "status": "Active"},
        "billingAndPayment": {"billCycleDay": 5, "currency": "JPY"},
    }
    charge = {
        "number": "C-1", "type": "Recurring", "model": "FlatFee", "price": 700, "billingPeriod": "Month",
        "effectiveStartDate": "2026-01-05", "billingTiming": "IN_ADVANCE",
    }  # fmt: skip
    subscription = {
        "subscriptionNumber": "S-1", "termType": "EVERGREEN", "contractEffectiveDate": "2026-01-05",
        "ratePlans": [{"ratePlanName": "R", "ratePlanCharges": [charge]}],
    }  # fmt: skip
    told = stand.ok("PUT", "/accounts/A-2", {"account": account, "subscriptions": [subscription]})
    assert told == {"accountNumber": "A-2", "accountId": "b" * 32}
    assert stand.amounts("A-2", "2026-01-05") == [("2026-01-05", "2026-02-04", "700")]


def test_a_deleted_account_is_not_there_and_its_neighbours_are(stand: Standing) -> None:
    stand.ok("PUT", "/accounts/A-2", {"subscriptions": [GOLD]})
    assert stand.ok("DELETE", "/accounts/A-2") is None
    assert stand.preview("A-2", "2026-02-01")["success"] is False
    assert stand.preview("A-1", "2026-02-01")["success"] is True
    assert stand.error("DELETE", "/accounts/A-2")[0] == 404


def test_the_last_account_can_be_deleted(stand: Standing) -> None:
    stand.ok("DELETE", "/accounts/A-1")
    assert stand.ok("POST", "/reset")["accounts"] == 1


@pytest.mark.parametrize(
    ("body", "field", "near"),
    [
        ({"currenzy": "EUR"}, "account.currenzy", "currency"),
        ({"subscriptions": [{"plan": "P", "prise": 1}]}, "subscriptions[0].prise", "price"),
        ({"subscriptions": [{"charges": [{"periode": "Month"}]}]}, "subscriptions[0].charges[0].periode", "period"),
        ({"subscriptions": [{"start": "soon", "price": 1}]}, "subscriptions[0].start", None),
        ({"subscriptions": [{"term": 0, "price": 1}]}, "subscriptions[0].term", None),
        ({"subscriptions": {"plan": "P"}}, "subscriptions", None),
        ({"subscriptions": [{"price": 1, "charges": [{"charge": "Fee"}]}]}, "subscriptions[0].price", None),
        ({"subscriptions": [{"charges": [{"price": 1}], "billedTo": "2026-02-01"}]}, "subscriptions[0].billedTo", None),
        ({"accountNumber": "A-3"}, "accountNumber", None),
        ({"billCycleDay": "first"}, "account.billCycleDay", None),
    ],
)
def test_an_invalid_account_is_reported_with_its_field(
    stand: Standing, body: object, field: str, near: str | None
) -> None:
    status, error = stand.error("PUT", "/accounts/A-2", body)
    assert (status, error["field"], error.get("didYouMean")) == (400, field, near)
    assert stand.ok("POST", "/reset")["accounts"] == 1


def test_an_account_keeps_its_id(stand: Standing) -> None:
    status, error = stand.error("PUT", "/accounts/A-1", {"id": "c" * 32})
    assert (status, error["field"]) == (409, "id")


def test_a_mistyped_number_is_answered_with_the_nearest(stand: Standing) -> None:
    assert stand.error("DELETE", "/accounts/A-l")[1]["didYouMean"] == "A-1"
