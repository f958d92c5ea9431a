"""`query`: what has become of billing preview runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice

from lxml import etree

from soapsvc.runs import Run as PreviewRun
from soapsvc.runs.access import visible_runs
from soapsvc.soap.contract import Shape
from soapsvc.soap.faults import TooManyRequests
from soapsvc.soap.fields import xsd_boolean
from soapsvc.soap.operations import Call, Run
from soapsvc.soap.operations.reading import Reader
from soapsvc.soap.requests import read_strings
from soapsvc.soap.writer import query_answer
from soapsvc.soap.xmltext import instant_text
from soapsvc.soap.zoql import OBJECT, Query, parse_query
from soapsvc.tenant.users import User
from soapsvc.web.sessions import Sessions

RESULT_FILES = "/apps/api/file/"
"""Where result files are fetched from, with a session as `Authorization: ZSession`."""

_MOST_RECORDS = 2000


@dataclass(frozen=True, slots=True)
class QueryRuns:
    """The operation."""

    reader: Reader
    sessions: Sessions

    def prepare(self, call: Call, body: etree._Element) -> Run:
        """Read the query's text."""
        text = read_strings(call.node, ("queryString",), body).get("queryString", "")
        return partial(self._run, call, text)

    def _run(self, call: Call, text: str) -> Iterable[bytes]:
        user = self.sessions.user(call.session)
        fields = ["Id", *(field.name for field in call.shape.fields(OBJECT))]
        query = parse_query(text, fields)
        now, _, _ = self.reader.now()
        # The order of the fields is the contract's, whatever the query's is.
        names = [name for name in fields if name in query.fields]
        fitting = (facts for run in self._runs(query, user) if _fits(facts := _facts(run, call, now), query))
        records = [[(name, facts[name]) for name in names] for facts in islice(fitting, _MOST_RECORDS + 1)]
        if len(records) > _MOST_RECORDS:
            raise TooManyRequests(f"More than {_MOST_RECORDS} records fit the query; ask for fewer.")
        return [query_answer(call.soap, OBJECT, records)]

    def _runs(self, query: Query, user: User) -> Iterator[PreviewRun]:
        """The runs that may fit and that the user may see: where all that fit have one id or number, that run alone."""
        key = None
        if len(query.alternatives) == 1:
            key = next((value for name, value in query.alternatives[0] if name in {"Id", "RunNumber"}), None)
        return visible_runs(self.reader.store, user, key=key)


def _fits(facts: Mapping[str, str | None], query: Query) -> bool:
    alternatives = query.alternatives
    return not alternatives or any(all(facts[name] == value for name, value in each) for each in alternatives)


def _facts(run: PreviewRun, call: Call, now: datetime) -> dict[str, str | None]:
    """The fields of a run as the wire has them; None is absent."""

    def instant(value: datetime | None) -> str | None:
        return None if value is None else instant_text(value.astimezone(now.tzinfo))

    batches = ",".join(run.request.batches) or None
    return {
        "Id": run.id,
        "AssumeRenewal": run.request.assume_renewal.value,
        "Batch": batches,
        "Batches": batches,
        "ChargeTypeToExclude": ",".join(run.request.exclude) or None,
        "CreatedById": run.created_by,
        "CreatedDate": instant(run.created),
        "EndDate": instant(run.ended),
        "ErrorMessage": run.error,
        "IncludingDraftItems": xsd_boolean(run.request.including_draft_items),
        "IncludingEvergreenSubscription": xsd_boolean(run.request.including_evergreen_subscription),
        "ResultFileUrl": f"{call.base_url}{RESULT_FILES}{run.file_id}" if run.file_id else None,
        "RunNumber": run.number,
        "StartDate": instant(run.started),
        "Status": run.status.value,
        "SucceededAccounts": str(run.succeeded_accounts),
        "TargetDate": _date(run, call.shape),
        "TotalAccounts": None if run.accounts is None else str(run.accounts),
        "UpdatedById": run.updated_by,
        "UpdatedDate": instant(run.updated),
    }


def _date(run: PreviewRun, shape: Shape) -> str:
    return shape.date_text(run.request.target_date.isoformat())
