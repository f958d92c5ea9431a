"""The body of a call in canonical form, for Spyne to validate."""

from __future__ import annotations

from lxml import etree

from soapsvc.soap.frame import Node


class CanonicalBody:
    """The call's element, at first empty; it is made when a part is put into it, which most calls need not."""

    def __init__(self, call: Node) -> None:
        self.tag = f"{{{call.namespace}}}{call.name}"
        """The name by which Spyne finds the operation."""
        self._element: etree._Element | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was put into it."""
        return self._element is None

    @property
    def element(self) -> etree._Element:
        """The element, to put parts into it."""
        if self._element is None:
            self._element = etree.Element(self.tag)
        return self._element
