"""What the engine keeps with an account: what all previews of it have in common, whatever they ask for.

An account is immutable, so that what was read of it holds for as long as the account does, and goes with it. The rooms
above read and fill their own part; nothing else is kept from one preview to the next.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class RatingCache:
    """`facts`: rounding, usage and the like (`charges`); `currencies`: the account by currency (`documents`).

    `charges`: grid, price and facts of recurring segments by charge id and whether a renewal is assumed (`charges`).
    """

    facts: Any = None
    currencies: Any = None
    charges: dict[tuple[str, bool], object] = field(default_factory=dict)
