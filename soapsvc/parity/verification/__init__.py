"""Verify recordings: `loaded` makes samples from them, `verify` compares and finds causes, `Verdict` is the outcome."""

from soapsvc.parity.verification.causes import Cause, Explained
from soapsvc.parity.verification.loading import DataFrom, Loaded, Unusable, loaded
from soapsvc.parity.verification.verdict import ALLOWED, Group, Money, PreviewVerdict, Rate, Verdict, by_cause
from soapsvc.parity.verification.verify import verify

__all__ = [
    "ALLOWED",
    "Cause",
    "DataFrom",
    "Explained",
    "Group",
    "Loaded",
    "Money",
    "PreviewVerdict",
    "Rate",
    "Unusable",
    "Verdict",
    "by_cause",
    "loaded",
    "verify",
]
