"""The frame of every page: the visitor, the form, the gate, answers, and failures as pages.

A page is a callable from `Visit` to `Answer`. The order is: the session, unless the page is open without sign-in; the
body of a POST and its token; the gate; the page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qs, quote, urlencode

import falcon

from soapsvc.clock import Clock
from soapsvc.console.locale import Reader, reader_of
from soapsvc.console.powers import Powers
from soapsvc.console.rendering import render
from soapsvc.console.security import CSRF_FIELD, HEADERS, comes_from_elsewhere, csrf_token, is_ours, token_in
from soapsvc.tenant import Store
from soapsvc.tenant.users import User
from soapsvc.web.body import BodyRefused, Environ, read_body
from soapsvc.web.calls import current_call
from soapsvc.web.gate import Gate, Held
from soapsvc.web.logins import Logins
from soapsvc.web.packing import packed
from soapsvc.web.sessions import NoSession, Sessions

HTML = "text/html; charset=utf-8"
SIGN_IN = "/console/sign-in"
_MOST_FORM_BYTES = 64 * 1024
_MOST_QUERY = 8192
_GZIP_ABOVE, _STREAMED_ABOVE = 1000, 1024 * 1024


@dataclass(frozen=True, slots=True)
class Services:
    """The services of pages; `results` is the place of run files. `base_url` and `client` read an environment.

    `comparisons` is the folder of comparisons with the vendor, `powers` are those of a stand-in; either may be absent.
    """

    store: Store
    clock: Clock
    logins: Logins
    sessions: Sessions
    gate: Gate
    results: str
    base_url: Callable[[Environ], str]
    client: Callable[[Environ], str]
    comparisons: Path | None = None
    powers: Powers | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of a page; its body is bytes in pieces."""

    body: Iterable[bytes]
    status: HTTPStatus = HTTPStatus.OK
    media_type: str = HTML
    headers: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):
    """A page that is not shown; the message is a sentence for the visitor."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


def not_found(what: str) -> Refused:
    """The refusal for an object that does not exist or that the visitor may not see, in the same words."""
    return Refused(HTTPStatus.NOT_FOUND, f"There is no {what} that you may see.")


@dataclass(frozen=True, slots=True)
class Visit:
    """A request as pages see it. `now` is in the tenant's time zone; `token` is empty for a visitor without sign-in."""

    services: Services
    path: str
    query: Mapping[str, Sequence[str]]
    form: Mapping[str, Sequence[str]]
    user: User | None
    token: str
    reader: Reader
    now: datetime
    client: str
    base_url: str
    had_session: bool = False

    @property
    def store(self) -> Store:
        """The tenant."""
        return self.services.store

    @property
    def who(self) -> User:
        """The visitor, on a page that needs a sign-in."""
        if self.user is None:
            raise LookupError("a page that is open to all has no visitor")
        return self.user

    @property
    def today(self) -> date:
        """The day, in the tenant's time zone."""
        return self.now.date()

    @property
    def sees_comparisons(self) -> bool:
        """Whether there are comparisons and the visitor may see all accounts: comparisons can show any account."""
        return self.services.comparisons is not None and self.user is not None and not self.user.organizations

    def first(self, name: str, default: str = "") -> str:
        """The first value of that name in the query, without space around it."""
        return (self.query.get(name) or [default])[0].strip()

    def given(self, name: str, default: str = "") -> str:
        """The first value of that name in the form, without space around it."""
        return (self.form.get(name) or [default])[0].strip()

    def page(self, template: str, values: Mapping[str, object], status: HTTPStatus = HTTPStatus.OK) -> Answer:
        """A page from a template."""
        shared = {
            "reader": self.reader,
            "user": self.user,
            "csrf": csrf_token(self.token) if self.token else "",
            "path": self.path,
            "today": self.today,
            "zone": str(self.now.tzinfo),
            "url": url,
            "sees_comparisons": self.sees_comparisons,
            "is_stand_in": self.services.powers is not None,
        }
        return Answer([render(template, {**shared, **values}).encode()], status)


def url(path: str, query: Mapping[str, object] | Sequence[tuple[str, object]] = (), **further: object) -> str:
    """A path with a query. A list gives one parameter for each value, an empty value gives none."""
    pairs = [*(query.items() if isinstance(query, Mapping) else query), *further.items()]
    spread = [(name, value) for name, values in pairs for value in (values if isinstance(values, list) else [values])]
    kept = [(name, str(value)) for name, value in spread if value not in {None, "", False}]
    return f"{path}?{urlencode(kept)}" if kept else path


