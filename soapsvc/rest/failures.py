"""The v1 answer to a request that failed: `success` false, a process id, and reasons with the vendor's kind of code.

A code is a resource of six digits and a category of two ("Error codes"). Which resources the fields of a billing
preview have is not public; the resource 500000, which the vendor uses for whole objects, stands for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

import msgspec

from soapsvc.engine.result import BillingDataError
from soapsvc.wire import fresh_ids

_RESOURCE = 500000
_PROCESS_ID_DIGITS = 16


class Category(IntEnum):
    """The last two digits of a code: what kind of failure it is."""

    PERMISSION = 10
    AUTHENTICATION = 11
    INVALID_VALUE = 20
    UNKNOWN_FIELD = 21
    MISSING_FIELD = 22
    BAD_QUERY = 27
    RULE = 30
    NOT_FOUND = 40
    METHOD = 45
    LOCKING = 50
    INTERNAL = 60
    TEMPORARY = 61
    LIMIT = 70
    MALFORMED = 90


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason of a failure; `parameter` is the request's field at fault, where one is."""

    category: Category
    message: str
    parameter: str | None = None

    @property
    def code(self) -> int:
        """The vendor's eight-digit code."""
        return _RESOURCE * 100 + self.category


def failure_body(reasons: Iterable[Reason]) -> bytes:
    """The v1 body of a failure."""
    process_id = fresh_ids(1)[0][:_PROCESS_ID_DIGITS].upper()
    told = [{"code": reason.code, "message": reason.message} for reason in reasons]
    return msgspec.json.encode({"success": False, "processId": process_id, "reasons": told})


def unratable(errors: Iterable[BillingDataError]) -> list[Reason]:
    """The reasons of an account whose data cannot be rated."""
    return [Reason(Category.RULE, f"{error.code}: {error.message}", error.field) for error in errors]


def unknown_account(key: str) -> Reason:
    """The reason of a request for an account that the tenant does not have."""
    return Reason(Category.NOT_FOUND, f"Cannot find entity by key: '{key}'.", None)
