"""Price tiers: their checked form, and what a quantity costs by volume or tier by tier.

    startingUnit   0          11              21
    endingUnit          10              20          (open)
                   |-----------|---------------|------------->
    band           (0, 10]      (10, 20]        (20, …)

The units of a tier begin where the tier before it ends; `startingUnit` is only a label, one unit of precision later
("Tiered pricing", field descriptions of the rate plan charge tier).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from soapsvc.engine.account import ONE, ZERO, Tier, squeeze
from soapsvc.engine.errors import RatingError
from soapsvc.engine.money import EXACT, number_text

_FLAT = {"flatfee": True, "perunit": False, "": False}


class Band(NamedTuple):
    """Units above `floor` up to and including `ceiling` (None is open); a flat price is due once a unit is in it."""

    floor: Decimal
    ceiling: Decimal | None
    price: Decimal
    flat: bool


class Bands(NamedTuple):
    """The bands of a charge, lowest first; `ceilings` are those of all closed bands, for searching."""

    bands: tuple[Band, ...]
    ceilings: tuple[Decimal, ...]
    first_unit: Decimal

    @property
    def top(self) -> Decimal | None:
        """The last unit that has a price, None when the last band is open."""
        return self.bands[-1].ceiling


@lru_cache(maxsize=256)
def bands_of(tiers: tuple[Tier, ...]) -> Bands:
    """The tiers as bands, ordered by starting unit.

    Raises RatingError: MISSING_TIERS without any, TIER_GAP where units between two tiers have no price, TIER_OVERLAP
    where they have two, TIER_REVERSED where a tier ends before it starts, UNKNOWN_VALUE for a price format, BAD_NUMBER.
    """
    if not tiers:
        raise RatingError("MISSING_TIERS", "The charge has no tiers, but its charge model needs them.", "tiers")
    for tier in tiers:
        _check_numbers(tier)
    ordered = sorted(tiers, key=lambda tier: tier.starting_unit)
    bands = []
    floor: Decimal | None = ZERO
    for position, tier in enumerate(ordered, start=1):
        floor = _check_start(position, tier, floor)
        bands.append(Band(floor, tier.ending_unit, tier.price, _is_flat(tier)))
        floor = tier.ending_unit
    ceilings = tuple(band.ceiling for band in bands if band.ceiling is not None)
    return Bands(tuple(bands), ceilings, ordered[0].starting_unit)


def _check_numbers(tier: Tier) -> None:
    for name, value in (("startingUnit", tier.starting_unit), ("endingUnit", tier.ending_unit), ("price", tier.price)):
        if value is not None and not value.is_finite():
            raise RatingError("BAD_NUMBER", f"A tier's {name} is {value}, which is not a number.", f"tiers.{name}")
    if tier.ending_unit is not None and tier.ending_unit < tier.starting_unit:
        raise RatingError(
            "TIER_REVERSED",
            f"A tier ends at {number_text(tier.ending_unit)} before it starts at {number_text(tier.starting_unit)}.",
            "tiers.endingUnit",
        )


def _check_start(position: int, tier: Tier, floor: Decimal | None) -> Decimal:
    """The floor of the tier at `position`, which must begin within one unit after the end of the one before it."""
    start = tier.starting_unit
    if floor is None:
        message = (
            f"Tier {position - 1} has no endingUnit, but tier {position} follows it and starts at {number_text(start)}."
        )
        raise RatingError("TIER_OVERLAP", message, "tiers.endingUnit")
    if start < floor:
        message = f"Tier {position} starts at {number_text(start)}; it must start at {number_text(floor)} or above."
        raise RatingError("TIER_OVERLAP", message, "tiers.startingUnit")
    if start - floor > ONE:
        between = f"between {number_text(floor)} and {number_text(start)}, where tier {position} starts"
        raise RatingError("TIER_GAP", f"No tier prices the units {between}.", "tiers.startingUnit")
    return floor


def _is_flat(tier: Tier) -> bool:
    flat = _FLAT.get(squeeze(tier.price_format or ""))
    if flat is None:
        message = f"A tier's priceFormat is {tier.price_format!r}; known values: PerUnit, FlatFee."
        raise RatingError("UNKNOWN_VALUE", message, "tiers.priceFormat")
    return flat


class TierShare(NamedTuple):
    """The contribution of one band: its position, the number of units priced by it, and their fee."""

    position: int
    units: Decimal
    price: Decimal
    flat: bool
    fee: Decimal

    def __str__(self) -> str:
        price = number_text(self.price)
        return f"{price} flat" if self.flat else f"{number_text(self.units)} x {price}"


def volume_parts(bands: Bands, quantity: Decimal) -> tuple[TierShare, ...]:
    """All units at the price of the first band whose ceiling they do not exceed; above a closed last band, 0."""
    index = bisect_left(bands.ceilings, quantity)
    return (_part(index, bands.bands[index], quantity),) if index < len(bands.bands) else ()


def tiered_parts(bands: Bands, quantity: Decimal) -> tuple[TierShare, ...]:
    """Each band's units at its price, flat bands once entered; units above a closed last band are free.

    The first band counts as entered even by zero units ("Unbilled Usage": the normal rater).
    """
    parts = []
    for index, band in enumerate(bands.bands):
        if index and quantity <= band.floor:
            break
        ceiling = quantity if band.ceiling is None else min(quantity, band.ceiling)
        parts.append(_part(index, band, EXACT.subtract(ceiling, band.floor)))
    return tuple(parts)


def _part(index: int, band: Band, units: Decimal) -> TierShare:
    return TierShare(
        index, units, band.price, band.flat, band.price if band.flat else EXACT.multiply(units, band.price)
    )


def total_fee(parts: Iterable[TierShare]) -> Decimal:
    """The sum of the parts."""
    total = ZERO
    for part in parts:
        total = EXACT.add(total, part.fee)
    return total


def units_beyond(bands: Bands, quantity: Decimal) -> Decimal:
    """The units above a closed last band."""
    if bands.top is None or quantity <= bands.top:
        return ZERO
    return EXACT.subtract(quantity, bands.top)
