"""Reads a live tenant into a tenant directory, resumably: `fetch` is the entry.

`journal` keeps every answer until what it is good for is written: whoever begins again asks for nothing twice.
`asking` goes through it. `selection` says which accounts, `accounts` and `drafts` read one, `privacy` says what is left
out, `folder` how files are written.
"""

from soapsvc.vendor.fetching.bulk import Progress
from soapsvc.vendor.fetching.fetch import Fetched, Wanted, fetch, last_fetch
from soapsvc.vendor.fetching.journal import FolderUnwritable, JournalRefused
from soapsvc.vendor.fetching.selection import Selection, keys_of, selected

__all__ = [
    "Fetched",
    "FolderUnwritable",
    "JournalRefused",
    "Progress",
    "Selection",
    "Wanted",
    "fetch",
    "keys_of",
    "last_fetch",
    "selected",
]
