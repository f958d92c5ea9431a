"""The contract: its types and operations by version, and the published WSDL files.

It offers the shape of each version, its complex types and operations, a call's canonical body, and the WSDL's bytes.

Read `complex_types` (each type and field, with its first version), `shapes` (versions with one WSDL), `canonical` (the
body that Spyne validates) and `wsdl_files`.
"""

from soapsvc.soap.contract.canonical import CanonicalBody
from soapsvc.soap.contract.complex_types import (
    BOOLEAN,
    DATE,
    DATE_TIME,
    DECIMAL,
    ERROR_CODE,
    ERROR_CODES,
    FIRST,
    ID,
    ID_PATTERN,
    INT,
    LAST,
    LONG,
    OPERATIONS,
    STRING,
    TYPES,
    UNBOUNDED,
    ComplexType,
    DeclaredOperation,
    Field,
    Version,
)
from soapsvc.soap.contract.shapes import SHAPES, Shape, parse_version, shape_of, version_text
from soapsvc.soap.contract.wsdl_files import wsdl

__all__ = [
    "BOOLEAN",
    "DATE",
    "DATE_TIME",
    "DECIMAL",
    "ERROR_CODE",
    "ERROR_CODES",
    "FIRST",
    "ID",
    "ID_PATTERN",
    "INT",
    "LAST",
    "LONG",
    "OPERATIONS",
    "SHAPES",
    "STRING",
    "TYPES",
    "UNBOUNDED",
    "CanonicalBody",
    "ComplexType",
    "DeclaredOperation",
    "Field",
    "Shape",
    "Version",
    "parse_version",
    "shape_of",
    "version_text",
    "wsdl",
]
