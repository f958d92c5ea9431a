"""What `soapsvc verify` and `soapsvc fit` have found, read again from the JSON that they print."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated

import msgspec


class Kept(msgspec.Struct, frozen=True, rename="camel"):
    """A JSON object with names in camel case; keys that are not known here are passed over."""


class Share(Kept, frozen=True):
    """So much of so much."""

    agreeing: int
    of: int


class KeptMoney(Kept, frozen=True):
    """Money of one currency: theirs, ours, and what differs."""

    currency: str
    theirs: Decimal
    ours: Decimal
    differing: Decimal
    agreeing_share: float


class KeptItem(Kept, frozen=True, kw_only=True):
    """An item, theirs or ours. Both days are served."""

    subscription_number: str | None = None
    charge_number: str | None = None
    charge_name: str | None = None
    service_start_date: str
    service_end_date: str
    charge_amount: Decimal
    tax_amount: Decimal | None = None
    quantity: Decimal | None = None


class KeptDifference(Kept, frozen=True, kw_only=True):
    """One item that differs: what the vendor has, what we have, and how ours comes about."""

    account: str
    recording: str = ""
    target_date: str = ""
    kinds: list[str]
    money: Decimal
    theirs: KeptItem | None = None
    ours: KeptItem | None = None
    explanation: list[str] = []
    refusal: str | None = None


class KeptGroup(Kept, frozen=True):
    """Differences of one origin."""

    cause: str
    why: str
    currency: str
    money: Decimal
    net: Decimal
    accounts: list[str]
    differences: list[KeptDifference]


class KeptUnusable(Kept, frozen=True):
    """A recorded preview that could not be compared."""

    account: str
    recording: str
    reason: str


class KeptVerification(Kept, frozen=True, kw_only=True):
    """What `soapsvc verify --format json` prints."""

    agrees: bool
    accounts: Share
    previews: Share
    items: Share
    items_left_out: int
    money: list[KeptMoney]
    differences: int
    differences_that_count: int
    allowed: list[str]
    groups: list[KeptGroup]
    unusable: list[KeptUnusable]


class KeptSetting(Kept, frozen=True, kw_only=True):
    """What was found of one setting."""

    name: str
    value: str
    was: str
    said: bool
    standing: str
    items_that_break_otherwise: int
    as_good: list[str]
    accounts: list[str]
    would_decide: str
    not_together: list[str] = []


class KeptLeft(Kept, frozen=True):
    """A recording that no settings reproduce."""

    account: str
    items: int
    money: Decimal


class KeptFit(Kept, frozen=True, kw_only=True):
    """What `soapsvc fit --format json` prints."""

    recordings: Annotated[int, msgspec.Meta(ge=0)]
    reproduced: int
    reproduced_before: int
    settings: list[KeptSetting]
    tax_rates: list[str]
    not_reproduced: list[KeptLeft]


class NoReport(ValueError):
    """Bytes that are no report of ours; the message says what is wrong with them."""


def read_report(content: bytes) -> KeptVerification | KeptFit:
    """A report by what it has in it. Raises NoReport."""
    try:
        told = msgspec.json.decode(content, type=dict[str, msgspec.Raw])
        if "agrees" in told:
            return msgspec.json.decode(content, type=KeptVerification)
        return msgspec.json.decode(content, type=KeptFit)
    except (msgspec.DecodeError, UnicodeDecodeError, InvalidOperation, RecursionError) as error:
        raise NoReport(f"this is no JSON that soapsvc verify or soapsvc fit prints: {error}") from error


def kept_verification(document: object) -> KeptVerification:
    """A verification that was not printed, in the same form."""
    return msgspec.convert(document, KeptVerification)
