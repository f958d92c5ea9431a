"""Shared by the operations that read dates: the tenant's time, and the meaning of a TargetDate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo

from soapsvc.clock import Clock
from soapsvc.soap.contract import Shape
from soapsvc.soap.frame import Limits
from soapsvc.soap.reading import Reading
from soapsvc.tenant.store import Current, Store

_PACIFIC = ZoneInfo("America/Los_Angeles")


class Offsets(StrEnum):
    """The meaning of a TargetDate with an offset (or `Z`); one without an offset is always the day as written.

    VENDOR follows the vendor's documentation ("Actions before changing time zone"): through 68.0 such a value is
    converted to Pacific Time, whatever the tenant's zone is. From 69.0 on the field is a date, and it is the day as
    written, because clients' libraries add the offset, not their users. CONVERT means the day in the tenant's zone,
    AS_WRITTEN the day as written, both in every version.
    """

    VENDOR = "vendor"
    CONVERT = "convert"
    AS_WRITTEN = "as-written"

    def zone(self, own: tzinfo | None, shape: Shape) -> tzinfo | None:
        """The zone to which a value with an offset is converted; `own` is the tenant's. None: the day as written."""
        if self is Offsets.VENDOR:
            return None if shape.dates_are_dates else _PACIFIC
        return own if self is Offsets.CONVERT else None


@dataclass(frozen=True, slots=True)
class Reader:
    """Makes the `Reading` of records for the current moment."""

    store: Store
    clock: Clock
    limits: Limits
    offsets: Offsets = Offsets.VENDOR

    def now(self) -> tuple[datetime, Current]:
        """The instant in the tenant's zone, and the current state of the tenant."""
        current = self.store.current()
        return self.clock().astimezone(current.settings.zone), current

    def reading(self, now: datetime, shape: Shape) -> Reading:
        """How records of this shape are read now."""
        return Reading(shape, self.offsets.zone(now.tzinfo, shape), now.date() + self.limits.target_horizon)
