"""Observe the calls of a stand-in: the `journal`, `near` misses of refused calls, and both over HTTP (`observed`)."""
