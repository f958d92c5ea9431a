"""The HTTP server below the application: one socket, worker processes, TLS, and patience with slow clients.

Read `runner` (what `soapsvc serve` starts), `processes` (workers forked, replaced, stopped), `http` (granian; a
worker's part of stopping), `exchange` (one request and its answer), `tls`. The door only describes, so that who needs
`http` alone does not pay for `runner`.
"""
