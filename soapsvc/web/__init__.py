"""Shared by every HTTP edge: bodies, compression, logins, sessions, limits, records of calls.

`body` reads a request under limits, `packing` decides whether an answer is compressed. `gate` bounds how many calls are
under way; `quotas` says how many may come in a minute, which `server.counting` counts over all processes. `logins`
checks names and secrets, `guessing` counts wrong ones and computes delays, `sessions` stores logins in rows of
`tenant.users`. `calls` reports a finished call, with `log_text`; `once` makes values that all calls share.
"""
