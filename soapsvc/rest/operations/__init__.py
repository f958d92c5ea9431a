"""The operations of the REST surfaces, one in a module; the route table names them.

Each is a callable from `Call` to `Reply`. The previews are `billing_preview` and `account_preview`; the room `runs`
has billing preview runs; login is `oauth_token` and `connections`; `action_query` queries; `reference` serves the
contract and `reference_page` renders it.
"""

from soapsvc.rest.operations.account_preview import AccountPreview
from soapsvc.rest.operations.action_query import ActionQuery
from soapsvc.rest.operations.billing_preview import BillingPreview
from soapsvc.rest.operations.connections import Connections
from soapsvc.rest.operations.oauth_token import FORM, OAuthToken
from soapsvc.rest.operations.reference import contract_as_json, contract_as_page, contract_as_yaml, contract_page
from soapsvc.rest.operations.runs import (
    BillingPreviewRun,
    BillingPreviewRunResults,
    CreateBillingPreviewRun,
    ResultFile,
)

__all__ = [
    "FORM",
    "AccountPreview",
    "ActionQuery",
    "BillingPreview",
    "BillingPreviewRun",
    "BillingPreviewRunResults",
    "Connections",
    "CreateBillingPreviewRun",
    "OAuthToken",
    "ResultFile",
    "contract_as_json",
    "contract_as_page",
    "contract_as_yaml",
    "contract_page",
]
