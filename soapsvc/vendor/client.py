"""A client of one upstream: its answers as documents, with sign-in, rate limits and retries.

A call that failed for a temporary reason is repeated after a pause. Pauses grow and are partly random, unless the
service names one. All calls that are made here only read, so repeating one changes nothing.
"""

from __future__ import annotations

import ipaddress
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import sleep as real_sleep
from typing import TypeVar

import httpx
import tenacity

from soapsvc.tenant.reading import Document
from soapsvc.vendor.answers import document_of
from soapsvc.vendor.credentials import Credentials, OAuthClient
from soapsvc.vendor.errors import TRANSIENT, BadAnswer, Busy, CallerUnknown, Unreachable, VendorError
from soapsvc.vendor.pace import Pace, Sleep
from soapsvc.vendor.sign_in import signed
from soapsvc.vendor.transport import PacedTransport

T = TypeVar("T")
Query = Sequence[tuple[str, str]]

VERSION_HEADER = "Zuora-Version"
_VERSION = "224.0"
"""Pinned, so that an upgrade of the tenant changes no answer; from 230.0 on the catalogue has URLs for rate plans."""
_LOG = logging.getLogger(__name__)
_PIECE = 64 * 1024
_TOKENS = 3
"""The attempts of a call that the service answers with 401, each with a new token."""
_LOOPBACK_NAMES = frozenset({"localhost"})
_HOST = re.compile(r"[a-z0-9_][a-z0-9_-]*(\.[a-z0-9_][a-z0-9_-]*)*\.?")
_LAST_PORT = 65535
_NO_URL = "the upstream's URL has no valid host or port; give one such as https://rest.zuora.com"


class InsecureUpstream(VendorError):
    """The way to the upstream is not encrypted: anyone on it could read the secrets."""


@dataclass(frozen=True, slots=True)
class Patience:
    """The attempts of a call, the pauses between them, and the limit for an answer: the vendor's own is two minutes."""

    attempts: int = 8
    first_pause: float = 1.0
    longest_pause: float = 120.0
    timeout: timedelta = timedelta(seconds=150)
    sleep: Sleep = real_sleep


class Vendor:
    """Calls one upstream; any number of threads may share it.

    `url` is the REST host, such as `https://rest.zuora.com`. Raises InsecureUpstream for one that is neither https nor
    this machine, unless `plain_http` says that the way there is safe. `transport` takes the network's place in tests.
    """

    def __init__(
        self,
        url: str,
        credentials: Credentials,
        *,
        at_once: int = 10,
        patience: Patience | None = None,
        plain_http: bool = False,
        transport: httpx.BaseTransport | None = None,
        pace: Pace | None = None,
    ) -> None:
        self.base = httpx.URL(checked(url, plain_http=plain_http))
        self._patience = patience or Patience()
        self._renews = isinstance(credentials, OAuthClient)
        limits = httpx.Limits(max_connections=at_once + 1, max_keepalive_connections=at_once)
        inner = transport or httpx.HTTPTransport(limits=limits, verify=httpx.create_ssl_context())
        self._http = httpx.Client(
            auth=signed(credentials, self.base),
            transport=PacedTransport(inner, pace or Pace(at_once)),
            timeout=httpx.Timeout(self._patience.timeout.total_seconds(), connect=30),
            headers={VERSION_HEADER: _VERSION, "Accept": "application/json", "User-Agent": "soapsvc"},
            follow_redirects=False,
        )

    def __enter__(self) -> Vendor:
        return self

    def __exit__(self, *_error: object) -> None:
        self._http.close()

    def get(self, path: str, query: Query = ()) -> Document:
        """The document at a path below the upstream. Raises VendorError."""
        return self._tried(lambda: document_of(self._http.get(self._url(path, query))))

    def post(self, path: str, body: Mapping[str, object], headers: Mapping[str, str] | None = None) -> Document:
        """The document that answers a body. Raises VendorError."""
        return self._tried(lambda: document_of(self._http.post(self._url(path), json=body, headers=headers)))

    def post_unsigned(
        self, url: httpx.URL, body: bytes, headers: Mapping[str, str], read: Callable[[httpx.Response], T]
    ) -> T:
        """Post bytes that contain the credentials; returns what `read` finds in the answer. Raises VendorError."""
        return self._tried(lambda: read(self._http.post(url, content=body, headers=headers, auth=httpx.Auth())))

    def pause(self, seconds: float) -> None:
        """Wait between two polls of something slow, no longer than between two attempts."""
        self._patience.sleep(min(seconds, self._patience.longest_pause))

    def download(self, path: str, to: Path) -> None:
        """Write the file at a path to `to`, whole or not at all; raises VendorError."""
        part = to.with_name(f".{to.name}.part")

        def download() -> None:
            with self._http.stream("GET", self._url(path)) as response:
                if response.status_code != 200:
                    response.read()
                    document_of(response)
                    raise BadAnswer(f"GET {response.request.url.path} answered {response.status_code}, not a file")
                with part.open("wb") as handle:
                    handle.writelines(response.iter_bytes(_PIECE))

        self._tried(download)
        part.replace(to)

    def page_after(self, url: str) -> tuple[str, Query]:
        """Path and query of a `nextPage`, which may be relative or name another host: this upstream is called."""
        parsed = httpx.URL(url)
        path = parsed.path
        prefix = self.base.path.rstrip("/")
        if prefix and path.startswith(f"{prefix}/"):
            path = path.removeprefix(prefix)
        return path, tuple(parsed.params.multi_items())

    def _url(self, path: str, query: Query = ()) -> httpx.URL:
        url = self.base.copy_with(path=self.base.path.rstrip("/") + path)
        return url.copy_merge_params(httpx.QueryParams(list(query))) if query else url

    def _tried(self, call: Callable[[], T]) -> T:
        patience = self._patience
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type((*TRANSIENT, CallerUnknown) if self._renews else TRANSIENT),
            stop=lambda state: state.attempt_number >= patience.attempts or _is_unknown_for_good(state),
            wait=_wait(patience),
            sleep=patience.sleep,
            before_sleep=_say,
            reraise=True,
        )
        answer: T = retrying(_translated, call)
        return answer


