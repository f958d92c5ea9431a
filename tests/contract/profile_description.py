"""The Basic Profile's assertions about WSDL files."""

from __future__ import annotations

from pathlib import Path

import xmlschema
from lxml import etree

from tests.contract.profile_rows import MUST, SHOULD, SOAP, WSDL, XS, Description, Rows
from tests.soap.client import API

SOAPENC = "http://schemas.xmlsoap.org/soap/encoding/"
ROWS = Rows()
SCHEMAS = Path(xmlschema.__file__).parent / "schemas" / "WSDL"


def _local(qname: str) -> str:
    return qname.rpartition(":")[2]


@ROWS(
    "WSDL", "BP2700 BP2701 BP2703", "R4004 R0001 R2028 R2029", MUST, "valid against the WSDL and SOAP-binding schemas"
)
def _valid(wsdl: Description) -> None:
    schema = xmlschema.XMLSchema([str(SCHEMAS / "wsdl.xsd"), str(SCHEMAS / "wsdl-soap.xsd")])
    assert wsdl.root.tag == f"{WSDL}definitions"
    schema.validate(wsdl.root)


@ROWS("WSDL", "BP2201 BP2202 BP2011", "R4003 R2010 R2011", MUST, "UTF-8, XML 1.0")
def _utf8(wsdl: Description) -> None:
    assert wsdl.raw.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
    assert wsdl.raw.decode("utf-8")


@ROWS("WSDL", "BP2034", "R1034 R4005", SHOULD, "the prefix xml is not declared")
def _no_xml_prefix(wsdl: Description) -> None:
    assert b"xmlns:xml" not in wsdl.raw


@ROWS(
    "WSDL", "BP2101 BP2098 BP2803 BP2104 BP2105", "R2001 R2007 R2803 R2005 R2022", MUST, "no wsdl:import to get wrong"
)
def _no_wsdl_import(wsdl: Description) -> None:
    assert wsdl.all(f"{WSDL}import") == []


@ROWS(
    "WSDL",
    "BP2102 BP2103 BP2107",
    "R2002 R2003 R2004 R2105",
    MUST,
    "schemas import schemas, and have a targetNamespace",
)
def _schema_imports(wsdl: Description) -> None:
    schemas = wsdl.all(f"{WSDL}types", f"{XS}schema")
    namespaces = {schema.get("targetNamespace") for schema in schemas}
    assert len(namespaces) == len(schemas) == 3
    imports = [node for schema in schemas for node in schema.iterfind(f"{XS}import")]
    assert {node.get("namespace") for node in imports} <= namespaces
    assert len(imports) == len(list(wsdl.root.iter(f"{XS}import")))


@ROWS("WSDL", "BP2018", "R2023 R2030", MUST, "wsdl:types stands first")
def _types_first(wsdl: Description) -> None:
    assert wsdl.root[0].tag == f"{WSDL}types"


@ROWS(
    "WSDL", "BP2416 BP2417", "R2101 R2102", MUST, "every QName resolves in its own, an imported or the schema namespace"
)
def _qnames_resolve(wsdl: Description) -> None:
    declared = {
        f"{{{schema.get('targetNamespace')}}}{node.get('name')}"
        for schema in wsdl.all(f"{WSDL}types", f"{XS}schema")
        for node in schema
        if node.get("name")
    }
    declared |= {
        f"{{{API}}}{node.get('name')}" for node in wsdl.root.iter(f"{WSDL}message", f"{WSDL}portType", f"{WSDL}binding")
    }
    for schema in wsdl.all(f"{WSDL}types", f"{XS}schema"):
        reachable = {schema.get("targetNamespace"), XS[1:-1]}
        reachable |= {node.get("namespace") for node in schema.iterfind(f"{XS}import")}
        for node in schema.iter(etree.Element):
            for name in ("type", "base"):
                if name in node.attrib:
                    prefix, _, local = node.attrib[name].rpartition(":")
                    namespace = node.nsmap[prefix or None]
                    assert namespace in reachable
                    assert namespace == XS[1:-1] or f"{{{namespace}}}{local}" in declared
    for node in wsdl.root.iter(etree.Element):
        if node.tag.startswith(WSDL) or node.tag.startswith(SOAP):
            for name in ("message", "element", "type", "binding"):
                if name in node.attrib:
                    prefix, _, local = node.attrib[name].rpartition(":")
                    assert f"{{{node.nsmap[prefix or None]}}}{local}" in declared


@ROWS("WSDL", "BP2108 BP2110", "R2110 R2111 R2112", MUST, "no encoded arrays, and no ArrayOf… names")
def _no_arrays(wsdl: Description) -> None:
    assert SOAPENC.encode() not in wsdl.raw
    assert b"arrayType" not in wsdl.raw
    assert b"ArrayOf" not in wsdl.raw


@ROWS("WSDL", "BP2122", "R2801", MUST, "XML Schema 1.0")
def _schema_1_0(wsdl: Description) -> None:
    sources = [etree.tostring(schema).decode() for schema in wsdl.all(f"{WSDL}types", f"{XS}schema")]
    assert xmlschema.XMLSchema10(sources, use_location_hints=False).validity == "valid"


@ROWS(
    "WSDL",
    "BP2115 BP2116 BP2012 BP2113",
    "R2206 R2306 R2204 R2205",
    MUST,
    "every part refers to a global element, and to no type",
)
def _parts(wsdl: Description) -> None:
    parts = wsdl.all(f"{WSDL}message", f"{WSDL}part")
    assert parts
    assert all("element" in part.attrib and "type" not in part.attrib for part in parts)


