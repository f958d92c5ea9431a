"""The SOAP service as a WSGI application: every version of the contract under one prefix, and its WSDL files.

bytes -> body -> tree -> envelope -> operation -> Spyne -> answer. This module alone turns an exception on the way into
a fault.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from soapsvc.soap import contract
from soapsvc.soap.contract import CanonicalBody, Version, parse_version, shape_of, version_text, wsdl
from soapsvc.soap.frame import (
    XML_CONTENT_TYPE,
    Busy,
    InvalidSession,
    InvalidVersion,
    Limits,
    SoapFault,
    SoapVersion,
    StartResponse,
    TooManyLogins,
    Unavailable,
    UnexpectedError,
    WrongLogin,
    assumed_version,
    content_type,
    open_envelope,
    parse,
    read_body,
    respond,
    soap_response,
    version_of,
)
from soapsvc.soap.operations import Call, Operation
from soapsvc.soap.writing import fault_answer
from soapsvc.tenant.database import outage
from soapsvc.web.body import Environ
from soapsvc.web.calls import CallRecord, current_call
from soapsvc.web.gate import Gate, Held, Once
from soapsvc.web.guessing import TooManyGuesses
from soapsvc.web.logins import WrongCredentials
from soapsvc.web.once import once
from soapsvc.web.sessions import NoSession

if TYPE_CHECKING:
    from soapsvc.soap.spyne_shim import SpyneContract

ENDPOINTS = "/apps/services/a/"
WSDL_SERVLET = "/apps/servlet/GenerateWsdl"

_LOG = logging.getLogger(__name__)
_OPEN = frozenset({"login"})
"""The operations without a session."""
_ZSESSION = re.compile(r"\s*ZSession\s+(\S+)\s*", re.IGNORECASE)


def load() -> None:
    """Load the modules that the first call needs. A server does so before it forks, so its workers share the memory."""


@once
def _spyne(shape: contract.Shape) -> SpyneContract:
    from soapsvc.soap.spyne_shim import SpyneContract  # noqa: PLC0415 - a stand-in is ready without it

    return SpyneContract(shape)


@dataclass(frozen=True, slots=True)
class SoapApplication:
    """The WSGI application.

    `base_url` is our public address as the client of a request used it, without a path; `client` is the client's
    address.
    """

    operations: Mapping[str, Operation]
    limits: Limits
    gate: Gate
    base_url: Callable[[Environ], str]
    client: Callable[[Environ], str]

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        method = environ["REQUEST_METHOD"]
        if method in {"GET", "HEAD"}:
            return self._serve_wsdl(environ, start_response)
        if method == "POST":
            return self._serve_call(environ, start_response)
        headers = [("Allow", "GET, HEAD, POST")]
        return self._text(environ, start_response, 405, "Send SOAP calls with POST; GET returns the WSDL.", headers)

    def _text(
        self,
        environ: Environ,
        start_response: StartResponse,
        status: int,
        sentence: str,
        headers: Iterable[tuple[str, str]] = (),
    ) -> Iterable[bytes]:
        body = [f"{sentence}\n".encode()]
        return respond(environ, start_response, "text/plain; charset=utf-8", body, self.limits, status, headers)

    def _serve_wsdl(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        record = current_call()
        record.surface, record.operation = "soap", "wsdl"
        try:
            version = _version(environ)
        except InvalidVersion as fault:
            record.refuse(fault.code, fault.message)
            return self._text(environ, start_response, 404, fault.message)
        record.version = version_text(version)
        document = wsdl(shape_of(version), _endpoint(self.base_url(environ), version))
        return respond(environ, start_response, XML_CONTENT_TYPE, [document], self.limits)

    def _serve_call(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Read the message, then hold a place in the gate until the last byte of the answer is sent.

        A login releases its place at once, because it may wait: logins after many wrong passwords are slowed down.
        """
        message = b""
        current_call().surface = "soap"
        try:
            message = read_body(environ, self.limits)
            version = _version(environ)
            if not self.gate.enter():
                raise Busy(self.limits.retry_after)
        except SoapFault as fault:
            return self._fault(environ, start_response, _assumed_version(environ, message), fault)
        leave = Once(self.gate.leave)
        try:
            return Held(self._answer(environ, start_response, version, message, leave), leave)
        except BaseException:
            leave()
            raise

    def _answer(
        self,
        environ: Environ,
        start_response: StartResponse,
        version: Version,
        message: bytes,
        leave: Callable[[], None],
    ) -> Iterable[bytes]:
        soap, record = None, current_call()
        record.version = version_text(version)
        fault: SoapFault
        try:
            root = parse(message, content_type(environ)[1], self.limits)
            soap = version_of(root)
            envelope = open_envelope(root)
            name = envelope.body.name
            if name in self.operations:
                record.operation = name
            if name in _OPEN:
                leave()
            token = envelope.session or _authorization(environ)
            addresses = _Addresses(self, environ, version)
            call = Call(envelope.body, soap, shape_of(version), token, addresses, envelope.options)
            # The beginning is rendered here, so that an error in all but the largest answers is still a fault.
            return soap_response(environ, start_response, soap, self._dispatch(call), self.limits)
        except SoapFault as refused:
            fault = refused
        except NoSession:
            fault = InvalidSession()
        except WrongCredentials:
            fault = WrongLogin()
        except TooManyGuesses as refused:
            fault = TooManyLogins(refused.retry_after)
        except Exception as error:  # noqa: BLE001 - nothing may leave a WSGI application but an answer
            fault = self._failure(error, record)
        try:
            return self._fault(environ, start_response, soap or _assumed_version(environ, message), fault)
        finally:
            del fault  # its traceback holds this frame, and with it the message

    def _failure(self, error: Exception, record: CallRecord) -> SoapFault:
        """The fault for an outage of the database, or for a mistake of ours; the log says which."""
        if (why := outage(error)) is not None:
            _LOG.error("%s %s: the tenant store does not answer: %s", record.operation, record.request_id, why)
            return Unavailable(self.limits.outage)
        _LOG.error("request %s: unexpected error in %s", record.request_id, record.operation, exc_info=error)
        return UnexpectedError(f"An unexpected error has occurred. Reference: {record.request_id}")

    def _dispatch(self, call: Call) -> Iterable[bytes]:
        """Run the operation that Spyne's service names for the body, after Spyne has validated the canonical form."""
        service, body = _spyne(call.shape), CanonicalBody(call.node)
        run = self.operations[service.operation(body.tag)].prepare(call, body)
        service.validate(body)
        return run()

    def _fault(
        self, environ: Environ, start_response: StartResponse, soap: SoapVersion, fault: SoapFault
    ) -> Iterable[bytes]:
        current_call().refuse(fault.code, fault.message, failed=type(fault) in {Unavailable, UnexpectedError})
        headers = []
        if fault.retry_after is not None:
            headers.append(("Retry-After", str(int(fault.retry_after.total_seconds()))))
        body = [fault_answer(soap, fault)]
        return soap_response(environ, start_response, soap, body, self.limits, fault.http_status, headers)


