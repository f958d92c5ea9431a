"""The requests and the answers of a call."""

from __future__ import annotations

from collections.abc import Iterator

from soapsvc.parity.recording import (
    Answer,
    RecordedPreview,
    read_answer,
    read_request,
    read_soap_answers,
    read_soap_requests,
)
from soapsvc.parity.shadowing.outcomes import REST
from soapsvc.parity.shadowing.overheard import MOST_BYTES, Overheard, Sent
from soapsvc.tenant.reading import FieldProblem, mapping, parse_json
from soapsvc.vendor.errors import VendorError
from soapsvc.vendor.forwarding import unpacked


def previews_of(call: Overheard) -> Iterator[RecordedPreview]:
    """The previews of a call. Raises FieldProblem."""
    request, answer = _plain(call.request, "request"), _plain(call.answer, "answer")
    if call.surface == REST:
        every = [read_request(mapping(parse_json(request)))]
        answers: list[Answer] = [read_answer(mapping(parse_json(answer)))]
    else:
        every = read_soap_requests(request)
        answers = read_soap_answers(answer, len(every))
        if len(answers) != len(every):
            raise FieldProblem("results", f"are {len(answers)} for {len(every)} requests")
    for one, answered in zip(every, answers, strict=True):
        yield RecordedPreview(one.account_id, one.account_number, one.request, answered, call.at, surface=call.surface)


def _plain(sent: Sent, what: str) -> bytes:
    try:
        return unpacked(sent.body, sent.encoding, MOST_BYTES)
    except VendorError as error:
        raise FieldProblem(what, f"cannot be unpacked: {error}") from error
