"""The vendor's query language over the tenant's records, for every API that offers it.

`Queries.query` returns the first page of a query, `Queries.query_more` the next page for a locator. A refused query or
locator raises a `QueryProblem` with the vendor's code and words. A `Page` has the values of its records by field: text,
booleans, exact decimals, dates and instants; each API writes them in its own form. `OBJECTS` lists the objects and
fields, in the order of the published contract, and the source of each value.

Inside: `parser` reads a text, `lookup` finds rows that may fit by their terms, `records` reads the objects from their
documents, `conditions` decides whether they fit, `evaluate` makes pages.
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
