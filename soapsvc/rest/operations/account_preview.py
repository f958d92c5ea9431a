"""Quickstart's `POST /accounts/{account_id}/preview` ("Preview an account")."""

from __future__ import annotations

from dataclasses import dataclass

from soapsvc.clock import Clock
from soapsvc.engine.account import Account
from soapsvc.engine.result import AssumeRenewal
from soapsvc.rest.http import JSON, NDJSON, Call, Fields, Refused, Reply, RestLimits, one_of, several_of, unknown_key
from soapsvc.rest.previews import (
    ACCOUNT_PREVIEW,
    CHARGE_TYPES,
    Extensions,
    PreviewQuery,
    VendorFields,
    chunks,
    preview_answer,
    preview_lines,
    previewed,
    snake_case,
)
from soapsvc.tenant.reading import day, flag
from soapsvc.tenant.store import Store, visible_account

_EXCLUDED = {shown: name for name, shown in CHARGE_TYPES.items()}
_KEY_LENGTH = 255
"""No id or number of an account is longer."""
_ASYNC = "async"
_ASYNC_IS_A_HEADER = "'async' is a request header, not a field or query parameter: send the header `async: true`."
_RENEWALS = {
    "all": AssumeRenewal.ALL,
    "auto_renew_only": AssumeRenewal.AUTORENEW,
    "none": AssumeRenewal.NONE,
}


@dataclass(frozen=True, slots=True)
class AccountPreview:
    """The operation."""

    store: Store
    clock: Clock
    limits: RestLimits

    def __call__(self, call: Call) -> Reply:
        """Read the request, preview, and write the answer as it is sent."""
        query = self.read(call)
        preview = previewed(self._account(call), query, self.limits)
        surface = ACCOUNT_PREVIEW.explained() if query.explain else ACCOUNT_PREVIEW
        if call.accepts(NDJSON):
            return Reply(chunks(preview_lines(surface, preview)), media_type=NDJSON)
        return Reply(chunks(preview_answer(surface, preview)), media_type=JSON)

    def read(self, call: Call) -> PreviewQuery:
        """The query of the request; raises Refused with all its problems."""
        if len(key := call.path["account_id"]) > _KEY_LENGTH:
            raise Refused(unknown_key(key, "account_id"))
        now = self.clock().astimezone(self.store.settings().zone)
        extensions = Extensions(self.limits, now, snake_case)
        fields = Fields(call.document(), call.query_values([*extensions.names(), _ASYNC]))
        if fields.get(_ASYNC, str) not in {None, "False", "false"}:
            fields.refuse(_ASYNC, _ASYNC_IS_A_HEADER)
        return extensions.preview_query(fields, _vendor_fields(fields), strict=call.strict)

    def check_visible(self, call: Call) -> None:
        """Raise Refused where the caller may not see the account, or may no longer see it."""
        self._account(call)

    def _account(self, call: Call) -> Account:
        key, user = call.path["account_id"], call.caller.user
        for account in (visible_account(self.store, user, id=key), visible_account(self.store, user, number=key)):
            if account is not None and call.caller.sees(account):
                return account
        raise Refused(unknown_key(key, "account_id"))


def _vendor_fields(fields: Fields) -> VendorFields:
    """The fields of the request; `assumeRenewal` is an extension."""
    return VendorFields(
        "target_date",
        fields.get("target_date", day),
        fields.get("assume_renewal", one_of(_RENEWALS)),
        fields.get("exclude", several_of(_EXCLUDED)),
        including_evergreen_subscription=fields.get("include_evergreen_subscriptions", flag),
        including_draft_items=fields.get("include_draft_items", flag),
    )
