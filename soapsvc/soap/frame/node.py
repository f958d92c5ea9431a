"""An element of a message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from soapsvc.soap import ns

NO_ATTRIBUTES: Mapping[str, str] = MappingProxyType({})
_NIL = f"{{{ns.XSI}}}nil"
_TYPE = f"{{{ns.XSI}}}type"


@dataclass(slots=True)
class Node:
    """An element: `namespace` is empty where it has none, `text` is its own text without that of its children."""

    namespace: str
    name: str
    attributes: Mapping[str, str]
    children: list[Node]
    pieces: list[str]

    @property
    def text(self) -> str:
        """The element's text without surrounding white space."""
        pieces = self.pieces
        return (pieces[0] if len(pieces) == 1 else "".join(pieces)).strip()

    @property
    def value(self) -> str | None:
        """The text; None where the element is empty or has `xsi:nil`, which both mean "not given"."""
        return None if self.attributes and self.is_nil else self.text or None

    @property
    def is_nil(self) -> bool:
        """Whether the element has a true `xsi:nil`."""
        return self.attributes.get(_NIL, "").strip() in {"true", "1"}

    @property
    def xsi_type(self) -> str | None:
        """The local name in the element's `xsi:type`."""
        said = self.attributes.get(_TYPE) if self.attributes else None
        return None if said is None else said.strip().rpartition(":")[2]


@lru_cache(maxsize=512)
def parts_of(tag: str) -> tuple[str, str]:
    """Namespace and local name of an element: clients send the same few."""
    namespace, _, name = tag.rpartition("}")
    return namespace[1:], name
