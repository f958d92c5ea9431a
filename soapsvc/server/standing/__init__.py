"""A stand-in as one WSGI application: what it needs to know of the edges, whom no edge may know.

Read `powers` (the application), `calls` (what a call asks for), `spelling` (failures as edges spell them),
`near_misses`, and `desk` (the powers as the console has them).
"""

from soapsvc.server.standing.desk import Desk
from soapsvc.server.standing.powers import own_counts, own_limits, with_powers

__all__ = ["Desk", "own_counts", "own_limits", "with_powers"]
