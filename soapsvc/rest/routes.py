"""The route table. A new operation is a module in `operations/` (or `reads/`) and a line here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from soapsvc.clock import Clock
from soapsvc.rest.frame import JSON_BODY, Route
from soapsvc.rest.http import ACTIONS, CONNECTIONS, OAUTH, QUICKSTART, V1, RestLimits
from soapsvc.rest.operations import (
    FORM,
    AccountPreview,
    ActionQuery,
    BillingPreview,
    BillingPreviewRun,
    BillingPreviewRunResults,
    Connections,
    CreateBillingPreviewRun,
    OAuthToken,
    ResultFile,
    contract_as_json,
    contract_as_page,
    contract_as_yaml,
)
from soapsvc.rest.reads import (
    AccountSubscriptions,
    AccountSummary,
    AccountUsage,
    BatchQuery,
    CatalogProducts,
    ProductRatePlans,
    RetrieveAccount,
    RetrieveSubscription,
    vendor_reads,
)
from soapsvc.rest.replays import ASYNC_REQUESTS, Deferred, StoredReplies
from soapsvc.runs.results import FAILED_ACCOUNTS, ITEM_DIFFERENCES, ITEMS
from soapsvc.tenant.store import Store
from soapsvc.web.gate import Gate
from soapsvc.web.logins import Logins
from soapsvc.web.sessions import Sessions

PREFIXES = ("/v1/", "/apps/api/", "/v2/", "/accounts/", "/async_requests/", "/oauth/", "/docs", "/openapi.")
"""The prefixes of the paths of all routes."""


@dataclass(frozen=True, slots=True)
class Services:
    """The services that operations use; `results` stores the files of runs, `queue` counts waiting requests."""

    store: Store
    clock: Clock
    limits: RestLimits
    logins: Logins
    sessions: Sessions
    results: str
    queue: Gate


def routes(with_: Services) -> Iterator[Route]:
    """All routes."""
    store, clock, limits = with_.store, with_.clock, with_.limits
    token = OAuthToken(with_.logins, with_.sessions, limits)
    yield Route("POST", "/oauth/token", token, OAUTH, is_open=True, media_types=(FORM, *JSON_BODY))
    connections = Connections(with_.sessions)
    yield Route("POST", "/v1/connections", connections.open, CONNECTIONS, media_types=(), replayed=False)
    yield Route("DELETE", "/v1/connections", connections.end, CONNECTIONS)
    yield Route("POST", "/v1/operations/billing-preview", BillingPreview(store, clock, limits), V1)
    stored_replies = StoredReplies(store, clock, ASYNC_REQUESTS, limits.lease, limits.async_result)
    for base in ("", "/v2"):
        operation = AccountPreview(store, clock, limits)
        checks, results = (operation.read, operation.check_visible), f"{base}/async_requests"
        preview = Deferred(operation, *checks, QUICKSTART, stored_replies, results, with_.queue)
        yield Route("POST", f"{base}/accounts/{{account_id}}/preview", preview, QUICKSTART)
        yield Route("GET", f"{base}/async_requests/{{request_id}}", preview.result, QUICKSTART)
    yield from _runs(with_)
    yield from _reads(with_)
    yield from _actions(with_)
    yield Route("GET", "/docs", contract_as_page, QUICKSTART, is_open=True)
    yield Route("GET", "/openapi.yaml", contract_as_yaml, QUICKSTART, is_open=True)
    yield Route("GET", "/openapi.json", contract_as_json, QUICKSTART, is_open=True)


def _reads(with_: Services) -> Iterator[Route]:
    """The reads of imported documents."""
    store, clock = with_.store, with_.clock
    yield Route("GET", "/v1/accounts/{key}", RetrieveAccount(store), V1)
    yield Route("GET", "/v1/accounts/{key}/summary", AccountSummary(store, clock), V1)
    yield Route("GET", "/v1/subscriptions/{key}", RetrieveSubscription(store, clock), V1)
    yield Route("GET", "/v1/subscriptions/accounts/{key}", AccountSubscriptions(store, clock), V1)
    yield Route("GET", "/v1/usage/accounts/{key}", AccountUsage(store), V1)
    yield Route("GET", "/v1/catalog/products", CatalogProducts(store), V1)
    yield Route("GET", "/v1/rateplan/{key}/productRatePlan", ProductRatePlans(store), V1)


def vendor_routes(with_: Services) -> Iterator[Route]:
    """The further routes of a stand-in; its files are those of runs and of export jobs."""
    for path, operation in vendor_reads(with_.store):
        yield Route("GET", path, operation, V1)
    jobs = BatchQuery(with_.store, with_.clock, ResultFile(with_.store, with_.results))
    for base in ("/v1/batch-query", "/apps/api/batch-query"):
        yield Route("POST", base, jobs.create, V1)
        yield Route("GET", f"{base}/jobs/{{job}}", jobs.status, V1)
        yield Route("DELETE", f"{base}/jobs/{{job}}", jobs.cancel, V1)
        yield Route("GET", f"{base}/file/{{file_id}}", jobs.file, V1)
    for files in ("/v1/files", "/apps/api/file"):
        yield Route("GET", f"{files}/{{file_id}}", jobs.file, V1)


def _actions(with_: Services) -> Iterator[Route]:
    """Queries."""
    action = ActionQuery(with_.store, with_.clock)
    yield Route("POST", "/v1/action/query", action.query, ACTIONS)
    yield Route("POST", "/v1/action/queryMore", action.query_more, ACTIONS)


def _runs(with_: Services) -> Iterator[Route]:
    """Billing preview runs and their results."""
    store, clock, runs = with_.store, with_.clock, "/v1/billing-preview-runs"
    one = BillingPreviewRun(store, clock)
    yield Route("POST", runs, CreateBillingPreviewRun(store, clock), V1)
    yield Route("GET", f"{runs}/{{key}}", one.status, V1)
    yield Route("PUT", f"{runs}/{{key}}/cancel", one.cancel, V1)
    kinds = {"results": ITEMS, "differences": ITEM_DIFFERENCES, "failed-accounts": FAILED_ACCOUNTS}
    for name, kind in kinds.items():
        yield Route("GET", f"{runs}/{{key}}/{name}", BillingPreviewRunResults(store, kind), V1)
    # The second path is the ResultFileUrl of older SOAP runs.
    for files in ("/v1/files", "/apps/api/file"):
        yield Route("GET", f"{files}/{{file_id}}", ResultFile(store, with_.results), V1)
