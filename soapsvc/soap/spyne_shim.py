"""The one module that imports Spyne. Spyne holds the contract, names operations, and validates; nothing else.

Spyne 2.14.0 is the last release. Its vendored `six` cannot be imported from Python 3.12 on, nor `cgi` from 3.13 on;
`_lend` replaces both while Spyne is imported. Spyne never sees the bytes of a message (the frame has read them)
and never renders an answer (the writer does): its table of methods names the operation, and its schema
validates the canonical body. Its method contexts and events are not used: they would cost as much as a small
preview.
"""

from __future__ import annotations

import collections.abc
import http.cookies
import logging
import sys
import urllib.error
import urllib.parse
import urllib.request
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from types import ModuleType
from typing import Any

from soapsvc.soap import contract, ns
from soapsvc.soap.contract import CanonicalBody, ComplexType, DeclaredOperation, Field, Shape
from soapsvc.soap.frame import ClientFault


def _parse_header(line: str) -> tuple[str, dict[str, str]]:
    """The function `cgi.parse_header` of older Pythons: a header's value and its parameters."""
    message = Message()
    message["content-type"] = line
    (value, _), *parameters = message.get_params(failobj=[("", "")])
    return value, dict(parameters)


_MOVES = "spyne.util.six.moves."


@contextmanager
def _lend() -> Iterator[None]:
    """Provide modules that newer interpreters lack: `cgi`, and the vendored `six.moves` as aliases."""
    sys.modules.update(
        {
            f"{_MOVES}collections_abc": collections.abc,
            f"{_MOVES}http_cookies": http.cookies,
            f"{_MOVES}urllib": urllib,
            f"{_MOVES}urllib.error": urllib.error,
            f"{_MOVES}urllib.parse": urllib.parse,
            f"{_MOVES}urllib.request": urllib.request,
        }
    )
    hidden = sys.modules.get("cgi")
    cgi = sys.modules["cgi"] = ModuleType("cgi")
    cgi.parse_header = _parse_header  # type: ignore[attr-defined]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        del sys.modules["cgi"]
        if hidden is not None:
            sys.modules["cgi"] = hidden
        # If it stayed, Python would ask the vendored importer, and warn about it, at every later import.
        sys.meta_path[:] = [finder for finder in sys.meta_path if getattr(finder, "name", "") != "spyne.util.six"]


with _lend():
    from spyne import Application, Fault, ServiceBase, rpc
    from spyne.interface.wsdl import Wsdl11
    from spyne.model.complex import ComplexModel, ComplexModelMeta
    from spyne.model.enum import Enum
    from spyne.model.primitive import Boolean, Date, DateTime, Decimal, Int, Long, Unicode
    from spyne.protocol.soap import Soap11

# Spyne's log is silent: the caller of `SpyneContract` gets every error as an exception.
logging.getLogger("spyne").setLevel(logging.CRITICAL + 1)


class _FaultModelMeta(ComplexModelMeta):  # type: ignore[misc]
    """Keeps declared faults in their namespace: Spyne moves each into that of the service."""

    def __setattr__(self, name: str, value: object) -> None:
        if name != "__namespace__" or value == ns.FAULT:
            super().__setattr__(name, value)


_MESSAGES = frozenset(f"{operation.name}{suffix}" for operation in contract.OPERATIONS for suffix in ("", "Response"))
"""Elements that Spyne creates itself from an operation's arguments and results."""


