"""A stand-in as one WSGI application: what it needs to know of the edges, whom no edge may know.

Read `powers` (the application), `calls` (what a call asks for), `spelling` (failures as edges spell them), and
`near_misses`.
"""

from soapsvc.server.standing.powers import own_counts, own_limits, with_powers

__all__ = ["own_counts", "own_limits", "with_powers"]
