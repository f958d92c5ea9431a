"""Bill runs of a stand-in: what a preview shows is billed, documents are kept, and terms renew as the clock moves.

Read `runs`, the powers; then `kept` (an account's records as they came), `changes` (what billing writes into them) and
`invoices` (documents as v1 has them).
"""

from soapsvc.standin.bill_runs.runs import BillRuns

__all__ = ["BillRuns"]
