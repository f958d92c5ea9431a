"""A stand-in as one WSGI application. This room knows the edges, and no edge imports it.

Read `powers` (the application), `calls` (describes a call), `spelling` (writes failures as the edges do),
`near_misses`, and `desk` (the powers for the console).
"""

from soapsvc.server.standing.desk import Desk
from soapsvc.server.standing.powers import own_counts, own_limits, with_powers

__all__ = ["Desk", "own_counts", "own_limits", "with_powers"]