def _translated(call: Callable[[], T]) -> T:
    with translated():
        return call()


@contextmanager
def translated() -> Iterator[None]:
    """Turn errors of the HTTP client into Unreachable and BadAnswer, without the URL's query."""
    try:
        yield
    except httpx.RemoteProtocolError as error:
        raise BadAnswer(f"the answer broke off or is not HTTP ({type(error).__name__})") from error
    except httpx.DecodingError as error:
        raise BadAnswer("the answer is compressed and cannot be unpacked") from error
    except httpx.HTTPError as error:
        raise Unreachable(f"{_host(error)} does not answer ({type(error).__name__})") from error


def _host(error: httpx.HTTPError) -> str:
    """The host that was called, without the rest of the URL, which contains the query's values."""
    try:
        return error.request.url.netloc.decode() or "the service"
    except RuntimeError:
        return "the service"


def _wait(patience: Patience) -> Callable[[tenacity.RetryCallState], float]:
    growing = tenacity.wait_random_exponential(multiplier=patience.first_pause, max=patience.longest_pause)

    def wait(state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        asked = error.seconds if isinstance(error, Busy) else None
        # All threads wait that long (`Pace`). The random part keeps them from calling again all at once.
        return growing(state) if asked is None else min(asked, patience.longest_pause * 5) + growing(state) / 10

    return wait


def _is_unknown_for_good(state: tenacity.RetryCallState) -> bool:
    """Whether the service refused so many tokens that another is useless: one or two may be a passing failure."""
    error = state.outcome.exception() if state.outcome is not None else None
    return isinstance(error, CallerUnknown) and state.attempt_number >= _TOKENS


def _say(state: tenacity.RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome is not None else None
    _LOG.info("attempt %d failed: %s", state.attempt_number, error)


def checked(url: str, *, plain_http: bool) -> str:
    """The URL of an upstream. Raises InsecureUpstream or VendorError if it cannot be one; messages show no password."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        raise VendorError(_NO_URL) from None  # which would show a password where a port should be
    if parsed.userinfo or parsed.query or parsed.fragment:
        raise VendorError("the upstream's URL has a password, a query or a fragment; give only a host and a path")
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise VendorError(f"{'what is given' if '@' in url else url} is not an http or https URL")
    if not _is_host(parsed.raw_host.decode()) or not (parsed.port is None or 0 < parsed.port <= _LAST_PORT):
        raise VendorError(_NO_URL)
    if parsed.scheme == "http" and not plain_http and not _is_loopback(parsed.host):
        raise InsecureUpstream(
            f"{url} is not https, so others could read the secrets on the way; use https, or --plain-http"
        )
    return url


def _is_host(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return _HOST.fullmatch(host) is not None
    return True


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in _LOOPBACK_NAMES
