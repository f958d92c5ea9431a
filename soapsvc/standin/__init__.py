"""A stand-in for tests: a service over a private copy of a tenant, with powers over its time, state and faults.

`StandIn` has the powers, over a `PrivateCopy`; `admin_routes` gives them to HTTP, under /_admin, in an application of
its own (`AdminPlane`). Read `stand_in`, `seeds` (the tenant at the start), `front` (the frame of every call),
`faults`, `watch` (the journal), `bill_runs` (and the renewals that a moved clock brings). Over HTTP: `routes` (how a
route is written), `tenancy` (accounts, seed, reset, state), `times` (the clock), `pages`, `problems`; `turns` keeps
calls and resets apart.
"""

from soapsvc.standin.admin import PREFIX, AdminPlane
from soapsvc.standin.bill_runs import BillRuns
from soapsvc.standin.front import LaxLogins, LaxSessions
from soapsvc.standin.problems import Refused
from soapsvc.standin.routes import Answer, Call, Route
from soapsvc.standin.seeds.copies import NotPrivate, PrivateCopy, from_folder, private_copy
from soapsvc.standin.seeds.demo import DEMO_USERS, SDK_CLIENT
from soapsvc.standin.stand_in import SEED, Parity, Settings, SignIn, StandIn, started
from soapsvc.standin.tenancy import Tenancy
from soapsvc.standin.times import Times, instant_of

__all__ = [
    "DEMO_USERS",
    "PREFIX",
    "SDK_CLIENT",
    "SEED",
    "AdminPlane",
    "Answer",
    "BillRuns",
    "Call",
    "LaxLogins",
    "LaxSessions",
    "NotPrivate",
    "Parity",
    "PrivateCopy",
    "Refused",
    "Route",
    "Settings",
    "SignIn",
    "StandIn",
    "Tenancy",
    "Times",
    "from_folder",
    "instant_of",
    "private_copy",
    "started",
]
