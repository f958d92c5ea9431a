"""The frame of every call to the service under test, before the service gets it.

Read `front` (journal, faults, date), `taken` (the body, read first), `runs` (runs that are executed at the next call),
`sign_in` (lax sign-in: every caller is accepted).
"""

from soapsvc.standin.front.front import Front
from soapsvc.standin.front.runs import Runs
from soapsvc.standin.front.sign_in import LaxLogins, LaxSessions

__all__ = ["Front", "LaxLogins", "LaxSessions", "Runs"]
