"""WS-I Basic Profile 1.1 as data: each assertion with its ids, its level, what it says, and the check that proves it.

The ids are those of the profile's published list of test assertions; rows with rules alone have none there, because a
log of messages cannot show them. `docs/coverage.md` shows this table: `python -m tests.contract.basic_profile` writes
it anew.
"""

from __future__ import annotations

import codecs
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

import xmlschema
from lxml import etree

from soapsvc.resources import wsdl_dir
from tests.soap.client import API, SOAP11, Reply, Service, envelope, login, preview, request, session_header
from tests.soap.sample_tenant import MONTHLY, PASSWORD, UNKNOWN, USER

WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
SOAP = "{http://schemas.xmlsoap.org/wsdl/soap/}"
XS = "{http://www.w3.org/2001/XMLSchema}"
SOAPENC = "http://schemas.xmlsoap.org/soap/encoding/"
ENVELOPE = f"{{{SOAP11}}}"
SCHEMAS = Path(xmlschema.__file__).parent / "schemas" / "WSDL"
COVERAGE = Path(__file__).parents[2] / "docs" / "coverage.md"
MARKS = ("<!-- basic profile: written by tests/contract/basic_profile.py -->", "<!-- end of basic profile -->")

MUST, SHOULD = "M", "r"


@dataclass(frozen=True)
class Description:
    """A published WSDL file."""

    raw: bytes

    @property
    def root(self) -> etree._Element:
        return etree.fromstring(self.raw)

    def all(self, *path: str) -> list[etree._Element]:
        """The elements at the end of a path of tags."""
        return self.root.findall("/".join(path))


@dataclass(frozen=True)
class Exchange:
    """A request and what was answered."""

    name: str
    reply: Reply

    @property
    def fault(self) -> etree._Element | None:
        return self.reply.root.find(f"{ENVELOPE}Body/{ENVELOPE}Fault")


Subject = TypeVar("Subject")


@dataclass(frozen=True)
class Assertion:
    """One row: `ids` and `rules` as the profile names them; `check` raises AssertionError where it does not hold."""

    ids: str
    rules: str
    level: str
    says: str
    kind: str
    check: Callable[..., None]


ASSERTIONS: list[Assertion] = []


def _row(
    kind: str, ids: str, rules: str, level: str, says: str
) -> Callable[[Callable[[Subject], None]], Callable[[Subject], None]]:
    def keep(check: Callable[[Subject], None]) -> Callable[[Subject], None]:
        ASSERTIONS.append(Assertion(ids, rules, level, says, kind, check))
        return check

    return keep


def _local(qname: str) -> str:
    return qname.rpartition(":")[2]


# A. The description.


@_row(
    "WSDL", "BP2700 BP2701 BP2703", "R4004 R0001 R2028 R2029", MUST, "valid against the WSDL and SOAP-binding schemas"
)
def _valid(wsdl: Description) -> None:
    schema = xmlschema.XMLSchema([str(SCHEMAS / "wsdl.xsd"), str(SCHEMAS / "wsdl-soap.xsd")])
    assert wsdl.root.tag == f"{WSDL}definitions"
    schema.validate(wsdl.root)


@_row("WSDL", "BP2201 BP2202 BP2011", "R4003 R2010 R2011", MUST, "UTF-8, XML 1.0")
def _utf8(wsdl: Description) -> None:
    assert wsdl.raw.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
    assert wsdl.raw.decode("utf-8")


@_row("WSDL", "BP2034", "R1034 R4005", SHOULD, "the prefix xml is not declared")
def _no_xml_prefix(wsdl: Description) -> None:
    assert b"xmlns:xml" not in wsdl.raw


@_row(
    "WSDL", "BP2101 BP2098 BP2803 BP2104 BP2105", "R2001 R2007 R2803 R2005 R2022", MUST, "no wsdl:import to get wrong"
)
def _no_wsdl_import(wsdl: Description) -> None:
    assert wsdl.all(f"{WSDL}import") == []


