"""Where each operation of the REST surfaces is: an operation more is a module more, and a line here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from soapsvc.clock import Clock
from soapsvc.rest.deferred import Deferred
from soapsvc.rest.frame import JSON_BODY, Route
from soapsvc.rest.limits import RestLimits
from soapsvc.rest.operations import reference
from soapsvc.rest.operations.account_preview import AccountPreview
from soapsvc.rest.operations.billing_preview import BillingPreview
from soapsvc.rest.operations.oauth_token import FORM, OAuthToken
from soapsvc.rest.remembered import Remembered
from soapsvc.rest.schema import ASYNC_REQUESTS
from soapsvc.rest.styles import OAUTH, QUICKSTART, V1
from soapsvc.tenant.store import Store
from soapsvc.web.sessions import Logins, Sessions

PREFIXES = ("/v1/", "/v2/", "/accounts/", "/async_requests/", "/oauth/", "/docs", "/openapi.")
"""What the paths of all routes begin with."""


@dataclass(frozen=True, slots=True)
class Services:
    """What operations work with."""

    store: Store
    clock: Clock
    limits: RestLimits
    logins: Logins
    sessions: Sessions


def routes(with_: Services) -> Iterator[Route]:
    """All routes."""
    store, clock, limits = with_.store, with_.clock, with_.limits
    token = OAuthToken(with_.logins, with_.sessions, limits)
    yield Route("POST", "/oauth/token", token, OAUTH, is_open=True, media_types=(FORM, *JSON_BODY))
    yield Route("POST", "/v1/operations/billing-preview", BillingPreview(store, clock, limits), V1)
    remembered = Remembered(store, clock, ASYNC_REQUESTS, limits.lease, limits.async_result)
    for base in ("", "/v2"):
        preview = Deferred(AccountPreview(store, clock, limits), QUICKSTART, remembered, f"{base}/async_requests")
        yield Route("POST", f"{base}/accounts/{{account_id}}/preview", preview, QUICKSTART)
        yield Route("GET", f"{base}/async_requests/{{request_id}}", preview.result, QUICKSTART)
    yield Route("GET", "/docs", reference.as_page, QUICKSTART, is_open=True)
    yield Route("GET", "/openapi.yaml", reference.as_yaml, QUICKSTART, is_open=True)
    yield Route("GET", "/openapi.json", reference.as_json, QUICKSTART, is_open=True)
