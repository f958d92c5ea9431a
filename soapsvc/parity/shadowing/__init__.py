"""Previews of live clients, computed beside the vendor's answers.

`Shadow` compares what was overheard; `found` keeps how it went, for whoever shows it: `read_found`.
"""

from soapsvc.parity.shadowing.found import DifferingPreview, FoundUnreadable, HourCount, ShadowFound, read_found
from soapsvc.parity.shadowing.shadow import (
    AGREED,
    DIFFERED,
    LEFT_OUT,
    NOT_KEPT,
    REST,
    SOAP,
    UNKNOWN,
    UNREAD,
    Overheard,
    Shadow,
)

__all__ = [
    "AGREED",
    "DIFFERED",
    "LEFT_OUT",
    "NOT_KEPT",
    "REST",
    "SOAP",
    "UNKNOWN",
    "UNREAD",
    "DifferingPreview",
    "FoundUnreadable",
    "HourCount",
    "Overheard",
    "Shadow",
    "ShadowFound",
    "read_found",
]
