"""The published WSDL is the source; Spyne's own view of the contract must agree with it, component by component.

Both documents are read into the same plain picture: types with their fields (name, type, occurs, nillable, in order),
global elements, and operations with the elements of their messages. Names of messages and parts, soapAction, service
and port are the published file's alone: Spyne cannot say them, and nothing of ours reads them from it.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from lxml import etree

from soapsvc.resources import wsdl_dir
from soapsvc.soap import contract
from soapsvc.soap.contract import Shape
from soapsvc.soap.contract.shapes import SHAPES
from soapsvc.soap.spyne_shim import SpyneContract

XS = "{http://www.w3.org/2001/XMLSchema}"
WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
SOAP = "{http://schemas.xmlsoap.org/wsdl/soap/}"


@dataclass(frozen=True)
class Field:
    name: str
    type: str
    min_occurs: str
    max_occurs: str
    nillable: bool


@dataclass(frozen=True)
class Operation:
    name: str
    input: str
    output: str
    faults: frozenset[tuple[str, str]]
    headers: tuple[str, ...]


def expand(node: etree._Element, qname: str) -> str:
    """`{namespace}local` of a prefixed name; the prefix is the document's own affair."""
    prefix, _, local = qname.rpartition(":")
    return f"{{{node.nsmap[prefix or None]}}}{local}"


def content(node: etree._Element | None) -> tuple[str | None, tuple[Field, ...]]:
    """A complex type's base and its own fields in order."""
    if node is None:
        return None, ()
    extension = node.find(f"{XS}complexContent/{XS}extension")
    parent = node if extension is None else extension
    base = None if extension is None else expand(extension, extension.attrib["base"])
    fields = tuple(
        Field(
            element.attrib["name"],
            expand(element, element.attrib["type"]),
            element.get("minOccurs", "1"),
            element.get("maxOccurs", "1"),
            element.get("nillable", "false") == "true",
        )
        for element in parent.iterfind(f"{XS}sequence/{XS}element")
    )
    return base, fields


def facets(node: etree._Element) -> tuple[str, tuple[tuple[str, str], ...]]:
    """A simple type's base and its facets in order."""
    restriction = node.find(f"{XS}restriction")
    assert restriction is not None
    return expand(restriction, restriction.attrib["base"]), tuple(
        (str(facet.tag), facet.attrib["value"]) for facet in restriction
    )


def schemas(document: etree._Element) -> dict[str, etree._Element]:
    return {schema.attrib["targetNamespace"]: schema for schema in document.iterfind(f"{WSDL}types/{XS}schema")}


def simple_types(document: etree._Element) -> dict[str, object]:
    return {
        f"{{{namespace}}}{node.attrib['name']}": facets(node)
        for namespace, schema in schemas(document).items()
        for node in schema.iterfind(f"{XS}simpleType")
    }


def named_types(document: etree._Element) -> dict[str, object]:
    return {
        f"{{{namespace}}}{node.attrib['name']}": content(node)
        for namespace, schema in schemas(document).items()
        for node in schema.iterfind(f"{XS}complexType")
    }


def elements(document: etree._Element) -> dict[str, object]:
    """The content of each global element, whether its type is anonymous or named."""
    types = named_types(document)
    return {
        f"{{{namespace}}}{node.attrib['name']}": types[expand(node, node.attrib["type"])]
        if "type" in node.attrib
        else content(node.find(f"{XS}complexType"))
        for namespace, schema in schemas(document).items()
        for node in schema.iterfind(f"{XS}element")
    }


def operations(document: etree._Element) -> set[Operation]:
    parts = {
        (message.attrib["name"], part.attrib["name"]): expand(part, part.attrib["element"])
        for message in document.iterfind(f"{WSDL}message")
        for part in message.iterfind(f"{WSDL}part")
    }

    def only_part(node: etree._Element | None) -> str:
        assert node is not None
        message = node.attrib["message"].rpartition(":")[2]
        (element,) = [element for (name, _), element in parts.items() if name == message]
        return element

    bound = {node.attrib["name"]: node for node in document.iterfind(f"{WSDL}binding/{WSDL}operation")}
    return {
        Operation(
            node.attrib["name"],
            only_part(node.find(f"{WSDL}input")),
            only_part(node.find(f"{WSDL}output")),
            frozenset((fault.attrib["name"], only_part(fault)) for fault in node.iterfind(f"{WSDL}fault")),
            tuple(
                parts[header.attrib["message"].rpartition(":")[2], header.attrib["part"]]
                for header in bound[node.attrib["name"]].iterfind(f"{WSDL}input/{SOAP}header")
            ),
        )
        for node in document.iterfind(f"{WSDL}portType/{WSDL}operation")
    }


@pytest.fixture(params=SHAPES, ids=lambda shape: shape.name)
def shape(request: pytest.FixtureRequest) -> Shape:
    selected: Shape = request.param
    return selected


@pytest.fixture
def published(shape: Shape) -> etree._Element:
    return etree.parse(wsdl_dir() / f"zuora.{shape.name}.wsdl").getroot()


@pytest.fixture
def spynes(shape: Shape) -> etree._Element:
    return etree.fromstring(SpyneContract(shape).wsdl("http://127.0.0.1/"))


def test_every_shape_has_one_file_and_every_file_is_a_shape() -> None:
    assert {path.name for path in wsdl_dir().glob("*.wsdl")} == {f"zuora.{shape.name}.wsdl" for shape in SHAPES}


def test_the_three_namespaces(published: etree._Element, spynes: etree._Element) -> None:
    assert set(schemas(published)) == set(schemas(spynes))


def test_simple_types(published: etree._Element, spynes: etree._Element) -> None:
    assert simple_types(published) == simple_types(spynes)
    assert len(simple_types(published)) == 2


def test_global_elements(published: etree._Element, spynes: etree._Element) -> None:
    """Spyne adds a global element for each named type, which the published files do not have."""
    of_types = set(named_types(published)) - set(elements(published))
    assert elements(published) == {name: holds for name, holds in elements(spynes).items() if name not in of_types}
    assert len(elements(published)) == 23


def test_named_types(published: etree._Element, spynes: etree._Element) -> None:
    """Where an element's type is anonymous in the published file, Spyne's has the element's name."""
    of_elements = set(elements(published)) - set(named_types(published))
    assert named_types(published) == {
        name: holds for name, holds in named_types(spynes).items() if name not in of_elements
    }
    assert len(named_types(published)) == 34


def test_operations(published: etree._Element, spynes: etree._Element) -> None:
    assert operations(published) == operations(spynes)
    assert len(operations(published)) == len(contract.OPERATIONS)


def test_the_comparison_sees_a_changed_field(spynes: etree._Element) -> None:
    before = named_types(spynes)
    field = spynes.find(f".//{XS}complexType[@name='InvoiceItem']//{XS}element[@name='ChargeAmount']")
    assert field is not None
    field.set("minOccurs", "1")
    assert named_types(spynes) != before
