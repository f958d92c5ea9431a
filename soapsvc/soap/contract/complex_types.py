"""The types, elements and operations of the contract, each field with its first version (`since`).

The WSDL files are the source; this table has the same facts for code. Spyne's models and the canonical form of
requests are made from it, and a test compares Spyne's view with each published WSDL.
"""

from __future__ import annotations

from dataclasses import dataclass

from soapsvc.soap import ns
from soapsvc.zoql import OBJECTS, catalogue, types
from soapsvc.zoql.objects import BY_NAME as BY_NAME_OF_OBJECT

Version = catalogue.Version
FIRST, LAST = catalogue.FIRST, catalogue.LAST

ID_PATTERN = r"[a-zA-Z0-9]{32}|\d+"

UNBOUNDED = None
"""`max_occurs` of a list."""

# Simple types: those of the catalogue of objects, and two of the contract's own. The values are their names in the
# schema, except for the type of a calendar day.
STRING, BOOLEAN, INT, LONG, DECIMAL = types.STRING, types.BOOLEAN, types.INT, types.LONG, types.DECIMAL
DATE_TIME, ID = types.DATE_TIME, types.ID
DATE_LIKE = types.DATE
"""dateTime through 68.0, date from 69.0."""
DATE = "date"
ERROR_CODE = "ErrorCode"

ERROR_CODES = (
    "API_DISABLED",
    "CANNOT_DELETE",
    "CREDIT_CARD_PROCESSING_FAILURE",
    "DUPLICATE_VALUE",
    "INVALID_FIELD",
    "INVALID_LOGIN",
    "INVALID_SESSION",
    "INVALID_TYPE",
    "INVALID_ID",
    "INVALID_VALUE",
    "INVALID_VERSION",
    "LOCK_COMPETITION",
    "MALFORMED_QUERY",
    "MAX_RECORDS_EXCEEDED",
    "MISSING_REQUIRED_VALUE",
    "NO_PERMISSION",
    "SERVER_UNAVAILABLE",
    "UNKNOWN_ERROR",
    "TRANSACTION_FAILED",
    "INVALID_TEMPLATE",
    "ACCOUNTING_PERIOD_CLOSED",
    "BATCH_FAIL_ERROR",
    "PDF_QUERY_ERROR",
    "REQUEST_EXCEEDED_LIMIT",
    "REQUEST_EXCEEDED_RATE",
    "REQUEST_REJECTED",
    "TEMPORARY_ERROR",
    "TRANSACTION_TERMINATED",
    "TRANSACTION_TIMEOUT",
    "INVALID_QUERY_LOCATOR",
)
"""The vendor's codes in its order, then the code that its documentation gives for a bad locator."""


@dataclass(frozen=True, slots=True)
class Field:
    """An element of a sequence: its type is one of the names above or of a `ComplexType`.

    It exists in versions from `since` on, and before `until`.
    """

    name: str
    type: str = STRING
    since: Version = FIRST
    until: Version = (999, 0)
    min_occurs: int = 0
    max_occurs: int | None = 1
    nillable: bool = True


@dataclass(frozen=True, slots=True)
class ComplexType:
    """A sequence of fields in a namespace. `element` names the global element of this type, where there is one."""

    name: str
    namespace: str
    fields: tuple[Field, ...] = ()
    base: str | None = None
    element: str | None = None


def _required(name: str, *, nillable: bool = False) -> Field:
    return Field(name, min_occurs=1, nillable=nillable)


def _zobject(name: str) -> ComplexType:
    """A type of the catalogue of objects; its Id is the base type's."""
    _, *fields = BY_NAME_OF_OBJECT[name].fields
    own = tuple(Field(field.name, field.type, field.since, field.until) for field in fields)
    return ComplexType(name, ns.OBJECT, own, base="zObject")


_IN_PARTS = ("RatePlan", "RatePlanCharge", "RatePlanChargeTier", "ProductRatePlanChargeTier")
"""Objects that are parts of other objects."""

