"""Raw answers and faults validate against the schemas inside the published WSDL of their version."""

from __future__ import annotations

import pytest
import xmlschema
from lxml import etree

from soapsvc.resources import wsdl_dir
from soapsvc.soap.contract.shapes import SHAPES
from tests.soap.client import SOAP11, Service, envelope, request, session_header
from tests.soap.conftest import MovableClock, clock, options, service, store
from tests.soap.sample_tenant import BROKEN, EMPTY, MONTHLY, RENEWED, SAMPLE, UNKNOWN

__all__ = ["MovableClock", "clock", "options", "service", "store"]

XS = "{http://www.w3.org/2001/XMLSchema}"
WSDL_TYPES = "{http://schemas.xmlsoap.org/wsdl/}types"
VERSIONS = [shape.name for shape in SHAPES]


@pytest.fixture(scope="module")
def schemas() -> dict[str, xmlschema.XMLSchema]:
    return {version: schema(version) for version in VERSIONS}


def schema(version: str) -> xmlschema.XMLSchema:
    """The three inline schemas of a WSDL as one."""
    types = etree.parse(wsdl_dir() / f"zuora.{version}.wsdl").getroot().find(WSDL_TYPES)
    assert types is not None
    sources = {node.attrib["targetNamespace"]: etree.tostring(node).decode() for node in types.iterfind(f"{XS}schema")}
    return xmlschema.XMLSchema(list(sources.values()), use_location_hints=False)


def body(text: bytes) -> etree._Element:
    """The one child of the answer's body."""
    root = etree.fromstring(text)
    assert [etree.QName(child).localname for child in root] == ["Body"]
    (found,) = root[0]
    return found


@pytest.mark.parametrize("version", VERSIONS)
def test_a_preview_with_items_discounts_errors_and_nothing(
    service: Service, schemas: dict[str, xmlschema.XMLSchema], version: str
) -> None:
    accounts = [SAMPLE, MONTHLY, EMPTY, BROKEN, UNKNOWN, "no-id", "", "12", RENEWED]
    asked = [request(account, "2014-12-31", AssumeRenewal="All") for account in accounts]
    answer = service.preview(*asked, path=f"/apps/services/a/{version}")
    assert answer.text.count("<ns1:InvoiceItem ") > 20
    schemas[version].validate(etree.tostring(body(answer.body)).decode())


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("operation", ["login", "getUserInfo"])
def test_login_and_user_info(
    service: Service, schemas: dict[str, xmlschema.XMLSchema], version: str, operation: str
) -> None:
    service.path = f"/apps/services/a/{version}"
    header = session_header(service.token)
    answer = service.login() if operation == "login" else service.post(envelope("<a:getUserInfo/>", header))
    schemas[version].validate(etree.tostring(body(answer.body)).decode())


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", ["LoginFault", "InvalidTypeFault", "UnexpectedErrorFault"])
def test_faults(service: Service, schemas: dict[str, xmlschema.XMLSchema], version: str, name: str) -> None:
    service.path = f"/apps/services/a/{version}"
    answer = {
        "LoginFault": lambda: service.login(password="wrong"),
        "InvalidTypeFault": lambda: service.preview("<a:requests xsi:type='a:Error'/>"),
        "UnexpectedErrorFault": lambda: service.preview(*[request(EMPTY)] * 21),
    }[name]()
    fault = body(answer.body)
    assert fault.tag == f"{{{SOAP11}}}Fault"
    assert [child.tag for child in fault] == ["faultcode", "faultstring", "detail"]
    (detail,) = fault[2]
    assert etree.QName(detail).localname == name
    schemas[version].validate(etree.tostring(detail).decode())


def test_the_validator_sees_an_answer_of_another_version(
    service: Service, schemas: dict[str, xmlschema.XMLSchema]
) -> None:
    answer = service.preview(request(SAMPLE, "2014-06-01"), path="/apps/services/a/71.0")
    assert not schemas["61.0"].is_valid(etree.tostring(body(answer.body)).decode())
    assert schemas["69.0"].is_valid(etree.tostring(body(answer.body)).decode())
