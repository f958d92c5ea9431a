"""A signed-in browser: its messages are recorded and its pages read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.request import Request, urlopen

CHOIR = "number=A00001009&target_date=2027-11-30&as_of=2026-03-15&assume_renewal=All"
"""The account with renewals, previewed as of a day whose preview does not change from day to day."""


@dataclass
class Reports:
    """The browser's messages: complaints, and requests to other hosts. Messages that match `expected` are allowed."""

    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def complain(self, text: str) -> None:
        if not any(re.search(pattern, text) for pattern in self.expected):
            self.complaints.append(text)


@dataclass
class Office:
    """A page of the browser at the server `url`."""

    page: Any
    url: str

    @classmethod
    @contextmanager
    def open(cls, browser: Any, url: str, reports: Reports, **options: Any) -> Iterator[Office]:
        size = {"width": options.pop("width", 1280), "height": 900}
        context = browser.new_context(viewport=size, locale="en-GB", accept_downloads=True, **options)
        page = context.new_page()
        page.on("console", lambda each: each.type in {"error", "warning"} and reports.complain(each.text))
        page.on("pageerror", lambda error: reports.complain(str(error)))
        page.on("dialog", lambda dialog: (reports.complain(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda each: each.url.startswith((url, "data:")) or reports.elsewhere.append(each.url))
        try:
            yield cls(page, url)
        finally:
            context.close()

    def go(self, path: str) -> None:
        self.page.goto(f"{self.url}{path}")

    def sign_in(self, username: str = "demo@example.com") -> None:
        self.go("/console/sign-in")
        self.page.fill("[name=username]", username)
        self.page.fill("[name=password]", "demo")
        self.page.keyboard.press("Enter")
        self.page.wait_for_url("**/console/accounts")

    @property
    def said(self) -> str:
        return " ".join(self.page.inner_text("main").split())

    def total(self, currency: str) -> Decimal:
        return Decimal(self.page.get_attribute(f"strong.total[data-currency={currency}]", "data-amount"))

    def texts(self, selector: str) -> list[str]:
        return [" ".join(text.split()) for text in self.page.locator(selector).all_inner_texts()]

    def api(self, **fields: object) -> Any:
        """The REST preview, numbers as Decimals."""
        form = b"grant_type=client_credentials&client_id=demo&client_secret=demo"
        with urlopen(Request(f"{self.url}/oauth/token", form)) as answer:  # noqa: S310 - our own server
            token = json.load(answer)["access_token"]
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        body = json.dumps(fields).encode()
        call = Request(f"{self.url}/v1/operations/billing-preview", body, headers)  # noqa: S310
        with urlopen(call) as answer:  # noqa: S310
            found = json.load(answer, parse_float=Decimal)
        assert found["success"], found
        return found
