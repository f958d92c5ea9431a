"""Read what clients write: the canonical body that Spyne validates, and the values of the requests in it.

Read `values` (single values in all the forms that clients send: booleans, ids, a TargetDate with an offset), `fields`
(the fields of one record) and `requests` (the records of a call).
"""

from soapsvc.soap.reading.fields import Fields, Reading, xsd_boolean
from soapsvc.soap.reading.requests import (
    ReadRequest,
    ValidRequests,
    check_types,
    read_requests,
    read_strings,
    records,
    unknown_key,
)
from soapsvc.soap.reading.values import is_id

__all__ = [
    "Fields",
    "ReadRequest",
    "Reading",
    "ValidRequests",
    "check_types",
    "is_id",
    "read_requests",
    "read_strings",
    "records",
    "unknown_key",
    "xsd_boolean",
]
