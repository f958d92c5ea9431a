"""The surfaces and the outcomes of live clients' previews: the words in metrics, log and findings."""

SOAP, REST = "soap", "rest"

AGREED, DIFFERED = "agreed", "differed"
UNKNOWN = "unknown_account"
UNREAD = "not_read"
LEFT_OUT = "left_out"
"""For a call, not a preview: it was passed on and is not compared."""
NOT_KEPT = "not_kept"
"""In addition to `differed`: the disk, or the limit of recordings, has no room for it."""
