"""A SOAP service in this process, and requests to it as literal XML."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from wsgiref.validate import validator

from lxml import etree

from tests.soap.sample_tenant import PASSWORD, USER

SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP12 = "http://www.w3.org/2003/05/soap-envelope"
API = "http://api.zuora.com/"
OBJECT = "http://object.api.zuora.com/"
FAULT = "http://fault.api.zuora.com/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

Application = Callable[..., Iterable[bytes]]


@dataclass
class Reply:
    """The answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def root(self) -> etree._Element:
        return etree.fromstring(self.body)

    @property
    def fault(self) -> tuple[str, str, str | None]:
        """A SOAP 1.1 fault's code, its text, and the name of its detail element."""
        (fault,) = self.root.iterfind(f"{{{SOAP11}}}Body/{{{SOAP11}}}Fault")
        detail = fault.find("detail/*")
        name = None if detail is None else etree.QName(detail).localname
        return fault.findtext("faultcode") or "", fault.findtext("faultstring") or "", name

    def results(self) -> list[Result]:
        """The results of a billingPreview."""
        assert self.status == 200, self.text
        return [Result(node) for node in self.root.iter(f"{{{API}}}results")]


@dataclass
class Result:
    """One BillingPreviewResult."""

    node: etree._Element

    def get(self, name: str) -> str | None:
        return self.node.findtext(f"{{{API}}}{name}")

    @property
    def errors(self) -> list[tuple[str | None, ...]]:
        """(Code, Message, Field) of each error."""
        names = ("Code", "Message", "Field")
        return [
            tuple(error.findtext(f"{{{API}}}{name}") for name in names) for error in self.node.iter(f"{{{API}}}Errors")
        ]

    @property
    def items(self) -> list[dict[str, str | None]]:
        """Each item's values by the name of their element, in order."""
        return [
            {etree.QName(value).localname: value.text for value in item}
            for item in self.node.iter(f"{{{API}}}InvoiceItem")
        ]


@dataclass
class Service:
    """A WSGI application, called in the way of a server; `token` is the session that `preview` sends.

    `strict` checks both sides against WSGI's rules; servers with hostile clients do not keep all of them.
    """

    application: Application
    token: str = ""
    path: str = "/apps/services/a/61.0"
    environ: dict[str, Any] = field(default_factory=dict)
    strict: bool = True

    def request(self, method: str, path: str, body: bytes = b"", **environ: Any) -> Reply:
        """Send one request; keywords are WSGI variables, None removes one."""
        path, _, query = path.partition("?")
        variables: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8080",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "127.0.0.1:8080",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
            **self.environ,
            **environ,
        }
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Callable[..., None]:
            started.append((status, headers))
            return lambda _data: None

        called = validator(self.application) if self.strict else self.application
        answer = called({key: value for key, value in variables.items() if value is not None}, start_response)
        try:
            content = b"".join(answer)
        finally:
            if hasattr(answer, "close"):
                answer.close()
        ((status, headers),) = started
        return Reply(int(status.split()[0]), dict(headers), content)

    def post(self, body: str | bytes, path: str | None = None, **environ: Any) -> Reply:
        """POST a message, as text/xml unless `CONTENT_TYPE` says otherwise."""
        raw = body.encode() if isinstance(body, str) else body
        return self.request("POST", path or self.path, raw, **{"CONTENT_TYPE": "text/xml; charset=utf-8", **environ})

    def login(self, username: str = USER, password: str = PASSWORD, **environ: Any) -> Reply:
        """Log in; the token of a success is kept for later calls."""
        reply = self.post(login(username, password), **environ)
        if reply.status == 200:
            self.token = re.search(rb"<ns1:Session>(.*)</ns1:Session>", reply.body)[1].decode()  # type: ignore[index]
        return reply

    def preview(self, *requests: str, path: str | None = None, **environ: Any) -> Reply:
        """Call billingPreview with the current session and these `requests` elements."""
        return self.post(preview(*requests, session=self.token), path, **environ)


def escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def envelope(body: str, header: str = "", soap: str = SOAP11) -> str:
    """An envelope with the prefixes `e`, `a` (api), `o` (object) and `xsi`."""
    header = f"<e:Header>{header}</e:Header>" if header else ""
    return (
        f'<e:Envelope xmlns:e="{soap}" xmlns:a="{API}" xmlns:o="{OBJECT}" xmlns:xsi="{XSI}">'
        f"{header}<e:Body>{body}</e:Body></e:Envelope>"
    )


def session_header(token: str) -> str:
    return f"<a:SessionHeader><a:session>{token}</a:session></a:SessionHeader>"


def login(username: str, password: str) -> str:
    credentials = f"<a:username>{escape(username)}</a:username><a:password>{escape(password)}</a:password>"
    return envelope(f"<a:login>{credentials}</a:login>")


def preview(*requests: str, session: str, soap: str = SOAP11) -> str:
    return envelope(f"<a:billingPreview>{''.join(requests)}</a:billingPreview>", session_header(session), soap)


def request(account_id: str, target_date: str = "2014-07-01", **fields: str) -> str:
    """A `requests` element; keywords are further fields."""
    values = {"AccountId": account_id, "TargetDate": target_date, **fields}
    return f"<a:requests>{''.join(f'<a:{name}>{value}</a:{name}>' for name, value in values.items())}</a:requests>"
