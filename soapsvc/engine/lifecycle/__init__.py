"""Change an account as billing and time do: billed documents leave their marks, and terms are renewed.

`bill` says how an account looks after what a preview shows was billed, `advance` how it looks when days have passed.
Both return a new account. In steps or at once, the items are the same; docs/rules/billing-rules.md, section 12, names
the exceptions.

Read `billing` (charges), with `usage_marks`, `fixed_amounts` and `funds`; then `time`, with `renewals`, `suspensions`
and `segment_ids`.
"""

from soapsvc.engine.lifecycle.billing import bill
from soapsvc.engine.lifecycle.time import advance

__all__ = ["advance", "bill"]
