"""One subscription: its charges in the order of their items, with notes and errors.

The room offers `rate_subscriptions`, and the rules across the charges of a subscription: the order of items, prepaid
funds, minimum commitments, cautions.

Read `rating`, the entry; then `item_order`, `prepaid_funds`, `true_ups` and `cautions`.
"""

from soapsvc.engine.subscription.rating import SubscriptionRows, rate_subscriptions

__all__ = ["SubscriptionRows", "rate_subscriptions"]
