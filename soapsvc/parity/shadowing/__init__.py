"""Compute previews of live clients and compare them with the vendor's answers.

`Shadow` compares the passed calls in a process of its own; `found` stores the outcomes; `read_found` reads them.
"""

from soapsvc.parity.shadowing.found import DifferingPreview, FoundUnreadable, HourCount, ShadowFound, read_found
from soapsvc.parity.shadowing.outcomes import AGREED, DIFFERED, LEFT_OUT, NOT_KEPT, REST, SOAP, UNKNOWN, UNREAD
from soapsvc.parity.shadowing.overheard import MOST_BYTES, Overheard, Sent
from soapsvc.parity.shadowing.shadow import Shadow

__all__ = [
    "AGREED",
    "DIFFERED",
    "LEFT_OUT",
    "MOST_BYTES",
    "NOT_KEPT",
    "REST",
    "SOAP",
    "UNKNOWN",
    "UNREAD",
    "DifferingPreview",
    "FoundUnreadable",
    "HourCount",
    "Overheard",
    "Sent",
    "Shadow",
    "ShadowFound",
    "read_found",
]
