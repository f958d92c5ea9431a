"""Ids of segments that `lifecycle` creates: equal for the same segment and day, never older than the former segment."""

from __future__ import annotations

import re
from datetime import date
from hashlib import sha256

from soapsvc.engine.account import Charge

_HEXADECIMAL = re.compile(r"[0-9a-fA-F]{32}")


def segment_id(charge: Charge, start: date) -> str:
    """The id of the segment that continues `charge` from `start` on.

    A 32-digit hexadecimal id keeps its digits 17 to 28, the time of its creation, by which items are ordered (observed
    previews: response); any other id gets the day appended.
    """
    if not _HEXADECIMAL.fullmatch(charge.id):
        return f"{charge.id}-{start:%Y%m%d}"
    digits = sha256(f"{charge.id} {start}".encode()).hexdigest()
    return digits[:16] + charge.id[16:28] + digits[28:32]
