"""The frame of every SOAP call: its bytes under limits, the XML, the envelope, and the faults.

It offers the body of a request as a small tree, the envelope's parts, every fault with its code, and the response.

Read `limits`, `faults`, `http` (the body and the response), `xmltree` (bytes in one of the known encodings to a tree of
`node`s; `small_messages` reads the plain ones) and `envelope`.
"""

from soapsvc.soap.frame.envelope import (
    NO_OPTIONS,
    QueryOptions,
    SoapVersion,
    assumed_version,
    open_envelope,
    version_of,
)
from soapsvc.soap.frame.faults import (
    ApiFault,
    BadLocator,
    Busy,
    ClientFault,
    InvalidSession,
    InvalidType,
    InvalidVersion,
    MalformedQuery,
    ProtocolFault,
    RowError,
    SoapFault,
    TooManyLogins,
    TooManyRequests,
    Unavailable,
    UnexpectedError,
    WrongLogin,
)
from soapsvc.soap.frame.http import XML_CONTENT_TYPE, StartResponse, content_type, read_body, respond, soap_response
from soapsvc.soap.frame.limits import DEFAULT, MAX_SESSION_LIFETIME, Limits
from soapsvc.soap.frame.node import Node
from soapsvc.soap.frame.xmltree import parse

__all__ = [
    "DEFAULT",
    "MAX_SESSION_LIFETIME",
    "NO_OPTIONS",
    "XML_CONTENT_TYPE",
    "ApiFault",
    "BadLocator",
    "Busy",
    "ClientFault",
    "InvalidSession",
    "InvalidType",
    "InvalidVersion",
    "Limits",
    "MalformedQuery",
    "Node",
    "ProtocolFault",
    "QueryOptions",
    "RowError",
    "SoapFault",
    "SoapVersion",
    "StartResponse",
    "TooManyLogins",
    "TooManyRequests",
    "Unavailable",
    "UnexpectedError",
    "WrongLogin",
    "assumed_version",
    "content_type",
    "open_envelope",
    "parse",
    "read_body",
    "respond",
    "soap_response",
    "version_of",
]
