"""Recordings: previews of the vendor with their requests, their answers, and the account's data as of then.

`RecordingWriter` writes the format, `recorded_previews` reads it and whatever else users have. Read `model`, then
`lines`, the format; `answers`, `requests`, `soap` read the vendor's own forms, `golden` and `exchanges` other captures.
Nothing secret is ever kept, and personal data only as names, where these are asked to be kept: `privacy`, `names`.
"""

from soapsvc.parity.recording.answers import answer_of, read_answer
from soapsvc.parity.recording.lines import RecordingWriter, preview_document, read_preview
from soapsvc.parity.recording.model import (
    CREDIT_MEMO,
    INVOICE,
    AccountData,
    Answer,
    Item,
    RecordedPreview,
    RecordingBusy,
    RecordingProblem,
    Refusal,
)
from soapsvc.parity.recording.names import Names
from soapsvc.parity.recording.requests import read_request, request_text
from soapsvc.parity.recording.soap import read_soap_answers, read_soap_requests
from soapsvc.parity.recording.sources import recorded_previews

__all__ = [
    "CREDIT_MEMO",
    "INVOICE",
    "AccountData",
    "Answer",
    "Item",
    "Names",
    "RecordedPreview",
    "RecordingBusy",
    "RecordingProblem",
    "RecordingWriter",
    "Refusal",
    "answer_of",
    "preview_document",
    "read_answer",
    "read_preview",
    "read_request",
    "read_soap_answers",
    "read_soap_requests",
    "recorded_previews",
    "request_text",
]
