"""The vendor's query language over the tenant's records, for every edge that offers it.

`Queries.query` answers a text with its first page, `Queries.query_more` a locator with the next one; what is wrong with
either is a `QueryProblem` with the vendor's code and words. A `Page` has the values of its records by field: text,
booleans, exact decimals, dates and instants; how these are written is the edge's affair. `OBJECTS` says which objects
and fields there are, in the order of the published contract, and where each value comes from.

Inside: `parser` reads a text, `lookup` finds rows that may fit by their terms, `records` takes the objects out of their
documents, `conditions` decides, `evaluate` cuts pages.
"""

from __future__ import annotations

from soapsvc.zoql.catalogue import Field, ZObject
from soapsvc.zoql.evaluate import MOST_RECORDS, Page, Queries
from soapsvc.zoql.objects import OBJECTS, find_object
from soapsvc.zoql.problems import InvalidField, InvalidLocator, InvalidType, MalformedQuery, QueryProblem

__all__ = [
    "MOST_RECORDS",
    "OBJECTS",
    "Field",
    "InvalidField",
    "InvalidLocator",
    "InvalidType",
    "MalformedQuery",
    "Page",
    "Queries",
    "QueryProblem",
    "ZObject",
    "find_object",
]
