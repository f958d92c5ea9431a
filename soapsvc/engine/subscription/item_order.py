"""The order of items: subscription number; OneTime, Usage, Recurring; the charge's creation, then its number.

The order in which charges use prepaid funds and commitments is another one: that of the balances of discounts. Sources:
observed previews: response (a 32-digit hexadecimal id carries its creation time in its 17th to 28th digit); "Reason why
some items on an invoice are discounted and some are not".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from soapsvc.engine.account import Charge, ChargeType, credits_commitment, squeeze
from soapsvc.engine.discounts import balance_rank
from soapsvc.engine.usage import draws_on_funds

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


def in_order_of_use(charges: dict[str, list[Charge]]) -> dict[str, list[Charge]]:
    """The charges of a subscription, by number, in the order in which they use prepaid funds and commitments.

    The order of the data has no meaning, so it decides nothing. Charges that share nothing keep it.
    """
    if not any(map(_shares, charges.values())):
        return charges
    return dict(sorted(charges.items(), key=lambda item: min(map(balance_rank, item[1]))))


def _shares(segments: Sequence[Charge]) -> bool:
    """Whether the usage of a charge draws on funds or counts towards a commitment."""
    is_usage = squeeze(segments[0].type) == squeeze(ChargeType.USAGE)
    return is_usage and any(draws_on_funds(each) or credits_commitment(each) for each in segments)
