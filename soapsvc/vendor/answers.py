"""Read an answer of the vendor's REST API: a document, or one of the errors ("Error handling").

A code in the body counts before the status: its last two digits are a category, which shows whether trying again may
help. A status of 200 with `success: false` is an error like any other.
"""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from soapsvc.clock import system_clock
from soapsvc.engine.account import squeeze
from soapsvc.tenant.reading import Document, FieldProblem, parse_json
from soapsvc.vendor.errors import (
    BadAnswer,
    Broken,
    Busy,
    CallerUnknown,
    Forbidden,
    LocatorExpired,
    NotThere,
    Refused,
    VendorError,
    shortened,
)
from soapsvc.vendor.pace import retry_after

_BUSY = frozenset({70})
_TOO_MANY_JOBS = 90028
_BROKEN = frozenset({50, 60, 61, 99})
_FORBIDDEN = frozenset({10})
_UNKNOWN_CALLER = frozenset({11})
_NOT_THERE = frozenset({40})
_LOCATOR = "querylocator"
_NO_FEATURE = 50000010


def document_of(response: httpx.Response) -> Document:
    """The document of a read answer. Raises VendorError if it is not a document, or is an error."""
    found = _json(response)
    if found is None:
        raise _without_document(response)
    if (error := _error(response, found)) is not None:
        raise error
    return found


def _json(response: httpx.Response) -> Document | None:
    try:
        found = parse_json(response.content)
    except FieldProblem:
        return None
    return found if isinstance(found, Mapping) else None


def _without_document(response: httpx.Response) -> VendorError:
    status = response.status_code
    told = f"{_what(response)} answered {status} without a JSON document"
    if status == 401:
        return CallerUnknown(f"{_what(response)}: the service refused the credentials or the token")
    if status == 429:
        return busy(response, told)
    if status >= 500:
        return Broken(told)
    by_status = {403: Forbidden, 404: NotThere}
    if status >= 400:
        return by_status.get(status, Refused)(told)
    return BadAnswer(told)


def busy(response: httpx.Response, told: str) -> Busy:
    """The error of a busy service, with the waiting time that it asks for, if any."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Busy(told, retry_after(headers, system_clock))


def _error(response: httpx.Response, document: Document) -> VendorError | None:
    """The error in a document, by its own code or by the status; None where it is not an error."""
    status = response.status_code
    succeeded = document.get("success", document.get("Success", True))
    code, message = _reason(document)
    if status < 400 and succeeded is not False and not ("errorCode" in document and document.get("id") is None):
        return None
    told = f"{_what(response)} answered {status}: {shortened(message or 'no reason')}"
    category = code % 100 if isinstance(code, int) else None
    if status == 429 or category in _BUSY or code == _TOO_MANY_JOBS:
        return busy(response, told)
    if isinstance(code, str) and _LOCATOR in squeeze(code):
        return LocatorExpired(told, code)
    if status == 401 or category in _UNKNOWN_CALLER:
        return CallerUnknown(told)
    if status == 404 or category in _NOT_THERE:
        return NotThere(told, code)
    if status == 403 or code == _NO_FEATURE:
        return Forbidden(told, code)
    if status >= 500 or category in _BROKEN:
        return Broken(told)
    return Forbidden(told, code) if category in _FORBIDDEN else Refused(told, code)


def _reason(document: Document) -> tuple[int | str | None, str]:
    """The code and message of the first reason, in any of the forms that the vendor's interfaces use."""
    for key in ("reasons", "Errors"):
        reasons = document.get(key)
        if isinstance(reasons, list) and reasons and isinstance(reasons[0], Mapping):
            return _pair(reasons[0], ("code", "Code"), ("message", "Message"))
    return _pair(
        document,
        ("code", "FaultCode", "faultcode", "errorCode", "error"),
        ("message", "FaultMessage", "faultstring", "error_description"),
    )


def _pair(document: Document, codes: tuple[str, ...], messages: tuple[str, ...]) -> tuple[int | str | None, str]:
    code = next((document[key] for key in codes if isinstance(document.get(key), int | str)), None)
    message = next((text for key in messages if isinstance(text := document.get(key), str)), "")
    if isinstance(code, str):
        plain = code.removeprefix("fns:")
        return (int(plain) if plain.isdecimal() else plain), message
    return (code if isinstance(code, int) else None), message


def _what(response: httpx.Response) -> str:
    """The call, without the values of its query."""
    return f"{response.request.method} {response.request.url.path}"
