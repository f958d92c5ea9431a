"""Read the printed JSON of `soapsvc verify` and `soapsvc fit` again."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated

import msgspec


class Kept(msgspec.Struct, frozen=True, rename="camel"):
    """A JSON object with names in camel case; unknown keys are ignored."""


class Share(Kept, frozen=True):
    """A number out of a total."""

    agreeing: int
    of: int


class KeptMoney(Kept, frozen=True):
    """Money of one currency: theirs, ours, and the difference."""

    currency: str
    theirs: Decimal
    ours: Decimal
    differing: Decimal
    agreeing_share: float


class KeptItem(Kept, frozen=True, kw_only=True):
    """An item, theirs or ours. Both days are inclusive."""

    subscription_number: str | None = None
    charge_number: str | None = None
    charge_name: str | None = None
    service_start_date: str
    service_end_date: str
    charge_amount: Decimal
    tax_amount: Decimal | None = None
    quantity: Decimal | None = None


class KeptDifference(Kept, frozen=True, kw_only=True):
    """One item that differs: the vendor's, ours, and the explanation of ours."""

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
    """The output of `soapsvc verify --format json`."""

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
    """The finding of one setting."""

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
    """The output of `soapsvc fit --format json`."""

    recordings: Annotated[int, msgspec.Meta(ge=0)]
    reproduced: int
    reproduced_before: int
    settings: list[KeptSetting]
    tax_rates: list[str]
    not_reproduced: list[KeptLeft]


class NoReport(ValueError):
    """Bytes that are not a report of soapsvc; the message names the problem."""


def read_report(content: bytes) -> KeptVerification | KeptFit:
    """The report in the bytes, of the kind that its keys show. Raises NoReport."""
    try:
        told = msgspec.json.decode(content, type=dict[str, msgspec.Raw])
        if "agrees" in told:
            return msgspec.json.decode(content, type=KeptVerification)
        return msgspec.json.decode(content, type=KeptFit)
    except (msgspec.DecodeError, UnicodeDecodeError, InvalidOperation, RecursionError) as error:
        raise NoReport(f"this is not JSON of soapsvc verify or soapsvc fit: {error}") from error


def kept_verification(document: object) -> KeptVerification:
    """A verification in the form of a printed one."""
    return msgspec.convert(document, KeptVerification)
