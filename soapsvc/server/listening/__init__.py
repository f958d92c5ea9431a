"""The HTTP server below the application: one socket, worker processes, TLS, and deadlines for slow clients.

Read `runner` (what `soapsvc serve` starts), `processes` (workers forked, replaced, stopped), `http` (granian; a
worker's part of stopping), `nudge` (for a fault of granian's threads), `exchange` (one request and its answer), `tls`.
The door only describes, so code that needs only `http` does not load `runner`.
"""
