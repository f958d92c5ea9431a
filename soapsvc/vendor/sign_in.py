"""Sign calls with a bearer token, which is fetched, shared and renewed, or with the older headers."""

from __future__ import annotations

import threading
from collections.abc import Generator
from urllib.parse import urlencode

import httpx
import msgspec

from soapsvc.vendor.credentials import AccessKeys, Credentials, OAuthClient
from soapsvc.vendor.errors import Broken, Busy, CredentialsRefused

TOKEN_PATH = "/oauth/token"  # noqa: S105 - a path
_REFUSED = frozenset({400, 401, 403})
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def signed(credentials: Credentials, base: httpx.URL) -> httpx.Auth:
    """The signer of calls to `base`."""
    if isinstance(credentials, OAuthClient):
        return BearerToken(credentials, base)
    return OlderHeaders(credentials)


class OlderHeaders(httpx.Auth):
    """`apiAccessKeyId` and `apiSecretAccessKey` with every call ("Authentication")."""

    def __init__(self, keys: AccessKeys) -> None:
        self._headers = {
            "apiAccessKeyId": keys.access_key_id,
            "apiSecretAccessKey": keys.secret_access_key,
        }
        if keys.entity_id is not None:
            self._headers["entityId"] = keys.entity_id
        elif keys.entity_name is not None:
            self._headers["entityName"] = keys.entity_name

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the headers."""
        for name, value in self._headers.items():
            request.headers[name] = value  # as UTF-8
        yield request


class BearerToken(httpx.Auth):
    """A token of `POST /oauth/token`, shared by all threads; a refused token is renewed once for each call."""

    def __init__(self, client: OAuthClient, base: httpx.URL) -> None:
        self._client = client
        self._url = base.copy_with(path=base.path.rstrip("/") + TOKEN_PATH)
        self._lock = threading.Lock()
        self._token: str | None = None

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the token. Fetch it first if there is none, and again if the answer is 401."""
        token = self._token
        if token is None:
            token = yield from self._fetched(None)
        response = yield self._with(request, token)
        if response.status_code == 401:
            yield self._with(request, (yield from self._fetched(token)))

    def _with(self, request: httpx.Request, token: str) -> httpx.Request:
        request.headers["Authorization"] = f"Bearer {token}"
        if self._client.entity_id is not None:
            request.headers["Zuora-Entity-Ids"] = self._client.entity_id
        return request

    def _fetched(self, stale: str | None) -> Generator[httpx.Request, httpx.Response, str]:
        """A token other than the stale one; only one thread fetches it."""
        with self._lock:
            if self._token is None or self._token == stale:
                self._token = None
                form = {
                    "client_id": self._client.client_id,
                    "client_secret": self._client.client_secret,
                    "grant_type": "client_credentials",
                }
                response = yield httpx.Request("POST", self._url, content=urlencode(form), headers=_FORM)
                response.read()
                self._token = _token(response)
            return self._token


def _token(response: httpx.Response) -> str:
    """The token of an answer."""
    if response.status_code in _REFUSED:
        raise CredentialsRefused(f"the OAuth client was refused ({response.status_code}); check its id and its secret")
    if response.status_code == 429:
        raise Busy("no token: the limit of token requests is reached; call again later")
    if response.status_code != 200:
        raise Broken(f"no token: the service answered {response.status_code}")
    try:
        token = msgspec.json.decode(response.content)["access_token"]
    except (msgspec.DecodeError, KeyError, TypeError) as error:
        raise Broken("no token: the answer has no access_token") from error
    if not isinstance(token, str) or not token:
        raise Broken("no token: the access_token is empty")
    return token
