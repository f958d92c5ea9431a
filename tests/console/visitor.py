"""A visitor of the console in this process. It keeps cookies, does not follow redirects, and reads pages as HTML."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

from lxml import html


@dataclass
class Page:
    """The answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def root(self) -> Any:
        return html.fromstring(self.body)

    @property
    def said(self) -> str:
        """All text of the page's main part, one space between words."""
        (main,) = self.root.xpath("//main")
        return " ".join(main.text_content().split())

    def rows(self, path: str = "//main//table[1]//tbody/tr") -> list[list[str]]:
        """The cells of a table's rows."""
        return [[" ".join(cell.text_content().split()) for cell in row] for row in self.root.xpath(path)]

    def total(self, currency: str) -> str:
        """The page's sum in a currency, as plain digits."""
        (found,) = self.root.xpath(f"//strong[@class='total' and @data-currency='{currency}']/@data-amount")
        return str(found)


@dataclass
class Visitor:
    """Requests to an application."""

    application: Callable[..., Iterable[bytes]]
    cookies: dict[str, str] = field(default_factory=dict)
    language: str = "en-US"

    def get(self, path: str, query: Mapping[str, object] | None = None, **headers: str) -> Page:
        return self._ask("GET", path, urlencode(query or {}, doseq=True), b"", headers)

    def post(self, path: str, form: Mapping[str, object], **headers: str) -> Page:
        return self._ask("POST", path, "", urlencode(form, doseq=True).encode(), headers)

    def sign_in(self, username: str = "demo@example.com", **form: str) -> Page:
        return self.post("/console/sign-in", {"username": username, "password": "demo", **form})

    def submit(self, path: str, **form: object) -> Page:
        """Post with the token from the session's own pages."""
        (token,) = set(self.get("/console/runs").root.xpath("//input[@name='csrf']/@value"))
        return self.post(path, {"csrf": token, **form})

    def _ask(self, method: str, path: str, query: str, body: bytes, headers: Mapping[str, str]) -> Page:
        path, _, inner = path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "SCRIPT_NAME": "",
            "QUERY_STRING": query or inner,
            "wsgi.input": io.BytesIO(body),
            "REMOTE_ADDR": "192.0.2.7",
            "HTTP_ACCEPT": "text/html",
            "HTTP_ACCEPT_LANGUAGE": self.language,
            **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
        }
        if method == "POST":
            environ |= {"CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": str(len(body))}
        if self.cookies:
            environ["HTTP_COOKIE"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        setup_testing_defaults(environ)
        started: list[Any] = []
        answer = validator(self.application)(environ, lambda *given: started.append(given) or (lambda _: None))
        try:
            content = b"".join(answer)
        finally:
            answer.close()
        status, given, *_ = started[0]
        found = {name.lower(): value for name, value in given}
        if (cookie := re.match(r"([^=]+)=([^;]*)", found.get("set-cookie", ""))) is not None:
            self.cookies[cookie[1]] = cookie[2]
        return Page(int(status.split()[0]), found, content)
