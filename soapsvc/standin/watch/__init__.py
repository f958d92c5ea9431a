"""What a stand-in has seen: the journal of calls, near misses of those that were refused, and both over the wire."""
