"""A message that is read in one step gives what the counting parser gives, or its error.

The counting parser reads every message with a comment, which it leaves out: so each message is read twice, once with
a comment at its end.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from soapsvc.soap.frame import ClientFault, Limits, Node
from soapsvc.soap.frame.small_messages import small_message
from soapsvc.soap.frame.xmltree import parse

LIMITS = replace(Limits(), depth=4, elements=12, attributes=3, name_length=24)


def mostly(usual: list[str], odd: list[str]) -> st.SearchStrategy[str]:
    """Usual values, and in one of about thirty draws an odd one, which makes most messages wrong."""
    return st.integers(0, 29).flatmap(lambda choice: st.sampled_from(usual if choice else odd))


NAMES = mostly(["a", "b", "é", "n" * 23], ["p:b", "q:c", "n" * 25, "p:" + "n" * 20, "xml:lang", "1", ""])
KEYS = mostly(["k", "l", "xml:lang"], ["p:k", "n" * 25, "1", "xmlns:p"])
DECLARATIONS = mostly(["", ' xmlns="u"', ' xmlns:p="u"'], [' xmlns:p="v" xmlns:q="u"', ' xmlns:q=""'])
VALUES = mostly(["", "x", " ", "&lt;", "&#65;", "\t\n", "€", "\r\n"], ["&#0;", "&none;", "&", "<"])
TEXTS = mostly(["", "x", " \n ", "&amp;", "&#x20AC;", "a\r\nb", "€", ">"], ["&#1;", "&none;", "]]>", "\x01"])
BEGINNINGS = mostly(["", "\n", "<?xml version='1.0'?>", "<?xml\tversion='1.0'?>"], ["<?xml version='1.1'?>", "<?p q?>"])
ENDS = mostly(["", "\n"], ["x", "<?p q?>", "<b/>", "\x00"])


@st.composite
def elements(draw: st.DrawFn, depth: int = 5) -> str:
    """An element, often well formed; a missing or wrong end tag now and then."""
    name = draw(NAMES)
    attributes = "".join(
        f' {attribute}="{draw(VALUES)}"' for attribute in draw(st.lists(KEYS, max_size=4, unique=True))
    )
    opened = f"{name}{draw(DECLARATIONS)}{attributes}"
    if depth == 0 or draw(st.booleans()):
        return f"<{opened}/>"
    inside = draw(st.lists(TEXTS | elements(depth - 1), max_size=3))
    end = draw(mostly([f"</{name}>"], ["", "</z>"]))
    return f"<{opened}>{''.join(inside)}{end}"


def read(body: bytes) -> tuple[object, ...] | None:
    """The content of a message, None for a refused one."""
    try:
        return content(parse(body, None, LIMITS))
    except ClientFault:
        return None


def content(node: Node) -> tuple[object, ...]:
    """A node with its text in one piece: parsers cut it at different places."""
    return node.namespace, node.name, dict(node.attributes), "".join(node.pieces), [*map(content, node.children)]


@given(BEGINNINGS, elements(), ENDS)
@example("", "<a>" * 4 + "</a>" * 4, "")
@example("", "<a>" * 5 + "</a>" * 5, "")
@example("", "<a>" + "<a/>" * 11 + "</a>", "")
@example("", "<a>" + "<a/>" * 12 + "</a>", "")
@example("<?xml version='1.0' encoding='ISO-8859-1'?>", "<a>x</a>", "")
def test_a_small_message_is_read_as_any_other(beginning: str, element: str, end: str) -> None:
    body = f"{beginning}{element}{end}".encode("utf-8", "surrogatepass")
    assert read(body) == read(body + b"<!---->")


@pytest.mark.parametrize(
    "body",
    [
        b"<a><!-- x --></a>",
        b"<a><![CDATA[x]]></a>",
        b"<!DOCTYPE a><a/>",
        b"<?p q?><a/>",
        b"<a/><?p q?>",
        b"<a>\xff</a>",
        b"<p:a/>",
        b"<a>",
        b"<a>\0</a>",
        b"<a>" + b"x" * 20_000 + b"</a>",
    ],
)
def test_any_other_message_is_left_to_the_counting_parser(body: bytes) -> None:
    assert small_message(body, Limits()) is None


def test_the_usual_message_is_read_in_one_step() -> None:
    body = b'<?xml version="1.0"?><e:a xmlns:e="u" k="1">x<b> y</b>z</e:a>'
    assert small_message(body, Limits()) == Node("u", "a", {"k": "1"}, [Node("", "b", {}, [], [" y"])], ["x", "z"])
