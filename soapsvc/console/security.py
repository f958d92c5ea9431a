"""Security of pages: the headers of each, the session's cookie, and tokens against forged requests."""

from __future__ import annotations

import hmac
import re
from hashlib import sha256

COOKIE = "soapsvc_console"
"""The session's cookie. Browsers send it only to the console, so other sites cannot use it for the REST API."""
CSRF_FIELD = "csrf"

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = (
    ("Content-Security-Policy", _POLICY),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
"""No inline script or style, no eval, nothing from other hosts, no display in frames. The server adds nosniff."""

_COOKIE = re.compile(rf"(?:^|;)\s*{COOKIE}=([A-Za-z0-9_-]+)")
_KNOWN_SITES = frozenset({"same-origin", "none"})


def token_in(cookies: str) -> str | None:
    """The session's token in a Cookie header."""
    found = _COOKIE.search(cookies)
    return found[1] if found else None


def cookie(token: str, *, secure: bool) -> str:
    """A Set-Cookie that keeps the token until the browser closes. Script cannot read it, other sites cannot send it."""
    return f"{COOKIE}={token}; Path=/console; HttpOnly; SameSite=Strict{'; Secure' if secure else ''}"


def no_cookie() -> str:
    """A Set-Cookie that forgets the token."""
    return f"{COOKIE}=; Path=/console; HttpOnly; SameSite=Strict; Max-Age=0"


def csrf_token(session_token: str) -> str:
    """The token for a session's forms. Other sites cannot know it, and it does not reveal the session's token."""
    return hmac.new(session_token.encode(), b"soapsvc console form", sha256).hexdigest()


def is_ours(session_token: str, given: str) -> bool:
    """Whether a form's token belongs to the session."""
    return hmac.compare_digest(csrf_token(session_token).encode(), given.encode())


def comes_from_elsewhere(fetch_site: str | None, origin: str | None, own: str) -> bool:
    """Whether a browser says that another site makes this request, by Sec-Fetch-Site or, in old browsers, by Origin."""
    if fetch_site is not None:
        return fetch_site not in _KNOWN_SITES
    return origin is not None and origin != own
