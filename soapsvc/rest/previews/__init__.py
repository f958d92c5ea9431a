"""A preview over REST: the extensions of its request, and the answer as JSON.

It reads a preview's request, computes the preview, and writes the answer of each surface.

Read `preview_query` (the request), `previewing` (from request to result), `answers` (the answer around the items),
`item_rows` (the items), and the differences of the surfaces: `billing_preview_json` and `account_preview_json`.
"""

from soapsvc.rest.previews.account_preview_json import ACCOUNT_PREVIEW, CHARGE_TYPES, snake_case
from soapsvc.rest.previews.answers import Preview, Surface, chunks, preview_answer, preview_lines
from soapsvc.rest.previews.billing_preview_json import BILLING_PREVIEW
from soapsvc.rest.previews.preview_query import Extensions, PreviewQuery, VendorFields
from soapsvc.rest.previews.previewing import previewed

__all__ = [
    "ACCOUNT_PREVIEW",
    "BILLING_PREVIEW",
    "CHARGE_TYPES",
    "Extensions",
    "Preview",
    "PreviewQuery",
    "Surface",
    "VendorFields",
    "chunks",
    "preview_answer",
    "preview_lines",
    "previewed",
    "snake_case",
]
