"""The Basic Profile's assertions about HTTP, about envelopes, and about receivers of messages."""

from __future__ import annotations

import codecs
import re
from functools import cache
from pathlib import Path

import xmlschema
from lxml import etree

from soapsvc.resources import wsdl_dir
from tests.contract.profile_rows import ENVELOPE, MUST, SHOULD, WSDL, XS, Exchange, Rows
from tests.soap.client import API, SOAP11, Service, envelope, login, preview, request, session_header
from tests.soap.sample_tenant import MONTHLY, PASSWORD, UNKNOWN, USER

ROWS = Rows()
SCHEMAS = Path(xmlschema.__file__).parent / "schemas" / "WSDL"


# B. HTTP.


@cache
def _envelope_schema() -> xmlschema.XMLSchema:
    """SOAP 1.1 envelopes, with the contract's types for their content."""
    contract = etree.parse(wsdl_dir() / "zuora.61.0.wsdl").findall(f"{WSDL}types/{XS}schema")
    inline = [etree.tostring(schema).decode() for schema in contract]
    return xmlschema.XMLSchema([str(SCHEMAS / "soap-envelope.xsd"), *inline], use_location_hints=False)


def fault_expected(exchange: Exchange) -> bool:
    return exchange.name.startswith("fault")


@ROWS("message", "BP1100 –", "R1111 R1124", MUST, "an answer that is no fault has status 200")
def _ok_is_200(exchange: Exchange) -> None:
    assert (exchange.fault is None) == (exchange.reply.status == 200)
    assert (exchange.fault is not None) == fault_expected(exchange)


@ROWS("message", "BP1305", "R1126", MUST, "a fault has status 500")
def _fault_is_500(exchange: Exchange) -> None:
    assert exchange.fault is None or exchange.reply.status == 500


@ROWS(
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


@ROWS("message", "–", "R1120 R1121 R1122 R1123", SHOULD, "nothing depends on cookies")
def _no_cookies(exchange: Exchange) -> None:
    assert "Set-Cookie" not in exchange.reply.headers


# C. The envelope.


@ROWS(
    "message",
    "BP1600 BP1601 BP1701 BP1201",
    "R9980 R9701",
    MUST,
    "the answer is valid against the schema of SOAP 1.1 envelopes",
)
def _envelope_valid(exchange: Exchange) -> None:
    _envelope_schema().validate(exchange.reply.text)


@ROWS(
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


@ROWS(
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


@ROWS(
    "message",
    "BP1032 BP1307 BP1308 BP1318",
    "R1032 R1005 R1006 R1007",
    MUST,
    "no attributes of the SOAP namespace, no encodingStyle",
)
def _no_soap_attributes(exchange: Exchange) -> None:
    attributes = [name for node in exchange.reply.root.iter(etree.Element) for name in node.attrib]
    assert not any(name.startswith(ENVELOPE) for name in attributes)


@ROWS("message", "BP1033 SSBP9704 BP1204", "R1033 R9704 R2113", MUST, "the prefix xml is not declared; no arrayType")
def _no_odd_declarations(exchange: Exchange) -> None:
    assert b"xmlns:xml=" not in exchange.reply.body
    assert b"arrayType" not in exchange.reply.body


@ROWS(
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


@ROWS("message", "BP1302 BP1031", "R1004 R1031", SHOULD, "a faultcode is a QName of a namespace in scope, without dots")
def _fault_code(exchange: Exchange) -> None:
    if exchange.fault is not None:
        code = exchange.fault[0]
        prefix, _, local = (code.text or "").partition(":")
        assert code.nsmap[prefix] in {SOAP11, "http://fault.api.zuora.com/"}
        assert re.fullmatch(r"[A-Za-z_]+", local)


@ROWS("message", "BP1107", "R2740", SHOULD, "the detail of a fault is one that the WSDL declares for the operation")
def _declared(exchange: Exchange) -> None:
    if exchange.fault is not None and exchange.fault.find("detail") is not None:
        declared = {"fault login": "LoginFault", "fault type": "InvalidTypeFault"}.get(
            exchange.name, "UnexpectedErrorFault"
        )
        assert [etree.QName(child).localname for child in exchange.fault.find("detail")] == [declared]


# D. Our treatment of received messages.


@ROWS("service", "BP1004 BP1103", "R1132 R1108 R1114", SHOULD, "calls are POSTed; another method is 405")
def _only_post(service: Service) -> None:
    assert service.request("DELETE", service.path).status == 405


@ROWS("service", "–", "R1115", SHOULD, "a media type that is no XML is 415")
def _media_type(service: Service) -> None:
    assert service.post(login(USER, PASSWORD), CONTENT_TYPE="application/json").status == 415


@ROWS("service", "BP1006 BP1116 –", "R1109 R1119 R1127 R2744 R2745", MUST, "SOAPAction decides nothing")
def _soap_action(service: Service) -> None:
    bodies = {
        service.post(preview(session=service.token), HTTP_SOAPACTION=a).body for a in ('""', '"login"', "login", None)
    }
    assert len(bodies) == 1


@ROWS("service", "–", "R4001 R1010 R1019", MUST, "a byte order mark, UTF-8 and UTF-16 are read")
def _encodings(service: Service) -> None:
    message = preview(session=service.token)
    for body in (codecs.BOM_UTF8 + message.encode(), message.encode("utf-16")):
        assert service.post(body, CONTENT_TYPE="text/xml").status == 200


@ROWS("service", "BP1012", "R1015", MUST, "a root that is no envelope is a VersionMismatch")
def _version_mismatch(service: Service) -> None:
    assert service.post("<Envelope/>").fault[0] == "soapenv:VersionMismatch"


@ROWS(
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


@ROWS("service", "BP1301", "R1013", MUST, "mustUnderstand is 1 or 0")
def _odd_must_understand(service: Service) -> None:
    header = "<x:a xmlns:x='urn:x' e:mustUnderstand='maybe'/>"
    assert service.post(envelope("<a:getUserInfo/>", header)).fault[0] == "soapenv:Client"


@ROWS(
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


@ROWS(
    "service",
    "–",
    "R2724 R2725",
    MUST,
    "an envelope at odds with the WSDL is a Client fault; version and mustUnderstand come first",
)
def _at_odds(service: Service) -> None:
    assert service.post(envelope("<a:subscribe/>")).fault[0] == "soapenv:Client"
    both = envelope("<a:subscribe/>", "<x:a xmlns:x='urn:x' e:mustUnderstand='1'/>")
    for message in (both, both.replace("</e:Envelope>", "<e:Trailer/></e:Envelope>")):
        assert service.post(message).fault[0] == "soapenv:MustUnderstand"


@ROWS(
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


@ROWS("service", "–", "R1017", MUST, "xsi:type is not needed")
def _no_xsi_type(service: Service) -> None:
    assert [result.get("Size") for result in service.preview(request(MONTHLY)).results()] == ["4"]


@ROWS("service", "–", "R1125", MUST, "HTTP that is not a request of ours is 4xx")
def _other_4xx(service: Service) -> None:
    assert service.request("GET", "/apps/services/x").status == 404


def exchanges(service: Service) -> list[Exchange]:
    """One exchange for each kind of answer."""
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
