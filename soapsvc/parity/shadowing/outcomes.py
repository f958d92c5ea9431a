"""The surfaces of previews, and how a preview of a live client goes: words of metrics, of the log, of what is found."""

SOAP, REST = "soap", "rest"

AGREED, DIFFERED = "agreed", "differed"
UNKNOWN = "unknown_account"
UNREAD = "not_read"
LEFT_OUT = "left_out"
"""A call, not a preview: it was passed on and is not compared."""
NOT_KEPT = "not_kept"
"""Beside `differed`: the disk, or the limit of recordings, has no room for it."""
