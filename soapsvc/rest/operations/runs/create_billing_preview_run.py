"""`POST /v1/billing-preview-runs`: a preview of many accounts, computed in the background."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from soapsvc.clock import Clock
from soapsvc.rest.http import Call, Fields, Reply, Scope, at_most, names, one_of, several_of, text_up_to
from soapsvc.rest.operations.billing_preview import CHARGE_TYPES, RENEWALS
from soapsvc.rest.operations.runs.runs_json import refusals
from soapsvc.runs import Header, Organization, RunRequest, StorageOption, create_run
from soapsvc.tenant.reading import FieldProblem, day, each, flag, mapping, optional, text
from soapsvc.tenant.store import Store

_STORAGE_OPTIONS = {option.value: option for option in StorageOption}
_HEADERS = {header.value: header for header in Header}
_LONGEST_BATCHES = 1000
_MOST_ORGANIZATIONS = 1000
_SHORT_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_KEY = text_up_to(255)


@dataclass(frozen=True, slots=True)
class CreateBillingPreviewRun:
    """The operation."""

    store: Store
    clock: Clock

    def __call__(self, call: Call) -> Reply:
        """Read the request and make the run."""
        request = _read(Fields(call.document()), call)
        with refusals():
            run = create_run(self.store, request, call.caller.user, self.clock())
        return Reply([msgspec.json.encode({"billingPreviewRunId": run.id, "success": True})])


def _read(fields: Fields, call: Call) -> RunRequest:
    """The run that the body describes; raises Refused with all its problems."""
    target_date = fields.required("targetDate", _target_day)
    batches, batch = (fields.get(name, _batches) for name in ("batches", "batch"))
    asked: dict[str, Any] = {
        "assume_renewal": fields.get("assumeRenewal", one_of(RENEWALS)),
        "batches": batches or batch,
        "exclude": fields.get("chargeTypeToExclude", several_of(CHARGE_TYPES)),
        "including_draft_items": fields.get("includingDraftItems", flag),
        "including_evergreen_subscription": fields.get("includingEvergreenSubscription", flag),
        "organizations": _organizations(fields, call.caller),
        "entities": call.caller.entities,
        "storage_option": fields.get("storageOption", one_of(_STORAGE_OPTIONS)),
        "store_difference": fields.get("storeDifference", flag),
        "compared_run_id": fields.get("comparedBillingPreviewRunId", _KEY),
        "account_id": fields.get("filters", _filtered_account),
        "header": fields.get("csvHeader", one_of(_HEADERS)),
    }
    fields.check(strict=call.strict)
    if target_date is None:
        raise LookupError("a missing target date is refused by the check")
    given = {name: value for name, value in asked.items() if value is not None}
    sorted_ = {name: tuple(sorted(value)) for name, value in given.items() if isinstance(value, frozenset)}
    return RunRequest(target_date, **{**given, **sorted_})


def _target_day(value: object) -> date:
    """A date; month and day may have one digit, as in the vendor's own sample."""
    short = _SHORT_DATE.fullmatch(value.strip()) if isinstance(value, str) else None
    return day("{}-{:0>2}-{:0>2}".format(*short.groups())) if short is not None else day(value)


def _batches(value: object) -> tuple[str, ...]:
    """Names of batches, separated by commas."""
    if isinstance(value, str) and len(value) > _LONGEST_BATCHES:
        raise FieldProblem("", f"has more than {_LONGEST_BATCHES} characters")
    return tuple(dict.fromkeys(names(value)))


def _organizations(fields: Fields, caller: Scope) -> tuple[Organization, ...]:
    """The organizations of the body (named as in the vendor's SDK or as in its pages), else of the header."""
    read = at_most(_MOST_ORGANIZATIONS, each(_organization))
    named = [fields.get(name, read) for name in ("organizationLabels", "organizations")]
    return tuple(named[0] or named[1] or ()) or tuple(
        Organization(id=each_id) for each_id in sorted(caller.organizations or ())
    )


def _organization(value: object) -> Organization:
    document = mapping(value)
    return Organization(optional(document, "organizationId", _KEY), optional(document, "organizationName", _KEY))


def _filtered_account(value: object) -> str | None:
    """The account of the one filter that a run may have; None without a filter."""
    filters = each(mapping)(value)
    if not filters:
        return None
    if len(filters) > 1:
        raise FieldProblem("", f"has {len(filters)} filters; a run can have one")
    if optional(filters[0], "filterType", text) != "Account":
        raise FieldProblem("[0].filterType", "must be Account")
    account = optional(filters[0], "accountId", text)
    if account is None:
        raise FieldProblem("[0].accountId", "is missing")
    return account
