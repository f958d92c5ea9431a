"""Reads documents exactly: files, JSON, single fields. All that is wrong is told with its place.

It offers the readers of single values and what an import is refused with. It knows no format of the vendor's.

Read `problems` (what is wrong, and where), `files`, `fields`; `nesting` and `unreadable_numbers` guard the decoder.
"""

from soapsvc.tenant.reading.fields import (
    AccountRef,
    Document,
    Reader,
    Shape,
    account_ref,
    at,
    camel,
    day,
    derived_id,
    each,
    first,
    flag,
    kind,
    mapping,
    number,
    optional,
    parse_json,
    text,
    whole,
)
from soapsvc.tenant.reading.files import FileProblem, Source, documents
from soapsvc.tenant.reading.problems import FieldProblem, ImportProblem, ImportRefused

__all__ = [
    "AccountRef",
    "Document",
    "FieldProblem",
    "FileProblem",
    "ImportProblem",
    "ImportRefused",
    "Reader",
    "Shape",
    "Source",
    "account_ref",
    "at",
    "camel",
    "day",
    "derived_id",
    "documents",
    "each",
    "first",
    "flag",
    "kind",
    "mapping",
    "number",
    "optional",
    "parse_json",
    "text",
    "whole",
]
