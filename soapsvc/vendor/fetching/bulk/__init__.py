"""A whole tenant by exports of its objects, all of one moment, and single reads of what exports do not tell.

`queries` says which columns are asked for, `exports` gets the files, `gaps` finds the accounts that are read singly.
"""

from soapsvc.vendor.fetching.bulk.exports import Exported, Progress, read_exports
from soapsvc.vendor.fetching.bulk.gaps import accounts_with_gaps

__all__ = ["Exported", "Progress", "accounts_with_gaps", "read_exports"]
