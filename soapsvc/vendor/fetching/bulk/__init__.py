"""A whole tenant by exports of its objects, all as of one moment, and single reads of the rest.

`queries` has the columns, `exports` gets the files, `gaps` finds the accounts that are read singly.
"""

from soapsvc.vendor.fetching.bulk.exports import Exported, Progress, read_exports
from soapsvc.vendor.fetching.bulk.gaps import accounts_with_gaps

__all__ = ["Exported", "Progress", "accounts_with_gaps", "read_exports"]
