"""What every call of the service under test passes through before the service sees it.

Read `front` (noted, failed on purpose, dated), `taken` (its body, read before), `runs` (runs that are carried out when
the next call comes), `sign_in` (lax sign-in: whoever calls is let in).
"""

from soapsvc.standin.front.front import Front
from soapsvc.standin.front.runs import Runs
from soapsvc.standin.front.sign_in import LaxLogins, LaxSessions

__all__ = ["Front", "LaxLogins", "LaxSessions", "Runs"]
