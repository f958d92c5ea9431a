"""This service and its competitors, each made ready for a workload."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from bench.calls import HEADERS, Application
from bench.workloads import PASSWORD, USER, Workload
from soapsvc.engine.preview import preview
from soapsvc.engine.result import PreviewRequest, PreviewResult
from soapsvc.server.wsgi import application
from soapsvc.tenant import open_tenant
from soapsvc.tenant.store import Store

PATH = "/apps/services/a/61.0"
_AS_OF = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=timezone(timedelta(hours=-8)))


class Answers:
    """Previews of the benchmark's accounts straight from the engine."""

    def __init__(self, tenant: Path) -> None:
        self._store = open_tenant(tenant)

    def of(self, work: Workload) -> Callable[[str], PreviewResult]:
        """The preview of an account for the workload."""
        request = PreviewRequest(date.fromisoformat(work.target_date))

        def answer(account_id: str) -> PreviewResult:
            account = self._store.account(id=account_id)
            if account is None:
                raise LookupError(account_id)
            result = preview(account, request, _AS_OF)
            if result.errors or len(result) * work.requests != work.items:
                raise RuntimeError(f"{work.name}: {len(result)} items, {result.errors}")
            return result

        return answer


def ours(store: Store) -> tuple[Application, str]:
    """The whole service over a store, and an open session."""
    return application(store), store.create_session(USER, 2**40)


def log_in(address: tuple[str, int]) -> str:
    """A session of a running server."""
    body = (
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:api="http://api.zuora.com/">'
        f"<soapenv:Body><api:login><api:username>{USER}</api:username><api:password>{PASSWORD}</api:password></api:login>"
        "</soapenv:Body></soapenv:Envelope>"
    )
    request = urllib.request.Request(f"http://{address[0]}:{address[1]}{PATH}", body.encode(), HEADERS)
    with urllib.request.urlopen(request) as response:  # noqa: S310
        return str(re.search(r"<ns1:Session>([^<]+)<", response.read().decode()).group(1))  # type: ignore[union-attr]