@ROWS("WSDL", "BP2111 BP2119", "R2201 R2210", MUST, "each body has one part")
def _one_part(wsdl: Description) -> None:
    parts = {message.get("name"): len(message) for message in wsdl.all(f"{WSDL}message")}
    bound = [node for node in wsdl.root.iter(f"{WSDL}input", f"{WSDL}output") if node.get("message")]
    assert [parts[_local(node.attrib["message"])] for node in bound] == [1] * len(bound)
    assert all("parts" not in body.attrib for body in wsdl.root.iter(f"{SOAP}body"))


@ROWS(
    "WSDL",
    "BP2017 BP2406 BP2013 BP2112 BP2020 BP2117 BP1005 BP1008 BP1211 BP1212 BP1214 BP1755",
    "R2705 R2706 R2707 R2203 R2207 R2717 R2726 R2735 R2737 R2211 R2212 R2214 R2755 R2729",
    MUST,
    "document style and literal use throughout, so that no rule of rpc applies",
)
def _document_literal(wsdl: Description) -> None:
    (binding,) = wsdl.all(f"{WSDL}binding", f"{SOAP}binding")
    assert binding.get("style") == "document"
    assert all(node.get("style", "document") == "document" for node in wsdl.root.iter(f"{SOAP}operation"))
    uses = [node.get("use") for node in wsdl.root.iter(f"{SOAP}body", f"{SOAP}header", f"{SOAP}fault")]
    assert set(uses) == {"literal"}


@ROWS("WSDL", "BP2402 BP2404 SSBP2403", "R2401 R2701 R2702 R9801", MUST, "a SOAP binding over HTTP, and no other")
def _transport(wsdl: Description) -> None:
    (binding,) = wsdl.all(f"{WSDL}binding")
    assert [node.get("transport") for node in binding.iterfind(f"{SOAP}binding")] == [
        "http://schemas.xmlsoap.org/soap/http"
    ]
    extensions = {etree.QName(node).namespace for node in binding.iter(etree.Element)}
    assert extensions == {WSDL[1:-1], SOAP[1:-1]}


@ROWS("WSDL", "BP2019", "R2716", MUST, "no namespace attribute on body, header and fault")
def _no_namespace(wsdl: Description) -> None:
    assert all(
        "namespace" not in node.attrib for node in wsdl.root.iter(f"{SOAP}body", f"{SOAP}header", f"{SOAP}fault")
    )


@ROWS("WSDL", "BP2021", "R2720 R2749", MUST, "headers name one part of a message")
def _header_part(wsdl: Description) -> None:
    parts = {(m.get("name"), part.get("name")) for m in wsdl.all(f"{WSDL}message") for part in m}
    headers = list(wsdl.root.iter(f"{SOAP}header"))
    assert headers
    assert all((_local(header.attrib["message"]), header.get("part")) in parts for header in headers)
    assert all("parts" not in header.attrib for header in headers)


@ROWS("WSDL", "BP2022 BP2032", "R2721 R2754 R2723", MUST, "each soap:fault has the name of its wsdl:fault")
def _fault_names(wsdl: Description) -> None:
    faults = wsdl.all(f"{WSDL}binding", f"{WSDL}operation", f"{WSDL}fault")
    assert faults
    for fault in faults:
        (soap,) = fault
        assert (soap.tag, soap.get("name"), soap.get("use")) == (f"{SOAP}fault", fault.get("name"), "literal")


@ROWS(
    "WSDL",
    "BP2118 BP2010 BP2208 BP2014",
    "R2718 R2304 R2303 R2305",
    MUST,
    "the binding has the operations of the port type, each once, each a request with a response",
)
def _operations(wsdl: Description) -> None:
    port_type = wsdl.all(f"{WSDL}portType", f"{WSDL}operation")
    binding = wsdl.all(f"{WSDL}binding", f"{WSDL}operation")
    names = [operation.get("name") for operation in port_type]
    assert names == [operation.get("name") for operation in binding]
    assert len(set(names)) == len(names)
    for abstract, bound in zip(port_type, binding, strict=True):
        assert [child.tag for child in abstract][:2] == [f"{WSDL}input", f"{WSDL}output"]
        assert "parameterOrder" not in abstract.attrib
        faults = [child.get("name") for child in abstract.iterfind(f"{WSDL}fault")]
        assert faults == [child.get("name") for child in bound.iterfind(f"{WSDL}fault")]


@ROWS("WSDL", "BP2120", "R2710", MUST, "each operation has a body element of its own")
def _signatures(wsdl: Description) -> None:
    elements = {m.get("name"): m[0].get("element") for m in wsdl.all(f"{WSDL}message")}
    inputs = [node.attrib["message"] for node in wsdl.all(f"{WSDL}portType", f"{WSDL}operation", f"{WSDL}input")]
    bodies = [elements[_local(message)] for message in inputs]
    assert len(set(bodies)) == len(bodies)


@ROWS("WSDL", "BP2114 BP2123", "R2209 R2026", SHOULD, "all parts of bodies are bound; no extension is required")
def _nothing_required(wsdl: Description) -> None:
    assert not any("required" in name for node in wsdl.root.iter(etree.Element) for name in node.attrib)
