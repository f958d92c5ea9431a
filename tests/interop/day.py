"""A legacy client's whole day: it asks who it is, reads its data, previews, and fetches the result of a run.

A driver is a program `DRIVER BASE_URL VERSION [WSDL]`; with WSDL it is generated from that file instead of the served
one. It logs in, goes to the ServerUrl, calls getUserInfo, queries the account by ACCOUNT's number, its subscription
by the account's Id, the rate plan by the subscription's, and the charges by the rate plan's: 2,500, so that queryMore
goes on. It previews the account, asks for an unknown page, creates a BillingPreviewRun, polls it by query, and
downloads its file with `Authorization: ZSession`. It prints its findings as one JSON object with the keys of
`EXPECTED`.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from soapsvc.resources import wsdl_dir
from soapsvc.zoql import OBJECTS
from tests.soap.sample_tenant import PASSWORD, USER
from tests.support.documents import account, charge, subscription
from tests.support.tenants import write_tenant

CHARGES = 2_500
VERSIONS = ("61.0", "71.0", "153.0")
ACCOUNT_ID = "8ad0f00dacc0000101948a5b50010001"
SUBSCRIPTION_ID = "8ad0f00dacc0000101948a5b50010002"
EXPECTED: dict[str, Any] = {
    "username": USER,
    "account": [ACCOUNT_ID, "Finch & Co", "100.25"],
    "subscription": [SUBSCRIPTION_ID, "A-S1", "Active", "2027-01-01"],
    "pages": [2000, 500],
    "size": "2500",
    "charge": ["C-0000", "10", "2026-01-01", "In Advance"],
    "preview": "2500",
    "nothing": 0,
    "locator_fault": "INVALID_QUERY_LOCATOR",
    "run": "Completed",
    "file": "PK",
}
_TOML = f"""
[[users]]
username = {json.dumps(USER)}
password = {json.dumps(PASSWORD)}
"""


def write_day_tenant(folder: Path) -> Path:
    """One account with a subscription of 2,500 charges in one rate plan."""
    charges = [charge(f"C-{number:04}", id=f"{number:032}", name="Tea") for number in range(CHARGES)]
    plan = {"id": "9" * 32, "productName": "Tea", "ratePlanCharges": charges}
    return write_tenant(
        folder,
        _TOML,
        accounts={**account("A-1", id=ACCOUNT_ID), "metrics": {"balance": 100.25}},
        subscriptions=subscription(number="A-S1", id=SUBSCRIPTION_ID, accountId=ACCOUNT_ID, ratePlans=[plan]),
    )


def differences(printed: str) -> list[str]:
    """The differences between a driver's output and the expected findings."""
    try:
        seen = json.loads(printed)
    except ValueError:
        return [f"printed no JSON: {printed.strip()[:200]!r}"]
    return [
        f"{key} is {seen.get(key)!r}, not {wanted!r}" for key, wanted in EXPECTED.items() if seen.get(key) != wanted
    ]


def earlier_wsdl(version: str) -> str:
    """The published file as it was when only runs could be queried: old clients were generated from it."""
    text = (wsdl_dir() / f"zuora.{version}.wsdl").read_text(encoding="utf-8")
    kept = {"InvoiceItem", "BillingPreviewRun"}
    types = "|".join(each.name for each in OBJECTS if each.name not in kept)
    data = "ProductRatePlanChargeTierData|RatePlanChargeData|RatePlanData"
    for pattern in (
        rf' *<xs:complexType name="(?:{types}|{data})">.*?</xs:complexType>\n',
        r' *<xs:element name="queryMore(?:Response)?">.*?</xs:element>\n(?= *<xs:element name="(?:queryMore|Session))',
        rf' *<xs:element minOccurs="0" name="(?:{types})" nillable="true" type="ons:[^\n]*\n',
        r' *<message name="queryMore.*?</message>\n',
        r' *<operation name="queryMore">.*?</operation>\n(?= *</(?:portType|binding)>)',
        r' *<xs:enumeration value="INVALID_QUERY_LOCATOR"/>\n',
    ):
        text = re.sub(pattern, "", text, flags=re.DOTALL)
    return text
