"""Why a query is refused, in the vendor's words.

QueryProblem
├── MalformedQuery    MALFORMED_QUERY         the text is not a query, or compares values of different types
├── InvalidType       INVALID_TYPE            there is no such object
├── InvalidField      INVALID_FIELD           the object has no such field in this version
└── InvalidLocator    INVALID_QUERY_LOCATOR   the locator is unknown, or belongs to another user
"""

from __future__ import annotations


class QueryProblem(Exception):
    """A refused query: `code` is the vendor's, `message` is for the caller."""

    code = "MALFORMED_QUERY"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class MalformedQuery(QueryProblem):
    """The text is not a query, or compares values of different types."""


class InvalidType(QueryProblem):
    """The object is unknown."""

    code = "INVALID_TYPE"

    def __init__(self, name: str) -> None:
        super().__init__(f"invalid type specified: {name}")


class InvalidField(QueryProblem):
    """In this version the object has no field of that name that can be queried."""

    code = "INVALID_FIELD"

    def __init__(self, zobject: str, name: str) -> None:
        super().__init__(f"invalid field for query: {zobject}.{name}")


class InvalidLocator(QueryProblem):
    """The locator is unknown for this user. The locator of a page is valid for 15 minutes."""

    code = "INVALID_QUERY_LOCATOR"

    def __init__(self) -> None:
        super().__init__("invalid query locator")