def redirect(target: str, headers: Mapping[str, str] | None = None) -> Answer:
    """Redirect to another page, which the browser then requests with GET."""
    return Answer([], HTTPStatus.SEE_OTHER, headers={"Location": target, **(headers or {})})


Page = Callable[[Visit], Answer]


@dataclass(frozen=True, slots=True)
class Frame:
    """Serves pages."""

    services: Services

    def serve(self, page: Page, request: falcon.Request, response: falcon.Response, *, is_open: bool) -> None:
        """Answer a request with a page, or with a page that says why not."""
        current_call().operation = f"{request.method} {request.uri_template or 'elsewhere in the console'}"
        visit = self._visit(request)
        try:
            if visit.user is None and not is_open:
                asked = visit.path + (f"?{request.query_string}" if request.query_string else "")
                following = asked if request.method == "GET" else ""
                answer = redirect(url(SIGN_IN, next=following, over="1" if visit.had_session else ""))
            else:
                if request.method == "POST":
                    visit = self._posted(visit, request, is_open=is_open)
                answer = self._within_gate(page, visit) if not is_open else page(visit)
        except Refused as refused:
            answer = visit.page("refused.html", {"message": str(refused)}, refused.status)
        needed, body = packed(request.env, answer.body, _GZIP_ABOVE, _STREAMED_ABOVE)
        response.status = answer.status
        response.content_type = answer.media_type
        told = {"Cache-Control": "no-store", **dict(HEADERS), **dict(needed), **answer.headers}
        if (cookie := told.pop("Set-Cookie", None)) is not None:
            response.append_header("Set-Cookie", cookie)  # falcon's set_headers refuses it
        response.set_headers(told)
        close = getattr(answer.body, "close", None)
        response.stream = Held(body, close) if close is not None else body

    def _visit(self, request: falcon.Request) -> Visit:
        services = self.services
        token = token_in(request.headers.get("COOKIE", ""))
        try:
            user = services.sessions.renew(token) if token else None
        except NoSession:
            user = None
        return Visit(
            services,
            request.path,
            parse_qs(request.query_string[:_MOST_QUERY], keep_blank_values=True),
            {},
            user,
            token or "" if user else "",
            reader_of(request.headers.get("ACCEPT-LANGUAGE", "")),
            services.clock().astimezone(services.store.settings().zone),
            services.client(request.env),
            services.base_url(request.env),
            had_session=token is not None,
        )

    def _posted(self, visit: Visit, request: falcon.Request, *, is_open: bool) -> Visit:
        """The visit with its form. Raises Refused for a form that another site sent.

        A form that is open without sign-in has no token: a visitor may sign in again in a tab without the new session.
        """
        headers = request.headers
        if comes_from_elsewhere(headers.get("SEC-FETCH-SITE"), headers.get("ORIGIN"), visit.base_url.rstrip("/")):
            raise Refused(HTTPStatus.FORBIDDEN, "Another web site sent this form, so nothing was done.")
        try:
            form = parse_qs(read_body(request.env, _MOST_FORM_BYTES).decode(), keep_blank_values=True)
        except (BodyRefused, UnicodeDecodeError) as error:
            raise Refused(HTTPStatus.BAD_REQUEST, "The form is damaged. Load its page again and repeat it.") from error
        except ValueError as error:  # too many fields
            raise Refused(HTTPStatus.BAD_REQUEST, "The form has too many fields.") from error
        if not is_open and not is_ours(visit.token, (form.get(CSRF_FIELD) or [""])[0]):
            message = "This form belongs to another session, so nothing was done. Load its page again."
            raise Refused(HTTPStatus.FORBIDDEN, message)
        return replace(visit, form=form)

    def _within_gate(self, page: Page, visit: Visit) -> Answer:
        """The page's answer, made inside the gate, which counts concurrent calls."""
        gate = self.services.gate
        if not gate.enter():
            raise Refused(HTTPStatus.TOO_MANY_REQUESTS, "Too many requests are under way. Try again in a moment.")
        try:
            return page(visit)
        finally:
            gate.leave()


def attachment(name: str) -> dict[str, str]:
    """The header that makes a browser keep an answer as a file."""
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
