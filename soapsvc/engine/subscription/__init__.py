"""One subscription: its charges in the order of their items, with notes and errors.

The room offers `rate_subscriptions`, and the rules across the charges of a subscription: the order of items, prepaid
funds, minimum commitments, cautions.

Read `rating`, the entry; then `item_order`, `prepaid_funds` (the funds that a subscription has), `true_ups` (minimum
commitments) and `cautions` (warnings of amounts that are right by the rules, and surprise).
"""

from soapsvc.engine.subscription.rating import SubscriptionRows, rate_subscriptions

__all__ = ["SubscriptionRows", "rate_subscriptions"]
