"""Read a small message in one step: for a call of a few elements this takes two thirds of the time of counted events.

Only plain messages are read here: in UTF-8, of at most 16 KiB, without comments, CDATA, document types or processing
instructions, within all limits. For any other one, and for one that is not well formed, the counting parser decides and
has the words for what is wrong.
"""

from __future__ import annotations

import threading

from lxml import etree

from soapsvc.soap.frame.limits import Limits
from soapsvc.soap.frame.node import NO_ATTRIBUTES, Node, parts_of

_MOST_BYTES = 16 * 1024
_DECLARATION = (b"<?xml ", b"<?xml\t", b"<?xml\r", b"<?xml\n")


class _NotPlain(Exception):
    """The message breaks a limit."""


class _Parser(threading.local):
    """A parser for each thread: two threads would wait for each other."""

    def __init__(self) -> None:
        self.xml = etree.XMLParser(
            encoding="UTF-8", resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False
        )


_PARSER = _Parser()


def small_message(body: bytes, limits: Limits) -> Node | None:
    """The root of a plain small message; None for any other message, whether it is right or wrong."""
    if (
        len(body) > _MOST_BYTES
        or b"<!" in body
        or b"\0" in body
        or body.find(b"<?", body.startswith(_DECLARATION)) >= 0
        or body.count(b"<") > limits.elements
        or body.count(b"xmlns") > limits.attributes
    ):
        return None
    try:
        root = etree.fromstring(body, _PARSER.xml)
        return None if len(_PARSER.xml.error_log) else _node(root, limits, limits.depth)
    except (etree.XMLSyntaxError, _NotPlain):
        return None


def _node(element: etree._Element, limits: Limits, depth: int) -> Node:
    tag, found = str(element.tag), element.attrib
    if depth == 0 or len(tag) > limits.name_length:
        raise _NotPlain
    attributes = NO_ATTRIBUTES
    if found:
        if len(found) > limits.attributes or any(len(name) > limits.name_length for name in found):
            raise _NotPlain
        attributes = dict(found)
    namespace, name = parts_of(tag)
    node = Node(namespace, name, attributes, [], [])
    if text := element.text:
        node.pieces.append(text)
    for child in element:
        node.children.append(_node(child, limits, depth - 1))
        if tail := child.tail:
            node.pieces.append(tail)
    return node
