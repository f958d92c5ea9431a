"""Bill runs of a stand-in: the items of a preview are billed, documents are stored, and terms renew as the clock moves.

Read `runs`, the powers; then `kept` (an account's original records), `changes` (the changes that billing makes) and
`invoices` (documents as v1 has them).
"""

from soapsvc.standin.bill_runs.runs import BillRuns

__all__ = ["BillRuns"]
