"""Reads a live tenant into a tenant directory, resumably: `fetch` is the entry.

`journal` keeps every answer until the files that need it are written, so a fetch that starts again repeats no call.
`asking` calls the upstream through it. `selection` chooses the accounts, `accounts` and `drafts` read one account,
`privacy` removes personal data, `folder` writes files.
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
