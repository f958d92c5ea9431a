"""The counts of calls, over all worker processes or in one."""

from __future__ import annotations

from dataclasses import dataclass

from soapsvc.web.gate import Gate
from soapsvc.web.quotas import Rates


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of one service.

    `gate` counts calls under way, `rates` those of the tenant's users in a span of time and `strangers` those of
    everybody else, `queue` asynchronous requests that wait.
    """

    gate: Gate
    rates: Rates
    strangers: Rates
    queue: Gate
