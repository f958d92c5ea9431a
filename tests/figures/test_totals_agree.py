"""Console, workbook, CSV, REST and SOAP come to the same sums, for accounts of all kinds.

Accounts are drawn at random; AGREEING_ACCOUNTS says how many (50; the whole claim is about 1,000).
"""

from __future__ import annotations

import csv
import io
import os
import random
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

from lxml import etree
from openpyxl import load_workbook

from soapsvc.server import Options, application
from soapsvc.tenant import UserEntry, open_tenant
from tests.console.conftest import MovableClock
from tests.console.visitor import Visitor
from tests.rest.client import Rest
from tests.soap.client import API, SOAP11
from tests.support.documents import account, charge, subscription
from tests.support.tenants import write_tenant

ACCOUNTS = int(os.environ.get("AGREEING_ACCOUNTS", "50"))
TARGET = "2026-12-31"
_MODELS = ("FlatFee", "PerUnit", "Volume", "Tiered")
_PERIODS = ("Month", "Quarter", "Semi_Annual", "Annual", "Week")


def _charge(draw: random.Random, number: str) -> dict[str, Any]:
    model = draw.choice(_MODELS)
    price = draw.randint(1, 99_999) / 100
    day = f"2026-{draw.randint(1, 9):02}-{draw.randint(1, 28):02}"
    tiers = [
        {"startingUnit": 0, "endingUnit": 10, "price": price, "priceFormat": "Per Unit"},
        {"startingUnit": 10, "price": price / 2, "priceFormat": "Flat Fee"},
    ]
    priced: dict[str, Any] = {"tiers": tiers} if model in {"Volume", "Tiered"} else {"price": price}
    if model != "FlatFee":
        priced |= {"quantity": draw.randint(1, 40), "uom": "Each"}
    if draw.random() < 0.15:
        priced |= {"type": "OneTime", "billingPeriod": None, "model": "FlatFee", "price": -price}
    else:
        priced |= {"billingPeriod": draw.choice(_PERIODS), "billingTiming": draw.choice(["IN_ADVANCE", "IN_ARREARS"])}
    return charge(number, **{"model": model, "effectiveStartDate": day, "effectiveEndDate": "2027-01-01", **priced})


def _tenant(folder: Path, draw: random.Random) -> Path:
    accounts, subscriptions = [], []
    for each in range(ACCOUNTS):
        number = f"A-{each:05}"
        currency = draw.choice(["USD", "EUR", "JPY"])
        accounts.append(account(number, id=f"{each:032x}", currency=currency, billCycleDay=draw.randint(1, 31)))
        for sold in range(draw.randint(0, 3)):
            charges = [_charge(draw, f"C-{each}-{sold}-{item}") for item in range(draw.randint(1, 4))]
            if draw.random() < 0.3:
                percent = {"model": "DiscountPercentage", "discountPercentage": draw.randint(1, 50), "price": None}
                scope = {"discountLevel": "subscription", "applyDiscountTo": "ONETIMERECURRINGUSAGE"}
                charges.append(charge(f"C-{each}-{sold}-off", **percent, **scope))
            subscriptions.append(subscription(*charges, number=f"S-{each}-{sold}", accountNumber=number))
    return write_tenant(folder, 'time_zone = "UTC"', accounts=accounts, subscriptions=subscriptions)


def _soap(application: Any, token: str, account_id: str) -> Decimal:
    body = (
        f'<e:Envelope xmlns:e="{SOAP11}" xmlns:a="{API}"><e:Header><a:SessionHeader><a:session>{token}</a:session>'
        f"</a:SessionHeader></e:Header><e:Body><a:billingPreview><a:requests><a:AccountId>{account_id}</a:AccountId>"
        f"<a:TargetDate>{TARGET}T00:00:00</a:TargetDate></a:requests></a:billingPreview></e:Body></e:Envelope>"
    )
    answer = Rest(application).request("POST", "/apps/services/a/61.0", body.encode(), None, "text/xml")
    root = etree.fromstring(answer.body)
    assert root.xpath("string(//*[local-name()='Success'])") == "true", answer.body
    return sum((Decimal(each.text) for each in root.iter("{*}ChargeAmount")), Decimal())


def test_all_surfaces_come_to_the_same_sums(tmp_path: Path, clock: MovableClock) -> None:
    seed = int(os.environ.get("AGREEING_SEED", "21"))
    store = open_tenant(_tenant(tmp_path / "tenant", random.Random(seed)))  # noqa: S311 - a draw of test data
    store.put_user(UserEntry("demo@example.com", password="demo", client_id="demo", client_secret="demo"))
    whole = application(store, Options(results=str(tmp_path / "runs"), run_workers=0), clock)
    visitor = Visitor(whole)
    visitor.sign_in()
    token = store.create_session("demo@example.com", int(clock().timestamp()) + 86_400)
    rest = Rest(whole, token)
    billed = 0
    for each in store.accounts():
        asked = {"id": each.id, "target_date": TARGET, "by": "month"}
        page = visitor.get("/console/account", asked)
        shown = [Decimal(found) for found in page.root.xpath("//strong[@class='total']/@data-amount")]
        console = sum(shown, Decimal())
        grouped = sum((Decimal(found) for found in page.root.xpath("//tr[@class='group']/@data-sum")), Decimal())
        answer = rest.preview(accountId=each.id, targetDate=TARGET).json
        sums = {
            "grouped": grouped,
            "REST": sum((Decimal(item["chargeAmount"]) for item in answer["invoiceItems"]), Decimal()),
            "SOAP": _soap(whole, token, each.id),
            "CSV": _csv(visitor.get("/console/account/file", {**asked, "format": "vendor"}).text),
            "all columns": _csv(visitor.get("/console/account/file", {**asked, "format": "csv"}).text),
            "workbook": _book(visitor.get("/console/account/file", {**asked, "format": "xlsx"}).body),
        }
        assert {name: amount for name, amount in sums.items() if amount != console} == {}, each.account_number
        billed += bool(console)
    assert billed > ACCOUNTS / 2
    store.close()


def _csv(text: str) -> Decimal:
    rows = csv.DictReader(io.StringIO(text))
    return sum((Decimal(row.get("Amount") or row.get("Invoice Item: Charge Amount") or 0) for row in rows), Decimal())


def _book(content: bytes) -> Decimal:
    head, *rows = load_workbook(io.BytesIO(content), read_only=True)["Items"].iter_rows(values_only=True)
    amounts = [str(row[head.index("Amount")]) for row in rows]
    assert all(re.fullmatch(r"-?[0-9.]+", amount) for amount in amounts)
    return sum(map(Decimal, amounts), Decimal())
