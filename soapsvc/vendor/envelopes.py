"""Read the vendor's SOAP envelopes as untrusted input: no entities, no network, no comments."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree


def parsed(content: bytes) -> etree._Element:
    """The root of a document. Raises lxml.etree.XMLSyntaxError."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    return etree.fromstring(content, parser)


def local_name(node: etree._Element) -> str:
    """The name of an element without its namespace; empty for comments and the like."""
    return etree.QName(node).localname if isinstance(node.tag, str) else ""


def leaf_texts(node: etree._Element) -> Mapping[str, str]:
    """The texts of all elements below a node that contain no other elements, by name."""
    return {local_name(each): (each.text or "").strip() for each in node.iter() if len(each) == 0}
