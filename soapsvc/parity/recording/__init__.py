"""Recordings: previews of the vendor with their requests, their answers, and the account's data at that time.

`RecordingWriter` writes the format, `recorded_previews` reads it and the users' other forms. Read `model`, then
`lines`, the format; `answers`, `requests`, `soap` read the vendor's own forms, `golden` and `exchanges` other captures.
Secrets are never stored. The only personal data are names, if the user asks to keep them: `privacy`, `names`.
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
