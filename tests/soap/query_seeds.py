"""Messages of `query` and `queryMore` as seeds of the fuzzer: hostile ZOQL, other users' locators, odd options.

One user pages through charges, the other through accounts, so a page of the other user's locator would be noticed.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle, product
from xml.sax.saxutils import escape

from tests.soap.client import API, XSI, Reply, Service, envelope, session_header

PATH = "/apps/services/a/153.0"
OWN_QUERY = "select Id, ChargeNumber from RatePlanCharge"
OTHERS_QUERY = "select Id, AccountNumber from Account"
OTHERS_TYPE = "Account"
SUBSCRIPTIONS, USAGE = "select Id, Name from Subscription where", "select Id, Quantity from Usage where"

MOMENTS = [
    "2014-05-23",
    "2014-02-30",
    "0000-00-00",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "9999-12-31T24:00:00",
    "2014-05-23T00:00:00.1234567890+2359",
]
NUMBERS = ["10", "-0", ".", "1e400", "9" * 400, "0." + "0" * 400 + "1", "NaN", "'Infinity'", "'\u0661'", "null"]
TEXTS = [
    r"'x\' or 1 = 1 --'",
    r"'\\'",
    "'x' or '1' = '1'",
    "'A-1'; drop table accounts",
    "'A-1' union select token from sessions",
    "'" + "%" * 500 + "x'",
    "'",
    '"A-1"',
    "'\u0130\ufb03\u1e9e\U0001f600e\u0301'",
    "'" + "x" * 9_000 + "'",
    "(select Id from Account)",
    "true",
]
HOSTILE_ZOQL = [
    "",
    "select",
    "select * from Account",
    "select count() from Account",
    "select Id from sqlite_master",
    "select Password from User",
    "select Id from Account order by Id limit 1 offset 1",
    "select Id from Account -- where",
    "SELECT id,ID,Id FROM\taccount\nWHERE\u00a0id != NULL",
    f"{SUBSCRIPTIONS.replace('Id', 'Id, ' * 2_000 + 'Id')} Name = null",
    f"{SUBSCRIPTIONS} {' or '.join(['Name = null'] * 200)}",
    f"{SUBSCRIPTIONS} {' and '.join(['Name != null'] * 201)}",
    f"{SUBSCRIPTIONS} {'(' * 1_000}Name = null",
    "select Id, Status, ResultFileUrl from BillingPreviewRun where Id != null",
    *(f"{SUBSCRIPTIONS} Name {operator} {text}" for operator, text in product(("=", "like"), TEXTS)),
    *(f"{SUBSCRIPTIONS} TermEndDate {operator} {day}" for operator, day in product((">=", "="), MOMENTS)),
    *(f"{USAGE} StartDateTime {operator} {moment}" for operator, moment in product("<=", MOMENTS)),
    *(f"{OWN_QUERY} where Price != {number} or Version < {number}" for number in NUMBERS),
]
SIZES = ["", "0", "-1", "1", " +2 ", "2001", "9" * 30, "1e3", "1.0", "\u0661", "\u00b2", "<a:x/>", "true"]
CASES = ["", "false", "maybe"]
TOKENS = [
    *(
        b"'",
        b"\\",
        b"\\'",
        b"%",
        b"null",
        b" or ",
        b" and Id != null",
        b" like '%'",
        b" where ",
        b"select Id, ",
        b", Id",
    ),
    *(b" from Usage", b"(", b"--", b";", b"1e400", b"9999-12-31T23:59:59-14:00", b"a:queryMore", b"a:queryLocator"),
    *(b"<a:QueryOptions><a:batchSize>1</a:batchSize></a:QueryOptions>", b"-1", b"-2", b"-0"),
]


def query_seeds(service: Service, others_token: str) -> Iterator[str]:
    """The messages; their locators come from the service, some of them as the user with the other token."""
    header = session_header(service.token)
    for text in HOSTILE_ZOQL:
        yield _query(text, header)
    for size, case in zip(SIZES, cycle(CASES), strict=False):
        yield _query(OWN_QUERY, header + _options(size, case))
    own, others = _locator(service, service.token, OWN_QUERY), _locator(service, others_token, OTHERS_QUERY)
    odd = [
        others.upper(),
        others[:-1],
        f"{own.partition('-')[0]}-3",
        "",
        "-",
        "%",
        "' or '1' = '1",
        own * 9,
        f" {own} ",
    ]
    for locator in [*[own] * 4, *[others] * 4, *odd]:
        yield _query_more(locator, header)
        yield _query_more(locator, header + _options("2", ""))


def check_page(reply: Reply, answer: str) -> None:
    """Check a page: it has a locator for the next page or is the last, and it is not the other user's."""
    if answer not in {"queryResponse", "queryMoreResponse"}:
        return
    (result,) = reply.root.iter(f"{{{API}}}result")
    records = [record for record in result.iterfind(f"{{{API}}}records") if len(record)]
    size, done = int(result.findtext(f"{{{API}}}size") or ""), result.findtext(f"{{{API}}}done")
    assert len(records) <= min(size, 2_000)
    assert (done == "true") == (not result.findtext(f"{{{API}}}queryLocator"))
    types = {record.get(f"{{{XSI}}}type", "").rpartition(":")[2] for record in records}
    assert len(types) <= 1
    assert answer == "queryResponse" or OTHERS_TYPE not in types


def _locator(service: Service, token: str, text: str) -> str:
    """The locator of the query after its first record."""
    reply = service.post(_query(text, session_header(token) + _options("1", "")).encode(), PATH)
    locator = reply.root.findtext(f".//{{{API}}}queryLocator")
    assert locator, reply.text
    return locator


def _query(text: str, header: str) -> str:
    return envelope(f"<a:query><a:queryString>{escape(text)}</a:queryString></a:query>", header)


def _query_more(locator: str, header: str) -> str:
    return envelope(f"<a:queryMore><a:queryLocator>{escape(locator)}</a:queryLocator></a:queryMore>", header)


def _options(size: str, case: str) -> str:
    """The header of both calls; `size` and `case` are XML."""
    return (
        f"<a:QueryOptions><a:batchSize>{size}</a:batchSize><a:caseSensitive>{case}</a:caseSensitive></a:QueryOptions>"
    )
