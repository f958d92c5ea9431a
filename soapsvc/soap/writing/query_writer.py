"""Pages of queries as bytes: values in the form of the contract's version; null values are absent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import tzinfo
from typing import Any

from soapsvc.soap import ns
from soapsvc.soap.contract import Shape
from soapsvc.soap.frame import SoapVersion
from soapsvc.soap.reading import is_id, xsd_boolean
from soapsvc.soap.writing.writer import CLOSING, opening
from soapsvc.soap.writing.xmltext import element, instant_text
from soapsvc.wire import decimal_text
from soapsvc.zoql import Field, Page
from soapsvc.zoql.types import BOOLEAN, DATE, DATE_TIME, ID, NUMBERS

_NIL = f'xmlns:xsi="{ns.XSI}" xsi:nil="1"'
_AT_ONCE = 100


def query_answer(
    version: SoapVersion, operation: str, shape: Shape, page: Page, zone: tzinfo | None
) -> Iterator[bytes]:
    """The answer to query or queryMore in pieces, instants in `zone`.

    As in the real service, there is always a locator, nil after the last page. A page without records has one nil
    record.
    """
    locator = f"<ns1:queryLocator {_NIL} />" if page.locator is None else element("ns1:queryLocator", page.locator)
    yield (
        f'{opening(version)}<ns1:{operation}Response xmlns:ns1="{ns.API}"><ns1:result>'
        f"<ns1:done>{xsd_boolean(page.done)}</ns1:done>{locator}"
    ).encode()
    writers = [(f"ns2:{field.name}", _text_of(field, shape, zone)) for field in page.fields]
    record_opening = f'<ns1:records xsi:type="ns2:{page.zobject.name}" xmlns:ns2="{ns.OBJECT}" xmlns:xsi="{ns.XSI}">'
    for start in range(0, len(page.records), _AT_ONCE):
        yield "".join(
            f"{record_opening}{_values(writers, record)}</ns1:records>"
            for record in page.records[start : start + _AT_ONCE]
        ).encode()
    nothing = "" if page.records else f"<ns1:records {_NIL} />"
    yield f"{nothing}<ns1:size>{page.size}</ns1:size></ns1:result></ns1:{operation}Response>{CLOSING}".encode()


def _values(writers: list[tuple[str, Callable[[Any], str | None]]], record: tuple[Any, ...]) -> str:
    return "".join(
        element(name, write(value)) for (name, write), value in zip(writers, record, strict=True) if value is not None
    )


def _text_of(field: Field, shape: Shape, zone: tzinfo | None) -> Callable[[Any], str | None]:
    """The function that writes a field's values; an id that is not valid for the contract's ID is left out."""
    if field.type == ID:
        return lambda value: value if is_id(value) else None
    if field.type == BOOLEAN:
        return xsd_boolean
    if field.type in NUMBERS:
        return decimal_text
    if field.type == DATE:
        return lambda value: shape.date_text(value.isoformat())
    if field.type == DATE_TIME:
        return lambda value: instant_text(value.astimezone(zone))
    return str