TYPES = (
    ComplexType("zObject", ns.OBJECT, (Field("fieldsToNull", max_occurs=UNBOUNDED), Field("Id", ID))),
    *map(_zobject, _IN_PARTS),
    ComplexType(
        "ProductRatePlanChargeTierData",
        ns.API,
        (Field("ProductRatePlanChargeTier", "ProductRatePlanChargeTier", max_occurs=UNBOUNDED),),
    ),
    ComplexType(
        "RatePlanChargeData",
        ns.API,
        (
            Field("RatePlanCharge", "RatePlanCharge"),
            Field("RatePlanChargeTier", "RatePlanChargeTier", max_occurs=UNBOUNDED),
        ),
    ),
    ComplexType(
        "RatePlanData",
        ns.API,
        (
            Field("RatePlan", "RatePlan"),
            Field("RatePlanChargeData", "RatePlanChargeData", max_occurs=UNBOUNDED),
        ),
    ),
    *(_zobject(each.name) for each in OBJECTS if each.name not in _IN_PARTS),
    ComplexType("LoginResult", ns.API, (_required("Session", nillable=True), _required("ServerUrl", nillable=True))),
    ComplexType("Error", ns.API, (Field("Code", ERROR_CODE), Field("Message"), Field("Field"))),
    ComplexType(
        "BillingPreviewRequest",
        ns.API,
        (
            Field("AccountId", ID),
            Field("ChargeTypeToExclude"),
            Field("TargetDate", DATE_LIKE),
            Field("IncludingEvergreenSubscription", BOOLEAN),
            Field("AssumeRenewal", since=(81, 0)),
        ),
    ),
    ComplexType(
        "BillingPreviewResult",
        ns.API,
        (
            Field("AccountId", ID),
            Field("Success", BOOLEAN, nillable=False),
            Field("Size", INT),
            Field("Errors", "Error", max_occurs=UNBOUNDED),
            Field("InvoiceItem", "InvoiceItem", max_occurs=UNBOUNDED),
        ),
    ),
    ComplexType(
        "login", ns.API, (Field("username", nillable=False), Field("password", nillable=False)), element="login"
    ),
    ComplexType("loginResponse", ns.API, (Field("result", "LoginResult", nillable=False),), element="loginResponse"),
    ComplexType("getUserInfo", ns.API, element="getUserInfo"),
    ComplexType(
        "getUserInfoResponse",
        ns.API,
        tuple(
            _required(name) for name in ("TenantId", "TenantName", "UserEmail", "UserFullName", "UserId", "Username")
        ),
        element="getUserInfoResponse",
    ),
    ComplexType(
        "billingPreview",
        ns.API,
        (Field("requests", "BillingPreviewRequest", max_occurs=UNBOUNDED, nillable=False),),
        element="billingPreview",
    ),
    ComplexType(
        "billingPreviewResponse",
        ns.API,
        (Field("results", "BillingPreviewResult", max_occurs=UNBOUNDED, nillable=False),),
        element="billingPreviewResponse",
    ),
    ComplexType(
        "SaveResult",
        ns.API,
        (
            Field("Errors", "Error", max_occurs=UNBOUNDED),
            Field("Id", ID),
            Field("Success", BOOLEAN, nillable=False),
        ),
    ),
    ComplexType(
        "QueryResult",
        ns.API,
        (
            Field("done", BOOLEAN, min_occurs=1, nillable=False),
            Field("queryLocator", min_occurs=1),
            Field("records", "zObject", max_occurs=UNBOUNDED),
            Field("size", INT, min_occurs=1, nillable=False),
        ),
    ),
    ComplexType(
        "create", ns.API, (Field("zObjects", "zObject", max_occurs=UNBOUNDED, nillable=False),), element="create"
    ),
    ComplexType(
        "createResponse",
        ns.API,
        (Field("result", "SaveResult", max_occurs=UNBOUNDED, nillable=False),),
        element="createResponse",
    ),
    ComplexType("query", ns.API, (Field("queryString", nillable=False),), element="query"),
    ComplexType("queryResponse", ns.API, (Field("result", "QueryResult", nillable=False),), element="queryResponse"),
    ComplexType("queryMore", ns.API, (Field("queryLocator", nillable=False),), element="queryMore"),
    ComplexType(
        "queryMoreResponse", ns.API, (Field("result", "QueryResult", nillable=False),), element="queryMoreResponse"
    ),
    ComplexType("SessionHeader", ns.API, (_required("session"),), element="SessionHeader"),
    ComplexType(
        "QueryOptions",
        ns.API,
        (Field("batchSize", INT, nillable=False), Field("caseSensitive", BOOLEAN, nillable=False)),
        element="QueryOptions",
    ),
    ComplexType("CallOptions", ns.API, (Field("useSingleTransaction", BOOLEAN),), element="CallOptions"),
    ComplexType(
        "DummyHeader",
        ns.API,
        tuple(Field(each.name, each.name) for each in OBJECTS),
        element="DummyHeader",
    ),
    ComplexType("ApiFault", ns.FAULT, (Field("FaultCode", ERROR_CODE), Field("FaultMessage")), element="fault"),
    *(
        ComplexType(name, ns.FAULT, base="ApiFault", element=name)
        for name in (
            "LoginFault",
            "InvalidTypeFault",
            "InvalidValueFault",
            "MalformedQueryFault",
            "InvalidQueryLocatorFault",
            "UnexpectedErrorFault",
        )
    ),
)
"""Bases and parts stand before the types that use them."""

BY_NAME = {complex_type.name: complex_type for complex_type in TYPES}


@dataclass(frozen=True, slots=True)
class DeclaredOperation:
    """An operation: request and response elements are `name` and `name`Response; the faults and headers it declares."""

    name: str
    faults: tuple[str, ...]
    headers: tuple[str, ...] = ("SessionHeader",)


OPERATIONS = (
    DeclaredOperation("login", ("LoginFault", "UnexpectedErrorFault"), headers=()),
    DeclaredOperation("getUserInfo", ("UnexpectedErrorFault",)),
    DeclaredOperation("billingPreview", ("InvalidTypeFault", "UnexpectedErrorFault")),
    DeclaredOperation("create", ("InvalidTypeFault", "UnexpectedErrorFault"), ("CallOptions", "SessionHeader")),
    DeclaredOperation("query", ("MalformedQueryFault", "UnexpectedErrorFault"), ("QueryOptions", "SessionHeader")),
    DeclaredOperation(
        "queryMore", ("InvalidQueryLocatorFault", "UnexpectedErrorFault"), ("QueryOptions", "SessionHeader")
    ),
)
