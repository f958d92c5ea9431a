"""What a stand-in has seen: the `journal` of calls, `near` misses of those refused, both over the wire (`observed`)."""
