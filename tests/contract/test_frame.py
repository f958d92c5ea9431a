"""The frame of the WSDL and the fault codes, as old clients and generators rely on them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from soapsvc.resources import wsdl_dir
from soapsvc.soap.contract.complex_types import ERROR_CODES
from soapsvc.soap.frame import faults
from soapsvc.soap.operations.create import _CODES
from tests.contract.profile_messages import exchanges
from tests.contract.profile_rows import SOAP, WSDL, XS
from tests.soap.client import Service
from tests.soap.conftest import clock, options, service, store

__all__ = ["clock", "options", "service", "store"]


@pytest.fixture(params=sorted(wsdl_dir().glob("*.wsdl")), ids=lambda path: path.stem)
def root(request: pytest.FixtureRequest) -> etree._Element:
    path: Path = request.param
    return etree.parse(path).getroot()


def test_the_prefixes_that_clients_spell_out(root: etree._Element) -> None:
    assert root.nsmap == {
        None: "http://schemas.xmlsoap.org/wsdl/",
        "http": "http://schemas.xmlsoap.org/wsdl/http/",
        "xs": "http://www.w3.org/2001/XMLSchema",
        "soap": "http://schemas.xmlsoap.org/wsdl/soap/",
        "zns": "http://api.zuora.com/",
        "ons": "http://object.api.zuora.com/",
        "fns": "http://fault.api.zuora.com/",
    }
    assert root.get("targetNamespace") == "http://api.zuora.com/"


def test_three_inline_schemas_in_an_order_that_clients_count_on(root: etree._Element) -> None:
    """zeep numbers its prefixes by it: ns0 is the object namespace, ns1 the api's, ns2 that of faults."""
    schemas = root.findall(f"{WSDL}types/{XS}schema")
    assert [schema.get("targetNamespace") for schema in schemas] == [
        "http://object.api.zuora.com/",
        "http://api.zuora.com/",
        "http://fault.api.zuora.com/",
    ]
    for schema in schemas:
        assert (schema.get("elementFormDefault"), schema.get("attributeFormDefault")) == ("qualified", "qualified")
        assert all("schemaLocation" not in node.attrib for node in schema.iter(f"{XS}import"))


def test_names_of_service_port_and_binding(root: etree._Element) -> None:
    port = root.find(f"{WSDL}service[@name='ZuoraService']/{WSDL}port[@name='Soap'][@binding='zns:SoapBinding']")
    assert port is not None
    assert root.find(f"{WSDL}binding[@name='SoapBinding'][@type='zns:Soap']") is not None
    assert root.find(f"{WSDL}portType[@name='Soap']") is not None


def test_soap_actions_are_empty(root: etree._Element) -> None:
    actions = [node.get("soapAction") for node in root.iter(f"{SOAP}operation")]
    assert actions == [""] * 6


def test_wrapped_operations_keep_their_unwrapped_signature(root: etree._Element) -> None:
    """One part called `parameters`, whose element is called like the operation; only getUserInfo has another."""
    messages = {message.get("name"): message for message in root.findall(f"{WSDL}message")}
    for operation in root.findall(f"{WSDL}portType/{WSDL}operation"):
        name = operation.get("name")
        (part,) = messages[operation.find(f"{WSDL}input").attrib["message"].removeprefix("zns:")]  # type: ignore[union-attr]
        assert part.get("element") == f"zns:{name}"
        assert part.get("name") == ("getUserInfo" if name == "getUserInfo" else "parameters")
        (part,) = messages[operation.find(f"{WSDL}output").attrib["message"].removeprefix("zns:")]  # type: ignore[union-attr]
        assert (part.get("element"), part.get("name")) == (f"zns:{name}Response", "parameters")


def test_headers_are_parts_of_a_message_of_their_own(root: etree._Element) -> None:
    """In the message of the request itself they would change the methods that generators make."""
    (header,) = root.findall(f"{WSDL}message[@name='Header']")
    assert [part.get("name") for part in header] == ["CallOptions", "QueryOptions", "SessionHeader"]
    for operation in root.findall(f"{WSDL}binding/{WSDL}operation"):
        bound = operation.find(f"{WSDL}input")
        assert bound is not None
        *headers, body = bound
        assert body.tag == f"{SOAP}body"
        expected = {
            "login": [],
            "create": ["CallOptions", "SessionHeader"],
            "query": ["QueryOptions", "SessionHeader"],
            "queryMore": ["QueryOptions", "SessionHeader"],
        }.get(operation.get("name") or "", ["SessionHeader"])
        assert [(node.get("message"), node.get("part")) for node in headers] == [("zns:Header", p) for p in expected]


def all_faults(base: type[faults.SoapFault]) -> Iterator[type[faults.SoapFault]]:
    for fault in base.__subclasses__():
        yield fault
        yield from all_faults(fault)


def test_every_code_that_we_send_is_one_of_the_enumeration() -> None:
    """Typed clients break on any other, or show the first of the list.

    The vendor's own list has 29, and none for a bad locator, which its documentation has: it stands after them.
    """
    codes = {fault.code for fault in all_faults(faults.ApiFault) if issubclass(fault, faults.ApiFault)}
    codes |= {
        "MALFORMED_QUERY",
        "INVALID_FIELD",
        "INVALID_TYPE",
        "INVALID_VALUE",
        "MISSING_REQUIRED_VALUE",
        *_CODES.values(),
    }
    assert codes <= set(ERROR_CODES)
    assert len(set(ERROR_CODES)) == len(ERROR_CODES) == 30
    assert ERROR_CODES[-1] == "INVALID_QUERY_LOCATOR"


def test_no_default_namespace_is_in_scope_of_a_fault(service: Service) -> None:
    """With one, faultcode and its like would be in it, and typed clients would see an empty fault."""
    seen = [exchange.fault.nsmap for exchange in exchanges(service) if exchange.fault is not None]
    assert len(seen) == 5
    assert all(set(nsmap) == {"soapenv", "fns"} for nsmap in seen)
