"""One row of the Basic Profile table, and the objects of the checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from lxml import etree

from tests.soap.client import SOAP11, Reply

WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
SOAP = "{http://schemas.xmlsoap.org/wsdl/soap/}"
XS = "{http://www.w3.org/2001/XMLSchema}"
ENVELOPE = f"{{{SOAP11}}}"

MUST, SHOULD = "M", "r"


@dataclass(frozen=True)
class Description:
    """A published WSDL file."""

    raw: bytes

    @property
    def root(self) -> etree._Element:
        return etree.fromstring(self.raw)

    def all(self, *path: str) -> list[etree._Element]:
        """The elements at the end of a path of tags."""
        return self.root.findall("/".join(path))


@dataclass(frozen=True)
class Exchange:
    """A request and its answer."""

    name: str
    reply: Reply

    @property
    def fault(self) -> etree._Element | None:
        return self.reply.root.find(f"{ENVELOPE}Body/{ENVELOPE}Fault")


Subject = TypeVar("Subject")


@dataclass(frozen=True)
class Assertion:
    """One row: `ids` and `rules` as the profile names them; `check` raises AssertionError if it does not hold."""

    ids: str
    rules: str
    level: str
    says: str
    kind: str
    check: Callable[..., None]


class Rows(list[Assertion]):
    """The rows for one kind of object; calling it makes a decorator that adds the row of a check."""

    def __call__(
        self, kind: str, ids: str, rules: str, level: str, says: str
    ) -> Callable[[Callable[[Subject], None]], Callable[[Subject], None]]:
        def keep(check: Callable[[Subject], None]) -> Callable[[Subject], None]:
            self.append(Assertion(ids, rules, level, says, kind, check))
            return check

        return keep
