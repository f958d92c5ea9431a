"""What the operations that read dates share: the tenant's time and how a TargetDate is understood."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from soapsvc.clock import Clock
from soapsvc.soap.contract import Shape
from soapsvc.soap.fields import Reading
from soapsvc.soap.limits import Limits
from soapsvc.tenant.settings import TenantSettings
from soapsvc.tenant.store import Store


@dataclass(frozen=True, slots=True)
class Reader:
    """Says how records are read at this moment.

    `offsets_convert`: a TargetDate with an offset is converted to the tenant's zone; else it is taken as written.
    """

    store: Store
    clock: Clock
    limits: Limits
    offsets_convert: bool = True

    def now(self) -> tuple[datetime, TenantSettings, int]:
        """The instant in the tenant's zone, the tenant's settings, and the version of the store that they are of."""
        version, settings = self.store.current()
        return self.clock().astimezone(settings.zone), settings, version

    def reading(self, now: datetime, shape: Shape) -> Reading:
        """How records of this shape are read now."""
        zone = now.tzinfo if self.offsets_convert else None
        return Reading(shape, zone, now.date() + self.limits.target_horizon)
