"""Parse untrusted bytes into a small tree of elements, under limits.

A plain small document is read in one step. Any other one is fed to the parser in pieces and its events are counted, so
a hostile one is refused before it has cost much. DTDs, processing instructions and entities other than the five of XML
are refused; no URL or file is read.
"""

from __future__ import annotations

import codecs
import re
import threading
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from lxml import etree

from soapsvc.soap.frame.faults import ClientFault
from soapsvc.soap.frame.limits import Limits
from soapsvc.soap.frame.node import NO_ATTRIBUTES, Node, parts_of
from soapsvc.soap.frame.small_messages import small_message

_PIECE = 16 * 1024
_DECLARED = re.compile(rb"""<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_BOMS = ((codecs.BOM_UTF8, "UTF-8"), (codecs.BOM_UTF16_LE, "UTF-16LE"), (codecs.BOM_UTF16_BE, "UTF-16BE"))
# Without a BOM, the bytes of the first character, "<", distinguish UTF-16 from the encodings that contain ASCII.
_STARTS = ((b"<\x00", "UTF-16LE"), (b"\x00<", "UTF-16BE"))
_PLAIN_START = re.compile(rb"<[^\0]")
_ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16LE",
    "utf-16-be": "UTF-16BE",
    "ascii": "US-ASCII",
    "iso8859-1": "ISO-8859-1",
    "iso8859-15": "ISO-8859-15",
    "cp1252": "WINDOWS-1252",
}
"""The accepted encodings: Python's name and libxml2's name of each."""


class _Builder:
    """The parser's target: builds the tree, and counts events for the limits."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._most_elements, self._deepest, self._longest = limits.elements, limits.depth, limits.name_length
        self._open: list[Node] = []
        self._elements = 0
        self._root: Node | None = None

    def start(self, tag: str, attributes: Mapping[str, str], nsmap: Mapping[str | None, str]) -> None:
        """An element begins."""
        opened = self._open
        self._elements += 1
        if self._elements > self._most_elements:
            raise ClientFault(f"The message has more than {self._most_elements} elements")
        if len(opened) >= self._deepest:
            raise ClientFault(f"The message is nested deeper than {self._deepest} elements")
        own = self._own(attributes, nsmap) if attributes or nsmap else NO_ATTRIBUTES
        if len(tag) > self._longest:
            raise ClientFault(f"A name is longer than {self._longest} characters")
        namespace, name = parts_of(tag)
        node = Node(namespace, name, own, [], [])
        if opened:
            opened[-1].children.append(node)
        else:
            self._root = node
        opened.append(node)

    def _own(self, attributes: Mapping[str, str], nsmap: Mapping[str | None, str]) -> Mapping[str, str]:
        limits = self._limits
        if len(attributes) > limits.attributes or len(nsmap) > limits.attributes:
            raise ClientFault(f"An element has more than {limits.attributes} attributes")
        if not attributes:
            return NO_ATTRIBUTES
        if any(len(name) > limits.name_length for name in attributes):
            raise ClientFault(f"A name is longer than {limits.name_length} characters")
        return dict(attributes)

    def end(self, _tag: str) -> None:
        """An element ends."""
        self._open.pop()

    def data(self, text: str) -> None:
        """A piece of text."""
        self._open[-1].pieces.append(text)

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        """A document type declaration begins."""
        raise ClientFault("The message has a document type declaration, which SOAP forbids")

    def pi(self, _target: str, _data: str | None) -> None:
        """A processing instruction."""
        raise ClientFault("The message has a processing instruction, which SOAP forbids")

    def comment(self, _text: str) -> None:
        """A comment, which is ignored."""

    def close(self) -> Node | None:
        """The document ends.

        Also called after a refusal, whose error must be kept. The target is then ready for the next document.
        """
        root, self._root, self._elements = self._root, None, 0
        return root


def parse(body: bytes, charset: str | None, limits: Limits) -> Node:
    """The document's root. `charset` is the encoding in the Content-Type header.

    Raises ClientFault where the document is not well formed, breaks a limit, or has a part that SOAP forbids.
    """
    encoding, body = _encoding(body, charset)
    if encoding == "UTF-8" and (small := small_message(body, limits)) is not None:
        return small
    parser = _PARSERS.take(encoding, limits)
    try:
        for start in range(0, len(body), _PIECE):
            parser.feed(body[start : start + _PIECE])
        root: Node = parser.close()
    except etree.XMLSyntaxError as error:
        raise ClientFault(f"The message is not well-formed XML: {error.msg}") from error
    # The parser silently drops a prefix without a declaration; here that is an error.
    log = parser.feed_error_log
    for entry in log.filter_from_errors() if len(log) else ():
        raise ClientFault(f"The message is not well-formed XML: {entry.message}")
    _PARSERS.give_back(encoding, limits, parser)
    return root


class _Parsers(threading.local):
    """Each thread's parsers that have read a document to its end: making one costs more than reading a call.

    A parser that met an error is never used again.
    """

    def __init__(self) -> None:
        self._idle: dict[str, tuple[Limits, Any]] = {}

    def take(self, encoding: str, limits: Limits) -> Any:
        """A parser that is the caller's alone."""
        idle = self._idle.pop(encoding, None)
        if idle is not None and idle[0] is limits:
            return idle[1]
        # The types of lxml know neither `start` with namespaces nor a target's own result.
        return etree.XMLParser(  # type: ignore[call-overload]
            target=_Builder(limits),
            encoding=encoding,
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=False,
        )

    def give_back(self, encoding: str, limits: Limits, parser: Any) -> None:
        """Return a parser that has read its document to the end."""
        self._idle[encoding] = limits, parser


_PARSERS = _Parsers()


def _encoding(body: bytes, charset: str | None) -> tuple[str, bytes]:
    """The encoding in the order of RFC 7303 (byte order mark, header, declaration), and the body to read."""
    if not _PLAIN_START.match(body):
        for mark, name in _BOMS:
            if body.startswith(mark):
                return name, body[len(mark) :].lstrip() if name == "UTF-8" else body[len(mark) :]
        for start, name in _STARTS:
            if body.startswith(start):
                return name, body
        body = body.lstrip()
    match = _DECLARED.match(body)
    declared = _readable(match[1].decode("ascii") if match else "utf-8")
    return _readable(charset) if charset else declared, body


@lru_cache(maxsize=64)
def _readable(encoding: str) -> str:
    """The parser's name of the encoding; raises ClientFault for one that is not accepted."""
    try:
        return _ENCODINGS[codecs.lookup(encoding).name]
    except (LookupError, ValueError) as error:
        raise ClientFault(f"The message's encoding {encoding!r} is not supported; use UTF-8") from error
