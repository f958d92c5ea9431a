"""Queries of a grammar, answered by the service and by a plain evaluator over plain rows: the same rows and errors.

The plain evaluator knows neither terms nor pages nor documents: it looks at every row of `world.ROWS`. ZOQL_QUERIES
says how many queries are made (300); `ZOQL_QUERIES=10000` runs deep.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from soapsvc.tenant import Store
from soapsvc.zoql import Queries, QueryProblem
from tests.support.stores.store_hash import store_hash
from tests.zoql.conftest import ANNA, BOSS, MovableClock
from tests.zoql.world import FIELDS, ORGANIZATIONS, ROWS, ZONE, Row

VERSION = (113, 0)
HOW_MANY = int(os.environ.get("ZOQL_QUERIES", "300"))
OPERATORS = {"=": "eq", "!=": "ne", "<": "lt", ">": "gt", "<=": "le", ">=": "ge"}


@dataclass(frozen=True)
class Condition:
    field: str
    operator: str
    value: Any

    def text(self) -> str:
        return f"{self.field} {self.operator} {written(self.value)}"

    def holds(self, row: Row) -> bool:
        value, wanted = row[self.field], self.value
        if wanted is None or wanted == "":
            return (value is None) == (self.operator == "=")
        if value is None:
            return False
        if self.operator == "like":
            pattern = ".*".join(map(re.escape, wanted.split("%")))
            return re.fullmatch(pattern, value, re.DOTALL) is not None
        if isinstance(wanted, datetime) and wanted.tzinfo is None:
            wanted = wanted.replace(tzinfo=ZONE)
        return bool(getattr(value, f"__{OPERATORS[self.operator]}__")(wanted))


def written(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
        case datetime() | date():
            return value.isoformat()
        case _:
            return f"{value:f}"


def values(name: str, field: str) -> st.SearchStrategy[Any]:
    """Values that rows have, and others of the same type."""
    there = sorted({row[field] for row in ROWS[name] if row[field] is not None}, key=str)
    sample = there[0] if there else ""
    others: st.SearchStrategy[Any]
    match sample:
        case bool():
            others = st.booleans()
        case Decimal():
            others = st.decimals(-100, 100, places=2)
        case datetime():
            others = st.builds(datetime.fromisoformat, st.dates(date(2026, 1, 1), date(2026, 3, 1)).map(date.isoformat))
        case date():
            others = st.dates(date(2026, 1, 1), date(2027, 3, 1))
        case _:
            others = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=6)
    return st.one_of(st.sampled_from(there), others, st.none()) if there else st.one_of(others, st.none())


@st.composite
def conditions(draw: st.DrawFn, name: str) -> Condition:
    field = draw(st.sampled_from(FIELDS[name]))
    value = draw(values(name, field))
    operators = ["=", "=", "!="]
    is_ordered = value is not None and value != "" and not isinstance(value, bool)
    if is_ordered:
        operators += ["<", ">", "<=", ">="]
    if is_ordered and isinstance(value, str):
        operators += ["like"]
    operator = draw(st.sampled_from(operators))
    if operator == "like":
        cut = draw(st.integers(0, len(value)))
        value = draw(
            st.sampled_from([f"{value[:cut]}%", f"%{value[cut:]}", f"%{value}%", f"{value[:cut]}%{value[cut:]}", value])
        )
    return Condition(field, operator, value)


@dataclass(frozen=True)
class Asked:
    name: str
    fields: list[str]
    alternatives: list[list[Condition]]
    page: int

    def text(self) -> str:
        where = " or ".join(" and ".join(each.text() for each in ands) for ands in self.alternatives)
        text = f"select {', '.join(self.fields)} from {self.name}"  # noqa: S608 - it is no SQL
        return f"{text} where {where}" if where else text

    def rows(self, rows: list[Row]) -> list[tuple[Any, ...]]:
        order = [field for field in FIELDS[self.name] if field in self.fields]
        return [
            tuple(row[field] for field in order)
            for row in rows
            if not self.alternatives or any(all(each.holds(row) for each in ands) for ands in self.alternatives)
        ]


@st.composite
def queries_of_the_grammar(draw: st.DrawFn) -> Asked:
    name = draw(st.sampled_from(sorted(ROWS)))
    fields = draw(st.lists(st.sampled_from(FIELDS[name]), min_size=1, max_size=4))
    alternatives = draw(st.lists(st.lists(conditions(name), min_size=1, max_size=3), max_size=3))
    return Asked(name, fields, alternatives, draw(st.sampled_from([1, 2, 7, 2000])))


def all_pages(queries: Queries, asked: Asked, user: Any) -> tuple[list[tuple[Any, ...]], set[int]]:
    page = queries.query(user, asked.text(), VERSION, page=asked.page)
    records, sizes = list(page.records), {page.size}
    while page.locator is not None:
        assert len(page.records) == asked.page
        page = queries.query_more(user, page.locator)
        records += page.records
        sizes.add(page.size)
    return records, sizes


@settings(max_examples=HOW_MANY, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=queries_of_the_grammar())
def test_a_query_finds_what_a_plain_evaluator_finds(asked: Asked, queries: Queries) -> None:
    expected = asked.rows(ROWS[asked.name])
    records, sizes = all_pages(queries, asked, BOSS)
    assert records == expected
    assert sizes == {len(expected)}


OF_ANNA = {row["Id"] for number, row in enumerate(ROWS["Account"]) if number % 2 == 0}
SUBSCRIPTIONS_OF_ANNA = {row["Id"] for row in ROWS["Subscription"] if row["AccountId"] in OF_ANNA}
PLANS_OF_ANNA = {row["Id"] for row in ROWS["RatePlan"] if row["SubscriptionId"] in SUBSCRIPTIONS_OF_ANNA}


def seen_by_anna(name: str, row: Row) -> bool:
    if name == "Account":
        return row["Id"] in OF_ANNA
    if name == "RatePlan":
        return row["SubscriptionId"] in SUBSCRIPTIONS_OF_ANNA
    if name == "RatePlanCharge":
        return row["RatePlanId"] in PLANS_OF_ANNA
    return row["AccountId"] in OF_ANNA


@settings(max_examples=HOW_MANY // 3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=queries_of_the_grammar())
def test_a_user_of_one_organization_finds_what_is_its_own(asked: Asked, queries: Queries) -> None:
    assert ORGANIZATIONS[0] in ANNA.organizations
    expected = asked.rows([row for row in ROWS[asked.name] if seen_by_anna(asked.name, row)])
    records, sizes = all_pages(queries, asked, ANNA)
    assert (records, sizes) == (expected, {len(expected)})


WORDS = ["select", "from", "where", "and", "or", "like", "null", "Id", "Name", "Account", "Usage", "Balance"]
SCRAPS = [
    ",",
    "=",
    "!=",
    "<=",
    "'x'",
    "'",
    "''",
    "5",
    "2026-01-01",
    "true",
    "*",
    ";",
    "--",
    "/*",
    "(",
    ")",
    "%",
    "\\",
    "\x00",
    "é",
]
TOKENS = st.sampled_from([*WORDS, *SCRAPS])
INJECTIONS = [
    "' or '1'='1",
    "'; drop table accounts; --",
    "x' union select password_hash from users --",
    "\\'; delete from sessions; --",
    "%' or 1=1 --",
    "x\\",
    "$(reboot)",
    "{0.__class__}",
    "%s %(name)s :id ?",
    "\x00",
    "a' collate nocase --",
]


@settings(max_examples=HOW_MANY, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(TOKENS, max_size=14))
def test_any_words_are_a_query_or_a_typed_problem(words: list[str], queries: Queries) -> None:
    answered = told(queries, " ".join(words))
    assert answered in {"MALFORMED_QUERY", "INVALID_TYPE", "INVALID_FIELD", "Account", "Usage"}


def told(queries: Queries, text: str) -> str:
    """The name of the object that a query finds, or the code of its problem."""
    try:
        return queries.query(BOSS, text, VERSION).zobject.name
    except QueryProblem as problem:
        return problem.code if problem.message else "a problem without words"


@pytest.mark.parametrize("hostile", INJECTIONS)
@pytest.mark.parametrize("field", ["Id", "Name", "AccountNumber", "Notes"])
def test_injections_find_nothing_and_change_nothing(
    store: Store, clock: MovableClock, hostile: str, field: str
) -> None:
    queries, before = Queries(store, clock), store_hash(store)
    for operator in ("=", "like", ">="):
        page = queries.query(BOSS, f"select Id from Account where {field} {operator} {written(hostile)}", VERSION)  # noqa: S608
        expected = Asked("Account", ["Id"], [[Condition(field, operator, hostile)]], 1).rows(ROWS["Account"])
        assert list(page.records) == expected
    unquoted = f"select Id from Account where {field} = '{hostile}'"  # noqa: S608
    assert told(queries, unquoted) in {"MALFORMED_QUERY", "Account"}
    assert store_hash(store) == before