class _Models:
    """Spyne's models of the contract's types in one shape."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._by_name: dict[str, Any] = {
            contract.STRING: Unicode,
            contract.BOOLEAN: Boolean,
            contract.INT: Int,
            contract.LONG: Long,
            contract.DECIMAL: Decimal,
            contract.DATE_TIME: DateTime,
            contract.DATE: Date,
            contract.ID: _in_api(Unicode(pattern=contract.ID_PATTERN, type_name=contract.ID)),
            contract.ERROR_CODE: _in_api(Enum(*contract.ERROR_CODES, type_name=contract.ERROR_CODE)),
        }
        self.complex: list[Any] = []
        for complex_type in contract.TYPES:
            if complex_type.name not in _MESSAGES:
                model = self._by_name[complex_type.name] = self._model(complex_type)
                self.complex.append(model)

    def __getitem__(self, name: str) -> Any:
        return self._by_name[name]

    def fields(self, complex_type: str) -> dict[str, Any]:
        """The models of a type's fields by name, in order."""
        return {field.name: self._member(field) for field in self._shape.fields(complex_type)}

    def _model(self, complex_type: ComplexType) -> Any:
        base = self._by_name[complex_type.base] if complex_type.base else ComplexModel
        meta = _FaultModelMeta if complex_type.namespace == ns.FAULT else ComplexModelMeta
        members: dict[str, Any] = {
            "__namespace__": complex_type.namespace,
            "__type_name__": complex_type.name,
            "Attributes": type("Attributes", (base.Attributes,), {"sub_name": complex_type.element}),
            "_type_info": list(self.fields(complex_type.name).items()),
        }
        return meta(complex_type.name, (base,), members)

    def _member(self, field: Field) -> Any:
        name = self._shape.primitive(field.type)
        return self._by_name[name].customize(
            min_occurs=field.min_occurs,
            max_occurs="unbounded" if field.max_occurs is contract.UNBOUNDED else field.max_occurs,
            nillable=field.nillable,
            # Without it Spyne would copy the type for each field, under a new name.
            **({"type_name": name} if name == contract.ID else {}),
        )


def _in_api(simple_type: Any) -> Any:
    simple_type.__namespace__ = ns.API
    return simple_type


def _method(operation: DeclaredOperation, models: _Models) -> Any:
    """The operation as a method of Spyne's service.

    It only declares the operation; `soapsvc.soap.operations` runs it.
    """

    def declared(*_arguments: None) -> None:
        raise NotImplementedError

    declared.__name__ = operation.name
    request = models.fields(operation.name)
    response = models.fields(f"{operation.name}Response")
    return rpc(
        *request.values(),
        _args=list(request),
        _returns=list(response.values()),
        _out_variable_names=list(response),
        _in_message_name=operation.name,
        _out_message_name=f"{operation.name}Response",
        _in_header=tuple(models[header] for header in operation.headers) or None,
        _throws=[models[fault] for fault in operation.faults],
    )(declared)


class SpyneContract:
    """The contract in one shape as a Spyne application; safe to use from many threads."""

    def __init__(self, shape: Shape) -> None:
        models = _Models(shape)
        methods = {operation.name: _method(operation, models) for operation in contract.OPERATIONS}
        self._application = Application(
            [type("ZuoraService", (ServiceBase,), methods)],
            tns=ns.API,
            name="ZuoraService",
            in_protocol=Soap11(validator="lxml"),
            out_protocol=Soap11(),
            classes=models.complex,
        )
        self._valid_when_empty: set[str] = set()
        self._application.transport = "http://schemas.xmlsoap.org/soap/http"

    def operation(self, tag: str) -> str:
        """The operation that an element of this name in soap:Body calls; raises ClientFault for an unknown one."""
        methods = self._application.interface.service_method_map.get(tag)
        if not methods:
            raise ClientFault(f"There is no operation {tag!r}")
        name: str = methods[0].name
        return name

    def validate(self, body: CanonicalBody) -> None:
        """Raise ClientFault where the contract does not allow a body in its canonical form."""
        is_empty = body.is_empty
        if is_empty and body.tag in self._valid_when_empty:
            return
        try:
            self._application.in_protocol.validate_document(body.element)
        except Fault as fault:
            raise ClientFault(f"The body does not conform to the WSDL: {fault.faultstring}") from fault
        if is_empty:
            self._valid_when_empty.add(body.tag)

    def wsdl(self, url: str) -> bytes:
        """Spyne's own view of the contract, for comparison with the published WSDL."""
        document = Wsdl11(self._application.interface)
        document.build_interface_document(url)
        text: bytes = document.get_interface_document()
        return text
