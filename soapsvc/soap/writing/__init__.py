"""Answers as bytes, in the literal form that legacy clients match.

Read `xmltext` (one value), `writer` (answers and faults) and `query_writer` (pages of records).
"""

from soapsvc.soap.writing.query_writer import query_answer
from soapsvc.soap.writing.writer import Result, Saved, answer, create_answer, fault_answer, preview_answer

__all__ = [
    "Result",
    "Saved",
    "answer",
    "create_answer",
    "fault_answer",
    "preview_answer",
    "query_answer",
]
