"""The text of a query: what it means, and in which words it is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from soapsvc.zoql.parser import Query, parse_query
from soapsvc.zoql.problems import QueryProblem

LATEST = (113, 0)
ALL = "select Id from Account"


def parsed(text: str, version: tuple[int, int] = LATEST) -> Query:
    return parse_query(text, version)


def conditions(where: str, name: str = "Account") -> list[list[tuple[str, str, object]]]:
    query = parsed(f"select Id from {name} where {where}")  # noqa: S608 - it is no SQL
    return [[(each.field.name, each.operator, each.value) for each in ands] for ands in query.alternatives]


def test_a_query_in_full() -> None:
    query = parsed("SELECT id , accountnumber,Id\nFROM account WHERE status='a\\'b' AND ID = 'x' OR name='y'")
    assert (query.zobject.name, [field.name for field in query.fields]) == ("Account", ["Id", "AccountNumber"])
    found = [[(each.field.name, each.value) for each in ands] for ands in query.alternatives]
    assert found == [[("Status", "a'b"), ("Id", "x")], [("Name", "y")]]


def test_fields_stand_in_the_order_of_the_contract_each_once() -> None:
    query = parsed("select VATId, Name, AccountNumber, Name, Id from Account")
    assert [field.name for field in query.fields] == ["Id", "AccountNumber", "Name", "VATId"]


VALUES = [
    ("Name = 'a\\\\b\\'c\\n'", "Account", "a\\b'cn"),
    ("Name = ''", "Account", None),
    ("Name = null", "Account", None),
    ("Name != NULL", "Account", None),
    ("AccountNumber = 12", "Account", "12"),
    ("Id = 402892154627d9a2014627e1b0b60114", "Account", "MALFORMED_QUERY"),
    ("Balance = 10.50", "Account", Decimal("10.50")),
    ("Balance = -.5", "Account", Decimal("-0.5")),
    ("Balance = '10'", "Account", Decimal(10)),
    ("Balance = ten", "Account", "MALFORMED_QUERY"),
    ("Balance = '1e3'", "Account", "MALFORMED_QUERY"),
    ("AutoPay = TRUE", "Account", True),
    ("AutoPay = 'false'", "Account", False),
    ("AutoPay = 1", "Account", "MALFORMED_QUERY"),
    ("TermEndDate = 2026-01-31", "Subscription", date(2026, 1, 31)),
    ("TermEndDate = '2026-01-31'", "Subscription", date(2026, 1, 31)),
    ("TermEndDate = 2026-01-31T23:00:00-08:00", "Subscription", date(2026, 1, 31)),
    ("TermEndDate = 2026-02-30", "Subscription", "MALFORMED_QUERY"),
    ("TermEndDate = 5", "Subscription", "MALFORMED_QUERY"),
    ("CreatedDate > 2026-01-31T10:00:00", "Subscription", datetime.fromisoformat("2026-01-31T10:00:00")),
    ("CreatedDate > 2026-01-31T10:00:00Z", "Subscription", datetime(2026, 1, 31, 10, tzinfo=UTC)),
    ("CreatedDate > 2026-01-31T18:00:00.5+0800", "Subscription", datetime(2026, 1, 31, 10, 0, 0, 500_000, UTC)),
    ("CreatedDate > 2026-01-31", "Subscription", datetime.fromisoformat("2026-01-31T00:00:00")),
]


@pytest.mark.parametrize(("where", "name", "value"), VALUES)
def test_a_value_is_read_as_its_field_s_type(where: str, name: str, value: object) -> None:
    if value == "MALFORMED_QUERY":
        with pytest.raises(QueryProblem) as caught:
            conditions(where, name)
        assert caught.value.code == value
        return
    (((_, _, found),),) = conditions(where, name)
    assert (type(found), found) == (type(value), value)


REFUSED = [
    ("", "MALFORMED_QUERY", "The query ends too early"),
    ("select", "MALFORMED_QUERY", "The query ends too early"),
    ("update x", "MALFORMED_QUERY", "The query has no 'select', or has it in the wrong place"),
    ("select from Account", "MALFORMED_QUERY", "The query has no 'from', or has it in the wrong place"),
    ("select Id Account", "MALFORMED_QUERY", "The query has no 'from', or has it in the wrong place"),
    ("select * from Account", "MALFORMED_QUERY", "The query cannot be read from here on: '* from Account'"),
    ("select Id from productt", "INVALID_TYPE", "invalid type specified: productt"),
    ("select Nothing from productt", "INVALID_TYPE", "invalid type specified: productt"),
    ("select Id from zObject", "INVALID_TYPE", "invalid type specified: zObject"),
    ("select Nothing from account", "INVALID_FIELD", "invalid field for query: Account.Nothing"),
    ("select fieldsToNull from Account", "INVALID_FIELD", "invalid field for query: Account.fieldsToNull"),
    ("select RatePlanData from Amendment", "INVALID_FIELD", "invalid field for query: Amendment.RatePlanData"),
    (f"{ALL} where Nothing = 1", "INVALID_FIELD", "invalid field for query: Account.Nothing"),
    (f"{ALL} where Account.Id = 'x'", "MALFORMED_QUERY", "The query cannot be read from here on: \".Id = 'x'\""),
    (f"{ALL} where", "MALFORMED_QUERY", "The query ends too early"),
    (f"{ALL} where Id", "MALFORMED_QUERY", "The query ends too early"),
    (f"{ALL} where Id =", "MALFORMED_QUERY", "The query ends too early"),
    (
        f"{ALL} where Id = five",
        "MALFORMED_QUERY",
        "Id needs a value, not 'five'; put a text in single quotes",
    ),
    (f"{ALL} where Id , 'x'", "MALFORMED_QUERY", "Id can be compared with =, !=, <=, >=, <, > or like, not with ','"),
    (f"{ALL} where Id in 'x'", "MALFORMED_QUERY", "Id can be compared with =, !=, <=, >=, <, > or like, not with 'in'"),
    (f"{ALL} where Id < null", "MALFORMED_QUERY", "null can only be compared with = and !=, not with <"),
    (f"{ALL} where AutoPay > true", "MALFORMED_QUERY", "AutoPay can only be compared with = and !=, not with >"),
    (
        f"{ALL} where Balance like '1%'",
        "MALFORMED_QUERY",
        "Balance like: like needs a text field and a text in single quotes",
    ),
    (f"{ALL} where Balance = 'x'", "MALFORMED_QUERY", "The value of Balance is 'x', which is not a decimal"),
    (f"{ALL} where Id = 'x' and", "MALFORMED_QUERY", "The query ends too early"),
    (f"{ALL} where Id = 'x' limit", "MALFORMED_QUERY", "The query ends before 'limit'"),
    (f"{ALL} where Id = 'x' order by Id", "MALFORMED_QUERY", "The query ends before 'order'"),
    (f"{ALL} where (Id = 'x')", "MALFORMED_QUERY", "The query cannot be read from here on: \"(Id = 'x')\""),
    (f"{ALL} where Id = 'x", "MALFORMED_QUERY", 'The query cannot be read from here on: "\'x"'),
    (f'{ALL} where Id = "x"', "MALFORMED_QUERY", "The query cannot be read from here on: '\"x\"'"),
    (f"{ALL}; drop table runs", "MALFORMED_QUERY", "The query cannot be read from here on: '; drop table runs'"),
    ("select Id,,Status from Account", "MALFORMED_QUERY", "The query has ',' where a name is expected"),
    (f"{ALL} {' ' * 10_000}", "MALFORMED_QUERY", "The query has more than 10000 characters"),
    (f"{ALL} where {' or '.join(['Id = 1'] * 201)}", "MALFORMED_QUERY", "The query has more than 200 conditions"),
]


@pytest.mark.parametrize(("text", "code", "message"), REFUSED)
def test_a_refused_query_has_a_code_and_a_message(text: str, code: str, message: str) -> None:
    with pytest.raises(QueryProblem) as caught:
        parsed(text)
    assert (caught.value.code, caught.value.message) == (code, message)


@pytest.mark.parametrize(
    ("field", "name", "version", "is_there"),
    [
        ("AppliedToChargeNumber", "InvoiceItem", (79, 0), False),
        ("AppliedToChargeNumber", "InvoiceItem", (80, 0), True),
        ("ProductRatePlanChargeId", "InvoiceItem", (66, 0), False),
        ("Batch", "BillingPreviewRun", (112, 9), True),
        ("Batch", "BillingPreviewRun", (113, 0), False),
        ("Batches", "BillingPreviewRun", (113, 0), True),
        ("TaxExemptStatus", "Account", (61, 0), True),
    ],
)
def test_a_field_is_there_in_its_versions(field: str, name: str, version: tuple[int, int], is_there: bool) -> None:
    try:
        parsed(f"select {field} from {name}", version)  # noqa: S608
        found = True
    except QueryProblem as problem:
        found = problem.code != "INVALID_FIELD"
    assert found is is_there
