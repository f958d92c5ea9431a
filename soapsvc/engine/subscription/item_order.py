"""The order of items: subscription number; OneTime, Usage, Recurring; the charge's creation, then its number.

Source: observed previews: response (a 32-digit hexadecimal id carries its creation time in its 17th to 28th digit).
"""

from __future__ import annotations

import re

from soapsvc.engine.account import ChargeType

_TYPE_ORDER = {member: position for position, member in enumerate(ChargeType)}
_HEXADECIMAL = re.compile(r"[0-9a-fA-F]{32}")


def creation_time(identifier: str) -> int:
    """The creation time of the object with this id, in milliseconds since 1970; 0 where the id does not contain it."""
    if not _HEXADECIMAL.fullmatch(identifier):
        return 0
    return int(identifier[16:28], 16)


def charge_order(charge_type: ChargeType, created: int, number: str) -> tuple[int, int, str]:
    """The sort key of a charge within its subscription."""
    return _TYPE_ORDER[charge_type], created, number
