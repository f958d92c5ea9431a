"""The one WSGI application, composed of the edges, and the HTTP server that runs it.

Read `wsgi` (the edges by path prefix), then `listening` (sockets, worker processes, TLS), `counting` (calls under way
and rates, over all workers), `watching` (metrics, readiness), `standing` (a stand-in's powers), `shadow`. `telling`
logs each call once; `aliases` has older paths, `public_url` our own address.
"""

from soapsvc.server.wsgi import Options, application

__all__ = ["Options", "application"]
