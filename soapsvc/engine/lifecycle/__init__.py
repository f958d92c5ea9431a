"""Compute the account as it is after a bill run or on a later day.

`bill` is the account after the items of a preview were billed, `advance` the account when days have passed. Both return
a new account. Billing in several steps gives the same items as one preview; docs/rules/billing-rules.md, section 12,
names the exceptions.

Read `billing` (charges), with `usage_marks`, `fixed_amounts` and `funds`; then `time`, with `renewals`, `suspensions`
and `segment_ids`.
"""

from soapsvc.engine.lifecycle.billing import bill
from soapsvc.engine.lifecycle.time import advance

__all__ = ["advance", "bill"]
