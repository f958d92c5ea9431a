"""Which statuses of a subscription are billed.

Sources: "Subscription statuses"; "Catch-up bill run" and the vendor's support: what is pending is billed charge by
charge, as soon as its trigger date is known.
"""

from __future__ import annotations

from soapsvc.engine.enums import squeeze
from soapsvc.engine.model import Subscription

_PENDING = frozenset({"pendingactivation", "pendingacceptance"})
_RUNNING = _PENDING | {"active", "suspended"}
_BILLED = _RUNNING | {"outofterm", "cancelled", "canceled"}


def is_billed(subscription: Subscription) -> bool:
    """False for a draft, and for a version that has expired."""
    return squeeze(subscription.status) in _BILLED


def is_running(subscription: Subscription) -> bool:
    """True for what a cancellation can still end."""
    return squeeze(subscription.status) in _RUNNING


def is_pending(subscription: Subscription) -> bool:
    """True before service activation or customer acceptance: its term may not have begun."""
    return squeeze(subscription.status) in _PENDING
