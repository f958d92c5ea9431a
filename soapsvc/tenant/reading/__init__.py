"""Read documents exactly: files, JSON, single fields. Every problem is reported with its place.

It offers the readers of single values and the exceptions of an import. It has no format of the vendor.

Read `problems` (problems with their places), `files`, `fields`; `nesting` and `unreadable_numbers` guard the decoder.
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
