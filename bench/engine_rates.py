"""The rates of the parts alone: the engine on flat monthly charges, and the writers, in items per second and core.

`python -m bench.engine_rates TENANT SECONDS` prints them as JSON, also for another build (`bench.against`).
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from bench.contestants import Answers
from bench.measure import rate
from bench.workloads import WORKLOADS
from soapsvc.engine.account import Account
from soapsvc.engine.preview import preview
from soapsvc.engine.result import PreviewRequest
from soapsvc.rest.previews import BILLING_PREVIEW, Preview, chunks
from soapsvc.rest.previews import preview_answer as rest_answer
from soapsvc.soap.contract import shape_of
from soapsvc.soap.frame import SoapVersion
from soapsvc.soap.writing import Result
from soapsvc.soap.writing import preview_answer as soap_answer
from soapsvc.tenant import open_tenant

_AS_OF = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def rates(tenant: Path, seconds: float) -> dict[str, float]:
    """Measure each part alone for so many seconds; the keys name the part and the unit."""
    work = WORKLOADS[1]
    account = open_tenant(tenant).account(id=work.account_id(0))
    if account is None:
        raise LookupError(work.account_id(0))
    request = PreviewRequest(date.fromisoformat(work.target_date))
    result = Answers(tenant).of(work)(work.account_id(0))
    short = PreviewRequest(date(2025, 1, 1))
    results = [Result(account.id, result)]
    shape = shape_of((61, 0))
    return {
        "engine, 20 years of a monthly charge, items/s": rate(lambda: _first_preview(account, request), seconds),
        "engine, 13 months of a monthly charge, accounts/s": rate(
            lambda: _first_preview(account, short) // 13, seconds
        ),
        "SOAP writer, items/s": rate(
            lambda: len(result) if sum(map(len, soap_answer(SoapVersion.SOAP11, shape, results))) else 0, seconds
        ),
        "REST writer, items/s": rate(
            lambda: len(result) if sum(map(len, chunks(rest_answer(BILLING_PREVIEW, Preview(result))))) else 0, seconds
        ),
    }


def _first_preview(account: Account, request: PreviewRequest) -> int:
    """The items of a preview as in a run: nothing is cached from earlier previews of the account."""
    kept = account.rating_cache
    kept.facts = kept.currencies = kept.last = None
    kept.charges.clear()
    return len(preview(account, request, _AS_OF))


if __name__ == "__main__":
    json.dump(rates(Path(sys.argv[1]), float(sys.argv[2])), sys.stdout)
