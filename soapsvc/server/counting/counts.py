"""The counts of calls, over all worker processes or in one."""

from __future__ import annotations

from dataclasses import dataclass

from soapsvc.web.gate import Gate
from soapsvc.web.quotas import Rates


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of one service.

    `gate` counts calls under way, `queue` asynchronous requests that wait. In a span of time, `rates` counts the calls
    of the tenant's users, `strangers` all other calls.
    """

    gate: Gate
    rates: Rates
    strangers: Rates
    queue: Gate
