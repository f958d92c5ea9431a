"""Spyne under our shim, on this interpreter; `make test-matrix` runs it on every other one of the machine."""

from __future__ import annotations

import subprocess
import sys

import pytest
from lxml import etree

from soapsvc.soap.contract import CanonicalBody, Shape
from soapsvc.soap.contract.shapes import SHAPES
from soapsvc.soap.frame import ClientFault, Node
from soapsvc.soap.spyne_shim import SpyneContract

API = "http://api.zuora.com/"


@pytest.fixture(params=SHAPES, ids=lambda shape: shape.name)
def contract(request: pytest.FixtureRequest) -> SpyneContract:
    shape: Shape = request.param
    return SpyneContract(shape)


def body(operation: str, content: str = "", namespace: str = API) -> CanonicalBody:
    made = CanonicalBody(Node(namespace, operation, {}, [], []))
    if content:
        made.element.extend(etree.fromstring(f'<{operation} xmlns="{namespace}">{content}</{operation}>'))
    return made


def test_the_import_changes_nothing_for_others() -> None:
    """A clean interpreter with every warning an error: no stand-in of ours is left where others would find it."""
    program = """
import sys
finders = list(sys.meta_path)
import soapsvc.soap.spyne_shim
assert "cgi" not in sys.modules
assert sys.meta_path == finders
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("operation", ["login", "getUserInfo", "billingPreview"])
def test_the_service_names_the_operation_of_a_body(contract: SpyneContract, operation: str) -> None:
    assert contract.operation(body(operation).tag) == operation


@pytest.mark.parametrize("other", [body("subscribe"), body("login", namespace="http://elsewhere.test/")])
def test_a_body_of_no_operation_is_refused(contract: SpyneContract, other: CanonicalBody) -> None:
    with pytest.raises(ClientFault, match="There is no operation"):
        contract.operation(other.tag)


def test_a_body_that_the_contract_allows_passes(contract: SpyneContract) -> None:
    contract.validate(body("login", "<username>x</username><password>y</password>"))


@pytest.mark.parametrize(
    "invalid",
    [
        body("login", "<password>x</password><username>y</username>"),
        body("login", "<nickname>x</nickname>"),
        body("billingPreview", "<requests><AccountId>no-id</AccountId></requests>"),
        body("billingPreview", "<requests><TargetDate>soon</TargetDate></requests>"),
        body("billingPreview", "<requests><Unknown/></requests>"),
    ],
    ids=["wrong order", "unknown field", "no ID", "no date", "unknown field of a request"],
)
def test_a_body_that_the_contract_does_not_allow_is_refused(contract: SpyneContract, invalid: CanonicalBody) -> None:
    with pytest.raises(ClientFault, match="does not conform to the WSDL"):
        contract.validate(invalid)


def test_an_empty_body_is_validated_once_and_a_later_one_with_content_again(contract: SpyneContract) -> None:
    for _ in range(2):
        contract.validate(body("billingPreview"))
    with pytest.raises(ClientFault, match="does not conform to the WSDL"):
        contract.validate(body("billingPreview", "<requests><Unknown/></requests>"))
