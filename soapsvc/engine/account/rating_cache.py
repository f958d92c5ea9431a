"""The cache of an account: facts that are the same in every preview of it.

An account is immutable, so these facts hold as long as the account object lives. Each room above reads and fills its
own part; nothing else is kept from one preview to the next.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class RatingCache:
    """`facts`: rounding, usage and the like (`charges`); `currencies`: the account by currency (`documents`).

    `charges`: grid, price and facts of recurring segments by charge id and whether a renewal is assumed (`charges`).
    `last`: the request and the result of the last preview, where it was small (`preview`).
    """

    facts: Any = None
    currencies: Any = None
    charges: dict[tuple[str, bool], object] = field(default_factory=dict)
    last: Any = None
