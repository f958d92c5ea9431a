"""The user of a request: every form of credentials that v1 clients use, and the failure of each.

The first of these that a request has counts: `Authorization` with a bearer token, with the session of a SOAP login
(`ZSession`) or with name and password (HTTP Basic); the headers `apiAccessKeyId` and `apiSecretAccessKey`; the
cookie `ZSession` ("Authentication"; old clients still use the last two).
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass

from soapsvc.rest.http.errors import TooManyRequests, Unauthorized
from soapsvc.tenant.users import User
from soapsvc.web.guessing import TooManyGuesses
from soapsvc.web.logins import Logins, WrongCredentials
from soapsvc.web.sessions import NoSession, Sessions

COOKIE = "ZSession"
"""The name of the session's cookie."""

_TOKEN = re.compile(r"\s*(?:bearer|zsession)\s+(\S+)\s*", re.IGNORECASE)
_BASIC = re.compile(r"\s*basic\s+(\S+)\s*", re.IGNORECASE)
_COOKIE = re.compile(rf'(?:^|;)\s*{COOKIE}="?([^;"\s]+)')

Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SignIn:
    """Finds the user of a request."""

    sessions: Sessions
    logins: Logins

    def user(self, headers: Headers, client: str) -> User:
        """The user who sends these headers from a network address; raises Unauthorized and TooManyRequests."""
        try:
            return self._user(headers, client)
        except (NoSession, WrongCredentials) as error:
            raise Unauthorized from error
        except TooManyGuesses as refused:
            raise too_many(refused) from refused

    def _user(self, headers: Headers, client: str) -> User:
        if (token := _match(_TOKEN, headers, "authorization")) is not None:
            return self.sessions.user(token)
        if (credentials := _credentials(headers)) is not None:
            return self.logins.user(*credentials, client)
        return self.sessions.renew(_match(_COOKIE, headers, "cookie"))


def session_token(headers: Headers) -> str | None:
    """The session token of a request, or None."""
    return _match(_TOKEN, headers, "authorization") or _match(_COOKIE, headers, "cookie")


def too_many(refused: TooManyGuesses) -> TooManyRequests:
    """The failure of a login that was refused without checking the password."""
    message = "Too many logins have failed lately, so this one was not checked; try again in a moment."
    return TooManyRequests(message, refused.retry_after)


def _credentials(headers: Headers) -> tuple[str | None, str | None] | None:
    """Name and password; None where the request has neither. Raises WrongCredentials for an unreadable header."""
    if (encoded := _match(_BASIC, headers, "authorization")) is not None:
        try:
            name, colon, password = b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise WrongCredentials from error
        return name, password if colon else None
    names = ("apiaccesskeyid", "apisecretaccesskey")
    if not any(name in headers for name in names):
        return None
    username, secret = (_utf8(headers[name]) if name in headers else None for name in names)
    return username, secret


def _utf8(header: str) -> str:
    """A header's text: WSGI decodes its bytes as Latin-1, but clients send UTF-8."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeError:
        return header


def _match(pattern: re.Pattern[str], headers: Headers, name: str) -> str | None:
    found = pattern.search(headers.get(name, "")) if pattern is _COOKIE else pattern.fullmatch(headers.get(name, ""))
    return found[1] if found else None
