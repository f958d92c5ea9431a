"""The one entry to the engine: from an account, a request and an instant to the items of the next invoices, or errors.

account, request -> AccountContext -> SubscriptionRows -> RatedRows and DiscountRows -> Block -> invoice, credit memo

("Rating process"; "Rules for generating invoices and credit memos").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from soapsvc.engine.account import Account
from soapsvc.engine.charges import AccountContext, account_context
from soapsvc.engine.discounts import Earlier, discount_rows
from soapsvc.engine.documents import block_of, by_currency, currency_warning, divided, reasons_for_nothing
from soapsvc.engine.errors import RatingError
from soapsvc.engine.result import BillingDataError, Block, Note, PreviewRequest, PreviewResult, data_error
from soapsvc.engine.subscription import SubscriptionRows, rate_subscriptions

_MOST_KEPT = 100
"""The most items, notes and errors of a result that an account keeps."""


def preview(account: Account, request: PreviewRequest, as_of: datetime) -> PreviewResult:
    """The items that the account is billed for up to the request's target date, in the vendor's order.

    Amounts are in the currency of their subscription, rounded once per item. `as_of` is the instant of the request in
    the tenant's time zone; it is the items' charge date and has no other effect. Data that cannot be rated gives
    `errors` and no items. The account keeps its last small result, so a preview that is asked again costs little.
    """
    kept = account.rating_cache.last
    if kept is not None and kept[0] == request:
        return _at(kept[1], as_of)
    result = _computed(account, request, as_of)
    if not request.explain and _size(result) <= _MOST_KEPT:
        account.rating_cache.last = request, result
    return result


def _size(result: PreviewResult) -> int:
    return len(result) + sum(map(len, result.credit_memo_blocks)) + len(result.notes) + len(result.errors)


def _at(result: PreviewResult, as_of: datetime) -> PreviewResult:
    """The same result at another instant; `dataclasses.replace` takes three times as long."""
    return PreviewResult(
        result.account_id,
        result.account_number,
        result.currency,
        as_of,
        result.blocks,
        result.credit_memo_blocks,
        result.draft_items,
        result.invoice_settlement,
        result.notes,
        result.errors,
        result.other_currencies,
    )


def _computed(account: Account, request: PreviewRequest, as_of: datetime) -> PreviewResult:
    parts, mixed = by_currency(account)
    if errors := tuple(error for number, error in mixed.items() if request.asks_for(number)):
        return _refused(account, as_of, errors)
    billed_in = parts if request.subscription_numbers is None else _asked_for(parts, request)
    if len(parts) > 1:
        return _joined(account, request, billed_in or dict([next(iter(parts.items()))]), as_of)
    (currency,) = parts
    result = _in_one_currency(account, request, as_of, currency)
    warning = None if result.errors or not billed_in else currency_warning(account, parts)
    return replace(result, notes=(*result.notes, warning)) if warning else result


def _asked_for(parts: Mapping[str, Account], request: PreviewRequest) -> dict[str, Account]:
    """The parts of the account, by currency, that hold a chosen subscription."""
    return {
        currency: part
        for currency, part in parts.items()
        if any(request.asks_for(each.subscription_number) for each in part.subscriptions)
    }


def _joined(
    account: Account, request: PreviewRequest, billed_in: Mapping[str, Account], as_of: datetime
) -> PreviewResult:
    """The previews of an account's currencies as one, in the order of the subscriptions."""
    results = {currency: _in_one_currency(part, request, as_of, currency) for currency, part in billed_in.items()}
    errors = tuple(error for result in results.values() for error in result.errors)
    if errors:
        return _refused(account, as_of, errors)
    main = account.currency if account.currency in results else next(iter(results))
    warning = currency_warning(account, billed_in)
    return PreviewResult(
        account.id,
        account.account_number,
        main,
        as_of,
        _by_subscription(block for result in results.values() for block in result.blocks),
        _by_subscription(block for result in results.values() for block in result.credit_memo_blocks),
        account.drafts if request.including_draft_items else (),
        account.rules.invoice_settlement,
        (*(note for result in results.values() for note in result.notes), *((warning,) if warning else ())),
        other_currencies={
            each.subscription_number: currency
            for currency, part in billed_in.items()
            if currency != main
            for each in part.subscriptions
        },
    )


def _by_subscription(blocks: Iterable[Block]) -> tuple[Block, ...]:
    return tuple(sorted(blocks, key=lambda block: block.series.facts.subscription_number))


def _in_one_currency(account: Account, request: PreviewRequest, as_of: datetime, currency: str) -> PreviewResult:
    """The preview of an account whose subscriptions are all in one currency."""
    try:
        shared = account_context(account, request)
        rated = rate_subscriptions(shared)
        chosen = [each for each in rated if each.is_chosen]
        errors = tuple(error for each in chosen for error in each.errors)
        if errors:
            return _refused(account, as_of, errors)
        blocks, approximated = _blocks(rated, shared)
        invoice, memo = divided(blocks, account)
    except RatingError as error:
        return _refused(account, as_of, (data_error(error),))
    drafts = account.drafts if request.including_draft_items else ()
    notes = (*(note for each in chosen for note in each.notes), *approximated)
    if not invoice and not memo and not drafts:
        notes += tuple(reasons_for_nothing(shared, chosen))
    settlement = account.rules.invoice_settlement
    return PreviewResult(
        account.id,
        account.account_number,
        currency,
        as_of,
        tuple(invoice),
        tuple(memo),
        drafts,
        settlement,
        notes,
    )


def _blocks(rated: Sequence[SubscriptionRows], shared: AccountContext) -> tuple[list[Block], Sequence[Note]]:
    """The blocks of the chosen subscriptions in the order of their items, and warnings about discounts.

    All subscriptions are discounted: those that the request does not choose use up the account's balances as well.
    """
    rows = [row for each in rated for row in each.rows()]
    discounts = [discount for each in rated if not each.is_left_out for discount in each.discounts]
    former = [discount for each in rated if each.is_left_out for discount in each.discounts]
    left_out = {each.subscription.subscription_number for each in rated if each.is_left_out}
    subscriptions = [each.subscription for each in rated]
    earlier = Earlier([row for each in rated for row in each.earlier_rows()], former, left_out)
    reductions, notes = discount_rows(discounts, rows, earlier, subscriptions, shared)
    chosen = {each.subscription.subscription_number for each in rated if each.is_chosen}
    pairs = zip(rows, reductions, strict=True)
    found = [block_of(row, each, shared) for row, each in pairs if row.subscription.subscription_number in chosen]
    return found, notes


def _refused(account: Account, as_of: datetime, errors: tuple[BillingDataError, ...]) -> PreviewResult:
    settlement = account.rules.invoice_settlement
    return PreviewResult(
        account.id, account.account_number, account.currency, as_of, invoice_settlement=settlement, errors=errors
    )
