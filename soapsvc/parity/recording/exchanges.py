"""Read captured requests and answers: pairs of files, and HAR archives of a browser or a proxy.

Only bodies and paths of a HAR are read; headers, cookies and addresses, which hold secrets, are not.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from soapsvc.parity.recording.answers import read_answer
from soapsvc.parity.recording.model import RecordedPreview
from soapsvc.parity.recording.requests import instant, read_request
from soapsvc.parity.recording.soap import is_soap, read_exchange
from soapsvc.tenant.reading import Document, FieldProblem, at, each, mapping, optional, parse_json, text

_PATH = "/operations/billing-preview"


def is_har(document: Document) -> bool:
    """Whether a document is a HAR archive."""
    log = document.get("log")
    return isinstance(log, dict) and "entries" in log


def read_har(document: Document) -> Iterator[RecordedPreview]:
    """The previews among the calls of a HAR archive, in its order. Raises FieldProblem."""
    entries = at("log", lambda log: optional(mapping(log), "entries", each(mapping)), document["log"]) or ()
    for place, entry in enumerate(entries):
        yield from at(f"log.entries[{place}]", lambda entry: list(_of_entry(entry)), entry)


def _of_entry(entry: Document) -> Iterator[RecordedPreview]:
    request = at("request", mapping, entry.get("request"))
    posted = optional(request, "postData", mapping) or {}
    sent = (optional(posted, "text", text) or "").encode()
    path = (optional(request, "url", text) or "").partition("?")[0].rstrip("/")
    soap = is_soap(sent) and b"billingPreview" in sent
    if not sent or not (soap or path.endswith(_PATH)):
        return
    content = at("response.content", mapping, at("response", mapping, entry.get("response")).get("content"))
    began = optional(entry, "startedDateTime", instant)
    yield from read_pair(sent, at("response.content", _received, content), began)


def _received(content: Document) -> bytes:
    received = optional(content, "text", text) or ""
    if optional(content, "encoding", text) != "base64":
        return received.encode()
    try:
        return base64.b64decode(received, validate=True)
    except binascii.Error as error:
        raise FieldProblem("text", f"is not base64 ({error})") from error


def read_pair(request: bytes, answer: bytes, recorded_at: datetime | None = None) -> Iterator[RecordedPreview]:
    """The previews of one request and its answer, SOAP or REST. Raises FieldProblem."""
    if is_soap(request):
        for preview in read_exchange(request, answer):
            yield replace(preview, recorded_at=recorded_at)
        return
    asked = at("request", lambda raw: read_request(mapping(parse_json(raw))), request)
    answered = at("answer", lambda raw: read_answer(mapping(parse_json(raw))), answer)
    yield RecordedPreview(asked.account_id, asked.account_number, asked.request, answered, recorded_at)
