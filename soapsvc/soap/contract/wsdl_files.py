"""The published WSDL files, byte for byte except for the address."""

from __future__ import annotations

import re
from functools import cache
from xml.sax.saxutils import escape

from soapsvc.resources import wsdl_dir
from soapsvc.soap.contract.shapes import Shape

_ADDRESS = re.compile(rb'(<soap:address location=")[^"]*(")')


def wsdl(shape: Shape, address: str) -> bytes:
    """The WSDL of a shape, for a service at `address`."""
    before, after = _parts(shape)
    return before + escape(address, {'"': "&quot;"}).encode() + after


@cache
def _parts(shape: Shape) -> tuple[bytes, bytes]:
    content = (wsdl_dir() / f"zuora.{shape.name}.wsdl").read_bytes()
    found = _ADDRESS.search(content)
    if found is None:
        raise ValueError(f"zuora.{shape.name}.wsdl has no soap:address")
    return content[: found.end(1)], content[found.start(2) :]
