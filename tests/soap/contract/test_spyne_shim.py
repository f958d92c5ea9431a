"""Spyne under our shim, on this interpreter; `make test-matrix` runs it on every other one of the machine."""

from __future__ import annotations

import subprocess
import sys

import pytest
from lxml import etree

from soapsvc.soap.contract import Shape
from soapsvc.soap.contract.shapes import SHAPES
from soapsvc.soap.frame import ClientFault, WrongLogin
from soapsvc.soap.spyne_shim import SpyneContract

API = "http://api.zuora.com/"


@pytest.fixture(params=SHAPES, ids=lambda shape: shape.name)
def contract(request: pytest.FixtureRequest) -> SpyneContract:
    shape: Shape = request.param
    return SpyneContract(shape)


def body(operation: str, content: str = "") -> etree._Element:
    return etree.fromstring(f'<{operation} xmlns="{API}">{content}</{operation}>')


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
def test_dispatch_on_the_body_element(contract: SpyneContract, operation: str) -> None:
    handlers = {name: (lambda name=name: name) for name in ("login", "getUserInfo", "billingPreview")}  # type: ignore[misc]
    assert contract.call(body(operation), handlers) == operation


def test_a_handlers_answer_comes_back_as_it_is(contract: SpyneContract) -> None:
    answer = iter([b"1", b"2"])
    assert contract.call(body("login"), {"login": lambda: answer}) is answer


@pytest.mark.parametrize("error", [WrongLogin(), ZeroDivisionError("x"), KeyError("y")])
def test_a_handlers_error_comes_back_as_it_is(contract: SpyneContract, error: Exception) -> None:
    def fail() -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        contract.call(body("login"), {"login": fail})
    assert caught.value is error


@pytest.mark.parametrize(
    "invalid",
    [
        body("login", "<password>x</password><username>y</username>"),
        body("login", "<nickname>x</nickname>"),
        body("billingPreview", "<requests><AccountId>no-id</AccountId></requests>"),
        body("billingPreview", "<requests><TargetDate>soon</TargetDate></requests>"),
        body("billingPreview", "<requests><Unknown/></requests>"),
        body("subscribe"),
    ],
    ids=["wrong order", "unknown field", "no ID", "no date", "unknown field of a request", "unknown operation"],
)
def test_what_the_contract_does_not_allow_is_refused_before_any_handler(
    contract: SpyneContract, invalid: etree._Element
) -> None:
    called: list[str] = []
    handlers = {name: (lambda: called.append("!")) for name in ("login", "billingPreview", "subscribe")}
    with pytest.raises(ClientFault):
        contract.call(invalid, handlers)
    assert called == []
