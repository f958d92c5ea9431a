"""A route of the admin plane: a method, a path below /_admin, and a function from `Call` to `Answer`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from soapsvc.standin.problems import Refused
from soapsvc.standin.seeds.documents import encoded, read_document
from soapsvc.tenant.reading import Document

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"
ZIP = "application/zip"


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the admin plane: the path's parameters, the query (each name with all its values), and the body."""

    path: Mapping[str, str]
    query: Mapping[str, Sequence[str]]
    body: bytes = b""

    def document(self) -> Document:
        """The body as a JSON object; an empty one without a body. Raises Refused."""
        return read_document(self.body) if self.body.strip() else {}

    def parameter(self, name: str) -> str | None:
        """The last value of a parameter of the query; None where it is not given."""
        found = self.query.get(name)
        return found[-1] if found else None

    def known_parameters(self, *names: str) -> None:
        """Refuse a query with another parameter than these."""
        for name in self.query:
            if name not in names:
                raise Refused.unknown(name, names, "is not a parameter of this call")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: a document is sent as JSON, bytes unchanged, None as 204."""

    content: object = None
    status: int = 200
    media_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> bytes:
        """The bytes of the body."""
        if self.content is None:
            return b""
        return self.content if isinstance(self.content, bytes) else encoded(self.content) + b"\n"


@dataclass(frozen=True, slots=True)
class Route:
    """`path` is a template, such as `/accounts/{number}`."""

    method: str
    path: str
    answer: Callable[[Call], Answer]


def check_names(document: Document, *names: str) -> None:
    """Refuse a body with another key than these, and name the nearest one."""
    for name in document:
        if name not in names:
            raise Refused.unknown(name, names, "is not known here")