@dataclass(frozen=True, slots=True)
class _Addresses:
    """The addresses of a request."""

    application: SoapApplication
    environ: Environ
    version: Version

    @property
    def server_url(self) -> str:
        return _endpoint(self.base_url, self.version)

    @property
    def base_url(self) -> str:
        return self.application.base_url(self.environ)

    @property
    def client(self) -> str:
        return self.application.client(self.environ)


def _version(environ: Environ) -> Version:
    """The version that the URL names, or the latest where the WSDL is asked for without one; raises InvalidVersion."""
    path = environ.get("PATH_INFO", "")
    if path.rstrip("/") == WSDL_SERVLET:
        said = parse_qs(environ.get("QUERY_STRING", "")).get("version", [version_text(contract.LAST)])[0]
    else:
        said = path.removeprefix(ENDPOINTS).rstrip("/")
    version = parse_version(said)
    if version is None:
        first, last = version_text(contract.FIRST), version_text(contract.LAST)
        raise InvalidVersion(f"This service has no version {said[:32]!r}; use {first} to {last}.")
    return version


def _endpoint(base_url: str, version: Version) -> str:
    return f"{base_url}{ENDPOINTS}{version_text(version)}"


def _authorization(environ: Environ) -> str | None:
    """The session of an `Authorization: ZSession` header."""
    match = _ZSESSION.fullmatch(environ.get("HTTP_AUTHORIZATION", ""))
    return match[1] if match else None


def _assumed_version(environ: Environ, message: bytes) -> SoapVersion:
    return assumed_version(content_type(environ)[0], message)
