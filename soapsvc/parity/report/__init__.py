"""Show a verification as plain values for machines, or as one page for people; read a printed report again."""

from soapsvc.parity.report.document import verdict_document
from soapsvc.parity.report.kept import KeptFit, KeptVerification, NoReport, kept_verification, read_report
from soapsvc.parity.report.page import page

__all__ = [
    "KeptFit",
    "KeptVerification",
    "NoReport",
    "kept_verification",
    "page",
    "read_report",
    "verdict_document",
]
