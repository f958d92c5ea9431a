"""The vendor's SOAP endpoint: a user logs in, calls share the session, and a fault becomes one of the errors.

An ended session is renewed once for each call. It is sent only to the endpoint, whatever `ServerUrl` says.
"""

from __future__ import annotations

import threading
from xml.sax.saxutils import escape

import httpx
from lxml import etree

from soapsvc.vendor.answers import busy
from soapsvc.vendor.client import Vendor, checked
from soapsvc.vendor.credentials import AccessKeys
from soapsvc.vendor.envelopes import leaf_texts, local_name, parsed
from soapsvc.vendor.errors import (
    BadAnswer,
    Broken,
    CredentialsRefused,
    Forbidden,
    Refused,
    VendorError,
    shortened,
)

VERSION = "81.0"
"""The first version with `AssumeRenewal` in previews, and with the entity in logins."""
_PATH = f"/apps/services/a/{VERSION}"
_API = "http://api.zuora.com/"
_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_HEADERS = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""', "Accept": "text/xml"}
_BUSY = frozenset({"REQUEST_EXCEEDED_LIMIT", "REQUEST_EXCEEDED_RATE"})
_BROKEN = frozenset(
    {"SERVER_UNAVAILABLE", "TEMPORARY_ERROR", "LOCK_COMPETITION", "UNKNOWN_ERROR", "Server", "Receiver"}
)
_FORBIDDEN = frozenset({"API_DISABLED", "PERMISSION_DENIED", "NO_PERMISSION"})
_UI_HOSTS = {"rest.zuora.com": "www.zuora.com"}
_VENDOR = ".zuora.com"
_REST = "rest."


class SessionOver(Refused):
    """A session that the service does not know, or no longer knows."""


class SoapEndpoint:
    """Calls the endpoint as a user, from any number of threads, at the pace and with the patience of `vendor`.

    `url` is its host; the default is the vendor's REST host without `rest.`. Raises InsecureUpstream as
    `Vendor` does.
    """

    def __init__(self, vendor: Vendor, keys: AccessKeys, url: str | None = None, *, plain_http: bool = False) -> None:
        base = httpx.URL(checked(url, plain_http=plain_http)) if url is not None else soap_host(vendor.base)
        self._url = base.copy_with(path=base.path.rstrip("/") + _PATH)
        self._vendor = vendor
        self._keys = keys
        self._lock = threading.Lock()
        self._session: str | None = None

    def call(self, operation: str) -> bytes:
        """The envelope that answers a body element of the api namespace, whose prefix is `a`. Raises VendorError."""
        session = self._renewed(None)
        try:
            return self._posted(operation, session)
        except SessionOver:
            renewed = self._renewed(session)
        try:
            return self._posted(operation, renewed)
        except SessionOver as error:
            raise CredentialsRefused("the service refuses its own new session; check the user's rights") from error

    def _renewed(self, stale: str | None) -> str:
        """A session other than the stale one; only one thread logs in."""
        with self._lock:
            if self._session is None or self._session == stale:
                self._session = None
                self._session = self._login()
            return self._session

    def _login(self) -> str:
        keys = self._keys
        given = {"username": keys.access_key_id, "password": keys.secret_access_key}
        if keys.entity_id is not None:
            given["entityId"] = keys.entity_id
        elif keys.entity_name is not None:
            given["entityName"] = keys.entity_name
        fields = "".join(f"<a:{name}>{escape(value)}</a:{name}>" for name, value in given.items())
        try:
            answer = self._posted(f"<a:login>{fields}</a:login>", None)
        except Refused as error:
            raise CredentialsRefused(f"the login was refused ({error.code}); check user and password") from error
        found = _parsed(answer).find(f".//{{{_API}}}Session")
        if found is None or not (found.text or "").strip():
            raise BadAnswer("the answer to the login has no session")
        return (found.text or "").strip()

    def _posted(self, operation: str, session: str | None) -> bytes:
        shown = (
            "" if session is None else f"<a:SessionHeader><a:session>{escape(session)}</a:session></a:SessionHeader>"
        )
        envelope = (
            f'<s:Envelope xmlns:s="{_SOAP}" xmlns:a="{_API}"><s:Header>{shown}</s:Header>'
            f"<s:Body>{operation}</s:Body></s:Envelope>"
        )
        return self._vendor.post_unsigned(self._url, envelope.encode(), _HEADERS, _answered)


def soap_host(rest: httpx.URL) -> httpx.URL:
    """The host of the SOAP endpoint for a REST host of the vendor; any other host serves both."""
    host = rest.host
    if host.endswith(_VENDOR) and host.startswith(_REST):
        return rest.copy_with(host=_UI_HOSTS.get(host, host.removeprefix(_REST)))
    return rest


def _answered(response: httpx.Response) -> bytes:
    """The envelope of an answer. Raises VendorError for a fault, or for an answer that is not an envelope."""
    content, status = response.content, response.status_code
    try:
        fault = next((node for node in _parsed(content).iter() if local_name(node) == "Fault"), None)
    except BadAnswer:
        raise _by_status(response) from None
    if fault is None and status < 400:
        return content
    if fault is None:
        raise _by_status(response)
    texts = leaf_texts(fault)
    code = (texts.get("FaultCode") or texts.get("faultcode") or texts.get("Value") or "").rpartition(":")[2]
    message = texts.get("FaultMessage") or texts.get("faultstring") or texts.get("Text") or "no reason"
    raise _of_fault(response, code, f"the SOAP endpoint answered {code}: {shortened(message)}")


def _of_fault(response: httpx.Response, code: str, told: str) -> VendorError:
    if code == "INVALID_SESSION":
        return SessionOver(told, code)
    if code in _BUSY or response.status_code == 429:
        return busy(response, told)
    if code in _BROKEN:
        return Broken(told)
    return Forbidden(told, code) if code in _FORBIDDEN else Refused(told, code)


def _by_status(response: httpx.Response) -> VendorError:
    """The error of an answer that is not an envelope."""
    status = response.status_code
    told = f"the SOAP endpoint answered {status} without an envelope"
    if status == 429:
        return busy(response, told)
    if status == 401:
        return SessionOver(told)
    if status == 403:
        return Forbidden(told)
    if status >= 500:
        return Broken(told)
    return Refused(told) if status >= 400 else BadAnswer(told)


def _parsed(content: bytes) -> etree._Element:
    try:
        root = parsed(content)
    except etree.XMLSyntaxError as error:
        raise BadAnswer("the answer of the SOAP endpoint is not XML") from error
    if local_name(root) != "Envelope":
        raise BadAnswer("the answer of the SOAP endpoint is not a SOAP envelope")
    return root
