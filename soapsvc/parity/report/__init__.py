"""Shows a verification: as plain values for machines, and as one page for people."""

from soapsvc.parity.report.document import verdict_document
from soapsvc.parity.report.page import page

__all__ = ["page", "verdict_document"]