@_row(
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


@_row("WSDL", "BP2018", "R2023 R2030", MUST, "wsdl:types stands first")
def _types_first(wsdl: Description) -> None:
    assert wsdl.root[0].tag == f"{WSDL}types"


@_row(
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


@_row("WSDL", "BP2108 BP2110", "R2110 R2111 R2112", MUST, "no encoded arrays, and no ArrayOf… names")
def _no_arrays(wsdl: Description) -> None:
    assert SOAPENC.encode() not in wsdl.raw
    assert b"arrayType" not in wsdl.raw
    assert b"ArrayOf" not in wsdl.raw


@_row("WSDL", "BP2122", "R2801", MUST, "XML Schema 1.0")
def _schema_1_0(wsdl: Description) -> None:
    sources = [etree.tostring(schema).decode() for schema in wsdl.all(f"{WSDL}types", f"{XS}schema")]
    assert xmlschema.XMLSchema10(sources, use_location_hints=False).validity == "valid"


@_row(
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


@_row("WSDL", "BP2111 BP2119", "R2201 R2210", MUST, "each body has one part")
def _one_part(wsdl: Description) -> None:
    parts = {message.get("name"): len(message) for message in wsdl.all(f"{WSDL}message")}
    bound = [node for node in wsdl.root.iter(f"{WSDL}input", f"{WSDL}output") if node.get("message")]
    assert [parts[_local(node.attrib["message"])] for node in bound] == [1] * len(bound)
    assert all("parts" not in body.attrib for body in wsdl.root.iter(f"{SOAP}body"))


@_row(
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


@_row("WSDL", "BP2402 BP2404 SSBP2403", "R2401 R2701 R2702 R9801", MUST, "a SOAP binding over HTTP, and no other")
def _transport(wsdl: Description) -> None:
    (binding,) = wsdl.all(f"{WSDL}binding")
    assert [node.get("transport") for node in binding.iterfind(f"{SOAP}binding")] == [
        "http://schemas.xmlsoap.org/soap/http"
    ]
    extensions = {etree.QName(node).namespace for node in binding.iter(etree.Element)}
    assert extensions == {WSDL[1:-1], SOAP[1:-1]}


@_row("WSDL", "BP2019", "R2716", MUST, "no namespace attribute on body, header and fault")
def _no_namespace(wsdl: Description) -> None:
    assert all(
        "namespace" not in node.attrib for node in wsdl.root.iter(f"{SOAP}body", f"{SOAP}header", f"{SOAP}fault")
    )


@_row("WSDL", "BP2021", "R2720 R2749", MUST, "headers name one part of a message")
def _header_part(wsdl: Description) -> None:
    parts = {(m.get("name"), part.get("name")) for m in wsdl.all(f"{WSDL}message") for part in m}
    headers = list(wsdl.root.iter(f"{SOAP}header"))
    assert headers
    assert all((_local(header.attrib["message"]), header.get("part")) in parts for header in headers)
    assert all("parts" not in header.attrib for header in headers)


@_row("WSDL", "BP2022 BP2032", "R2721 R2754 R2723", MUST, "each soap:fault has the name of its wsdl:fault")
def _fault_names(wsdl: Description) -> None:
    faults = wsdl.all(f"{WSDL}binding", f"{WSDL}operation", f"{WSDL}fault")
    assert faults
    for fault in faults:
        (soap,) = fault
        assert (soap.tag, soap.get("name"), soap.get("use")) == (f"{SOAP}fault", fault.get("name"), "literal")


@_row(
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


@_row("WSDL", "BP2120", "R2710", MUST, "each operation has a body element of its own")
def _signatures(wsdl: Description) -> None:
    elements = {m.get("name"): m[0].get("element") for m in wsdl.all(f"{WSDL}message")}
    inputs = [node.attrib["message"] for node in wsdl.all(f"{WSDL}portType", f"{WSDL}operation", f"{WSDL}input")]
    bodies = [elements[_local(message)] for message in inputs]
    assert len(set(bodies)) == len(bodies)


@_row("WSDL", "BP2114 BP2123", "R2209 R2026", SHOULD, "all parts of bodies are bound; no extension is required")
def _nothing_required(wsdl: Description) -> None:
    assert not any("required" in name for node in wsdl.root.iter(etree.Element) for name in node.attrib)


# B. HTTP.


@cache
def _envelope_schema() -> xmlschema.XMLSchema:
    """SOAP 1.1 envelopes, with the contract's types for what stands in them."""
    contract = etree.parse(wsdl_dir() / "zuora.61.0.wsdl").findall(f"{WSDL}types/{XS}schema")
    inline = [etree.tostring(schema).decode() for schema in contract]
    return xmlschema.XMLSchema([str(SCHEMAS / "soap-envelope.xsd"), *inline], use_location_hints=False)


def fault_expected(exchange: Exchange) -> bool:
    return exchange.name.startswith("fault")


@_row("message", "BP1100 –", "R1111 R1124", MUST, "an answer that is no fault has status 200")
def _ok_is_200(exchange: Exchange) -> None:
    assert (exchange.fault is None) == (exchange.reply.status == 200)
    assert (exchange.fault is not None) == fault_expected(exchange)


@_row("message", "BP1305", "R1126", MUST, "a fault has status 500")
def _fault_is_500(exchange: Exchange) -> None:
    assert exchange.fault is None or exchange.reply.status == 500


@_row(
    "message",
    "SSBP1003 SSBP5100 SSBP5101 BP4105",
    "R1012 R1018 R9700 R9702 R9703",
    MUST,
    "answers are UTF-8, say so, are text/xml, and hold the envelope alone",
)
def _charset(exchange: Exchange) -> None:
    assert exchange.reply.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert exchange.reply.text.startswith("<?xml version='1.0' encoding='UTF-8'?><soapenv:Envelope ")
    assert "Content-Encoding" not in exchange.reply.headers


@_row("message", "–", "R1120 R1121 R1122 R1123", SHOULD, "nothing depends on cookies")
def _no_cookies(exchange: Exchange) -> None:
    assert "Set-Cookie" not in exchange.reply.headers


# C. The envelope.


@_row(
    "message",
    "BP1600 BP1601 BP1701 BP1201",
    "R9980 R9701",
    MUST,
    "the answer is valid against the schema of SOAP 1.1 envelopes",
)
def _envelope_valid(exchange: Exchange) -> None:
    _envelope_schema().validate(exchange.reply.text)


@_row(
    "message",
    "BP1202 BP1011 BP1013 BP1213",
    "R1014 R2301 R2712",
    MUST,
    "the body has one child, in a namespace, the element that the WSDL names",
)
def _body_child(exchange: Exchange) -> None:
    (child,) = exchange.reply.root[0]
    expected = f"{ENVELOPE}Fault" if fault_expected(exchange) else f"{{{API}}}{exchange.name}Response"
    assert child.tag == expected


@_row(
    "message",
    "BP1007 BP1208 BP1309",
    "R1008 R1009 R1011",
    MUST,
    "no DTD, no processing instruction, nothing after the body",
)
def _plain(exchange: Exchange) -> None:
    assert b"<!DOCTYPE" not in exchange.reply.body
    assert exchange.reply.body.count(b"<?") == 1
    assert [child.tag for child in exchange.reply.root] == [f"{ENVELOPE}Body"]


@_row(
    "message",
    "BP1032 BP1307 BP1308 BP1318",
    "R1032 R1005 R1006 R1007",
    MUST,
    "no attributes of the SOAP namespace, no encodingStyle",
)
def _no_soap_attributes(exchange: Exchange) -> None:
    attributes = [name for node in exchange.reply.root.iter(etree.Element) for name in node.attrib]
    assert not any(name.startswith(ENVELOPE) for name in attributes)


@_row("message", "BP1033 SSBP9704 BP1204", "R1033 R9704 R2113", MUST, "the prefix xml is not declared; no arrayType")
def _no_odd_declarations(exchange: Exchange) -> None:
    assert b"xmlns:xml=" not in exchange.reply.body
    assert b"arrayType" not in exchange.reply.body


@_row(
    "message",
    "BP1306 BP1316 BP1203",
    "R1000 R1001 R1003",
    MUST,
    "a fault holds faultcode, faultstring and detail alone, unqualified",
)
def _fault_children(exchange: Exchange) -> None:
    if exchange.fault is not None:
        assert [child.tag for child in exchange.fault] in (
            ["faultcode", "faultstring", "detail"],
            ["faultcode", "faultstring"],
        )


@_row("message", "BP1302 BP1031", "R1004 R1031", SHOULD, "a faultcode is a QName of a namespace in scope, without dots")
def _fault_code(exchange: Exchange) -> None:
    if exchange.fault is not None:
        code = exchange.fault[0]
        prefix, _, local = (code.text or "").partition(":")
        assert code.nsmap[prefix] in {SOAP11, "http://fault.api.zuora.com/"}
        assert re.fullmatch(r"[A-Za-z_]+", local)


@_row("message", "BP1107", "R2740", SHOULD, "the detail of a fault is one that the WSDL declares for the operation")
def _declared(exchange: Exchange) -> None:
    if exchange.fault is not None and exchange.fault.find("detail") is not None:
        declared = {"fault login": "LoginFault", "fault type": "InvalidTypeFault"}.get(
            exchange.name, "UnexpectedErrorFault"
        )
        assert [etree.QName(child).localname for child in exchange.fault.find("detail")] == [declared]


# D. What we do with what others send.


@_row("service", "BP1004 BP1103", "R1132 R1108 R1114", SHOULD, "calls are POSTed; another method is 405")
def _only_post(service: Service) -> None:
    assert service.request("DELETE", service.path).status == 405


@_row("service", "–", "R1115", SHOULD, "a media type that is no XML is 415")
def _media_type(service: Service) -> None:
    assert service.post(login(USER, PASSWORD), CONTENT_TYPE="application/json").status == 415


@_row("service", "BP1006 BP1116 –", "R1109 R1119 R1127 R2744 R2745", MUST, "SOAPAction decides nothing")
def _soap_action(service: Service) -> None:
    bodies = {
        service.post(preview(session=service.token), HTTP_SOAPACTION=a).body for a in ('""', '"login"', "login", None)
    }
    assert len(bodies) == 1


@_row("service", "–", "R4001 R1010 R1019", MUST, "a byte order mark, UTF-8 and UTF-16 are read")
def _encodings(service: Service) -> None:
    message = preview(session=service.token)
    for body in (codecs.BOM_UTF8 + message.encode(), message.encode("utf-16")):
        assert service.post(body, CONTENT_TYPE="text/xml").status == 200


@_row("service", "BP1012", "R1015", MUST, "a root that is no envelope is a VersionMismatch")
def _version_mismatch(service: Service) -> None:
    assert service.post("<Envelope/>").fault[0] == "soapenv:VersionMismatch"


@_row(
    "service",
    "BP1007 BP1208 BP1309 BP1202",
    "R1008 R1009 R1011 R1014",
    MUST,
    "a DTD, a processing instruction, an element after the body, an unqualified child of the body: refused",
)
def _refused(service: Service) -> None:
    message = preview(session=service.token)
    hostile = [
        f"<!DOCTYPE x>{message}",
        f"<?x y?>{message}",
        message.replace("</e:Envelope>", "<x/></e:Envelope>"),
        envelope("<billingPreview/>", session_header(service.token)),
    ]
    assert [service.post(body).fault[0] for body in hostile] == ["soapenv:Client"] * 4


@_row("service", "BP1301", "R1013", MUST, "mustUnderstand is 1 or 0")
def _odd_must_understand(service: Service) -> None:
    header = "<x:a xmlns:x='urn:x' e:mustUnderstand='maybe'/>"
    assert service.post(envelope("<a:getUserInfo/>", header)).fault[0] == "soapenv:Client"


@_row(
    "service",
    "–",
    "R1025 R1027 R1028 R1029",
    MUST,
    "a mandatory header that is not known is a fault, and nothing is processed",
)
def _must_understand(service: Service) -> None:
    header = "<x:a xmlns:x='urn:x' e:mustUnderstand='1'/>"
    reply = service.post(login(USER, PASSWORD).replace("<e:Body>", f"<e:Header>{header}</e:Header><e:Body>"))
    assert reply.fault[0] == "soapenv:MustUnderstand"
    assert b"Session>" not in reply.body


@_row(
    "service",
    "–",
    "R2724 R2725",
    MUST,
    "an envelope at odds with the WSDL is a Client fault; version and mustUnderstand come first",
)
def _at_odds(service: Service) -> None:
    assert service.post(envelope("<a:subscribe/>")).fault[0] == "soapenv:Client"
    both = envelope("<a:subscribe/>", "<x:a xmlns:x='urn:x' e:mustUnderstand='1'/>")
    assert service.post(both).fault[0] == "soapenv:MustUnderstand"


@_row(
    "service", "BP1009 –", "R2738 R2739 R2751 R2752", MUST, "declared headers in any order, repeated, and beside others"
)
def _headers(service: Service) -> None:
    session = session_header(service.token)
    for header in (
        f"{session}<a:QueryOptions/>",
        f"<a:QueryOptions/>{session}",
        f"{session}{session}",
        f"<a:x/>{session}",
    ):
        assert service.post(envelope("<a:billingPreview/>", header)).status == 200


@_row("service", "–", "R1017", MUST, "xsi:type is not needed")
def _no_xsi_type(service: Service) -> None:
    assert [result.get("Size") for result in service.preview(request(MONTHLY)).results()] == ["4"]


@_row("service", "–", "R1125", MUST, "HTTP that is not a request of ours is 4xx")
def _other_4xx(service: Service) -> None:
    assert service.request("GET", "/apps/services/x").status == 404


def exchanges(service: Service) -> list[Exchange]:
    """One of each kind of answer."""
    return [
        Exchange("login", service.post(login(USER, PASSWORD))),
        Exchange("getUserInfo", service.post(envelope("<a:getUserInfo/>", session_header(service.token)))),
        Exchange("billingPreview", service.preview(request(MONTHLY), request(UNKNOWN), request(""))),
        Exchange("fault login", service.post(login(USER, "wrong"))),
        Exchange("fault session", service.post(preview(session="unknown"))),
        Exchange("fault type", service.preview("<a:requests xsi:type='a:Error'/>")),
        Exchange("fault malformed", service.post("<")),
        Exchange("fault operation", service.post(envelope("<a:subscribe/>"))),
    ]


def table() -> str:
    """The table of docs/coverage.md."""
    lines = ["| assertions | rules | level | what holds | proved on |", "|---|---|---|---|---|"]
    lines += [f"| {row.ids} | {row.rules} | {row.level} | {row.says} | {row.kind} |" for row in ASSERTIONS]
    return "\n".join(lines)


def main() -> None:
    """Write the table into docs/coverage.md."""
    text = COVERAGE.read_text(encoding="utf-8")
    before, after = text.split(MARKS[0])[0], text.split(MARKS[1])[1]
    COVERAGE.write_text(f"{before}{MARKS[0]}\n{table()}\n{MARKS[1]}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
