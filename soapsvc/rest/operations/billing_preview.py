"""`POST /v1/operations/billing-preview`: the items of an account's next invoices, or those of several accounts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from soapsvc.clock import Clock
from soapsvc.engine.account import Account, ChargeType
from soapsvc.engine.result import AssumeRenewal
from soapsvc.rest.http import (
    JSON,
    NDJSON,
    Call,
    Category,
    Fields,
    Reason,
    Refused,
    Reply,
    RestLimits,
    Scope,
    at_most,
    one_of,
    several_of,
    text_up_to,
    unknown_key,
    v1_body,
)
from soapsvc.rest.previews import (
    BILLING_PREVIEW,
    Extensions,
    Preview,
    PreviewQuery,
    Surface,
    VendorFields,
    chunks,
    preview_answer,
    preview_lines,
    previewed,
)
from soapsvc.tenant.reading import FieldProblem, day, each, flag, mapping, optional
from soapsvc.tenant.store import Store, visible_account

CHARGE_TYPES = {each.value: each.value for each in sorted(ChargeType)}
RENEWALS = {renewal.value: renewal for renewal in AssumeRenewal}
_KEY = text_up_to(255)


@dataclass(frozen=True, slots=True)
class _Key:
    """An account by id, by number, or by both."""

    id: str | None = None
    number: str | None = None


@dataclass(frozen=True, slots=True)
class BillingPreview:
    """The operation."""

    store: Store
    clock: Clock
    limits: RestLimits

    def __call__(self, call: Call) -> Reply:
        """Read the request, preview, and write the answer as it is sent."""
        extensions = Extensions(self.limits, self.clock().astimezone(self.store.settings().zone))
        fields = Fields(call.document(), call.query_values(extensions.names()))
        key, several = self._accounts(fields)
        query = extensions.preview_query(fields, _vendor_fields(fields), strict=call.strict)
        surface = BILLING_PREVIEW.explained() if query.explain else BILLING_PREVIEW
        as_lines = call.accepts(NDJSON)
        if several is not None:
            results = self._results(several, query, call.caller)
            pieces = (_lines if as_lines else _array)(surface, results)
        else:
            preview = previewed(self._account(key, call.caller), query, self.limits)
            pieces = (preview_lines if as_lines else preview_answer)(surface, preview)
        return Reply(chunks(pieces), media_type=NDJSON if as_lines else JSON)

    def _accounts(self, fields: Fields) -> tuple[_Key, Sequence[_Key] | None]:
        """The requested account or accounts."""
        key = _Key(fields.get("accountId", _KEY), fields.get("accountNumber", _KEY))
        several = fields.get("accounts", at_most(self.limits.accounts_per_call, each(_read_key)))
        if several is None:
            if key == _Key():
                fields.refuse("accountId", "'accountId' or 'accountNumber' is required.", Category.MISSING_FIELD)
        elif key != _Key():
            fields.refuse("accounts", "'accounts' cannot be combined with 'accountId' or 'accountNumber'.")
        return key, several

    def _account(self, key: _Key, caller: Scope) -> Account:
        account = self._found(key, caller)
        if account is not None:
            return account
        halves = (_Key(id=key.id), _Key(number=key.number)) if key.id and key.number else ()
        if any(self._found(half, caller) for half in halves):
            message = "'accountId' and 'accountNumber' name different accounts; give one of them."
            raise Refused(Reason(Category.INVALID_VALUE, message, "accountNumber"))
        raise Refused(unknown_key(key.id or key.number or "", "accountId" if key.id else "accountNumber"))

    def _found(self, key: _Key, caller: Scope) -> Account | None:
        account = visible_account(self.store, caller.user, id=key.id, number=key.number)
        return account if account is not None and caller.sees(account) else None

    def _results(
        self, keys: Sequence[_Key], query: PreviewQuery, caller: Scope
    ) -> Iterator[tuple[_Key, Preview | Refused]]:
        """The result of each account, one after the other: only one is in memory."""
        for key in keys:
            try:
                yield key, previewed(self._account(key, caller), query, self.limits)
            except Refused as refused:
                yield key, refused


def _vendor_fields(fields: Fields) -> VendorFields:
    return VendorFields(
        "targetDate",
        fields.get("targetDate", day),
        fields.get("assumeRenewal", one_of(RENEWALS)),
        fields.get("chargeTypeToExclude", several_of(CHARGE_TYPES)),
        including_evergreen_subscription=fields.get("includingEvergreenSubscription", flag),
        including_draft_items=fields.get("includingDraftItems", flag),
    )


def _read_key(value: object) -> _Key:
    document = mapping(value)
    key = _Key(optional(document, "accountId", _KEY), optional(document, "accountNumber", _KEY))
    if key == _Key():
        raise FieldProblem("", "needs an accountId or an accountNumber")
    return key


def _array(surface: Surface, results: Iterable[tuple[_Key, Preview | Refused]]) -> Iterator[str]:
    """The answers of several accounts as one array; it is a success if every account is."""
    yield '{"results":['
    separator, is_whole = "", True
    for key, result in results:
        yield separator
        if isinstance(result, Refused):
            is_whole = False
            yield _failure(key, result)
        else:
            yield from preview_answer(surface, result)
        separator = ","
    yield f'],"success":{"true" if is_whole else "false"}}}'


def _lines(surface: Surface, results: Iterable[tuple[_Key, Preview | Refused]]) -> Iterator[str]:
    """The lines of all accounts, one account after the other; each ends with its own `end`."""
    for key, result in results:
        if isinstance(result, Refused):
            yield f'{{"end":{_failure(key, result)}}}\n'
        else:
            yield from preview_lines(surface, result)


def _failure(key: _Key, refused: Refused) -> str:
    named = {"accountId": key.id, "accountNumber": key.number}
    return v1_body(refused.reasons, **{name: value for name, value in named.items() if value}).decode()
