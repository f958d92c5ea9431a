"""The one entry to the engine: an account, a request and an instant in; the items of the next invoices, or errors, out.

rate charges -> discounts -> tax split -> credit memo rules ("Rating process"; "Rules for generating invoices and
credit memos").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from fractions import Fraction

from soapsvc.engine.account import ONE, Account, Subscription
from soapsvc.engine.charges import AccountContext, ChargeRows, Rows, account_context
from soapsvc.engine.discounts import Discounter, DiscountRows, single_charges
from soapsvc.engine.documents import by_currency, currency_warning, divided, inclusive_rate, reasons_for_nothing, split
from soapsvc.engine.errors import RatingError
from soapsvc.engine.money import Rounding
from soapsvc.engine.result import BillingDataError, Block, Note, PreviewRequest, PreviewResult, Series, data_error
from soapsvc.engine.subscription import SubscriptionRows, rate_subscription


def preview(account: Account, request: PreviewRequest, as_of: datetime) -> PreviewResult:
    """The items that the account is billed for up to the request's target date, in the vendor's order.

    Amounts are in the currency of their subscription, rounded once per item. `as_of` is the instant of the request in
    the tenant's time zone; it becomes the items' charge date and decides nothing else. Data that cannot be rated gives
    `errors` and no items.
    """
    parts, mixed = by_currency(account)
    chosen = request.subscription_numbers
    if errors := tuple(error for number, error in mixed.items() if chosen is None or number in chosen):
        return _refused(account, as_of, errors)
    billed = {
        currency: part
        for currency, part in parts.items()
        if any(_is_chosen(each, request) for each in part.subscriptions)
    }
    if len(parts) > 1:
        return _joined(account, request, billed or dict([next(iter(parts.items()))]), as_of)
    (currency,) = parts
    result = _in_one_currency(account, request, as_of, currency)
    warning = None if result.errors or not billed else currency_warning(account, parts)
    return replace(result, notes=(*result.notes, warning)) if warning else result


def _joined(account: Account, request: PreviewRequest, billed: Mapping[str, Account], as_of: datetime) -> PreviewResult:
    """The previews of an account's currencies as one, in the order of the subscriptions."""
    results = {currency: _in_one_currency(part, request, as_of, currency) for currency, part in billed.items()}
    errors = tuple(error for result in results.values() for error in result.errors)
    if errors:
        return _refused(account, as_of, errors)
    main = account.currency if account.currency in results else next(iter(results))
    warning = currency_warning(account, billed)
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
            for currency, part in billed.items()
            if currency != main
            for each in part.subscriptions
        },
    )


def _by_subscription(blocks: Iterable[Block]) -> tuple[Block, ...]:
    return tuple(sorted(blocks, key=lambda block: block.series.facts.subscription_number))


def _in_one_currency(account: Account, request: PreviewRequest, as_of: datetime, currency: str) -> PreviewResult:
    """The preview of an account all of whose subscriptions are in one currency."""
    try:
        shared = account_context(account, request)
        everything = _rated(shared)
        rated = [rows for rows in everything if _is_chosen(rows.subscription, request)]
        errors = tuple(error for rows in rated for error in rows.errors)
        if errors:
            return _refused(account, as_of, errors)
        blocks, origins, approximated = _blocks(account, request, everything, shared.rounding)
        invoice, memo = divided(blocks, origins, account)
    except RatingError as error:
        return _refused(account, as_of, (data_error(error),))
    drafts = account.drafts if request.including_draft_items else ()
    notes = (*(note for rows in rated for note in rows.notes), *approximated)
    if not invoice and not memo and not drafts:
        notes += tuple(reasons_for_nothing(account, request, rated))
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


def _refused(account: Account, as_of: datetime, errors: tuple[BillingDataError, ...]) -> PreviewResult:
    settlement = account.rules.invoice_settlement
    return PreviewResult(
        account.id, account.account_number, account.currency, as_of, invoice_settlement=settlement, errors=errors
    )


def _is_chosen(subscription: Subscription, request: PreviewRequest) -> bool:
    return request.subscription_numbers is None or subscription.subscription_number in request.subscription_numbers


def _rated(shared: AccountContext) -> list[SubscriptionRows]:
    """All subscriptions by number, whichever were asked for: their discounts may be the account's."""
    ordered = sorted(shared.account.subscriptions, key=lambda subscription: subscription.subscription_number)
    return [rate_subscription(shared, subscription) for subscription in ordered]


def _blocks(
    account: Account, request: PreviewRequest, rated: Sequence[SubscriptionRows], rounding: Rounding
) -> tuple[list[Block], list[SubscriptionRows], Sequence[Note]]:
    """The blocks of the chosen subscriptions in wire order, the subscription of each, and warnings about discounts."""
    sources = [(rows, charge, part) for rows in rated for charge in rows.charges for part in charge.parts]
    discounted, notes = _discounted(account, request, rated, sources, rounding)
    blocks, origins = [], []
    for (rows, _, part), reductions in zip(sources, discounted, strict=True):
        if _is_chosen(rows.subscription, request):
            blocks.append(_block(account, part, rows.subscription, reductions, rounding))
            origins.append(rows)
    return blocks, origins, notes


def _discounted(
    account: Account,
    request: PreviewRequest,
    rated: Sequence[SubscriptionRows],
    sources: Sequence[tuple[SubscriptionRows, ChargeRows, Rows]],
    rounding: Rounding,
) -> tuple[Sequence[Sequence[DiscountRows]], Sequence[Note]]:
    """The discount items on each of the sources, and warnings."""
    discounts = [discount for rows in rated for discount in rows.discounts]
    if not discounts:
        return [()] * len(sources), ()
    single, notes = single_charges(discounts, [rows.subscription for rows in rated])
    discounter = Discounter(discounts, account.rules, rounding, request.explain, single)
    discounter.remember(
        [(charge, part, rows.subscription) for rows in rated for charge in rows.billed for part in charge.parts]
    )
    return discounter.apply([(charge, part, rows.subscription) for rows, charge, part in sources]), notes


def _block(
    account: Account, part: Rows, subscription: Subscription, discounts: Sequence[DiscountRows], rounding: Rounding
) -> Block:
    try:
        rate = inclusive_rate(part.charge, account)
    except RatingError as error:
        raise error.of(subscription.subscription_number, part.charge.number) from error
    names = part.names(account.rules)
    series = Series(
        part.facts,
        part.starts,
        part.ends,
        part.amounts,
        part.quantities,
        names=names,
        deliveries=part.deliveries,
        credits=part.credit_flags(),
        traces=part.traces(rounding),
        due=part.due,
    )
    reductions = [_discount_series(rows) for rows in discounts]
    if rate:
        rule = account.rules.tax_inclusive_rounding
        series, *reductions = [_net(each, rate, rounding, rule) for each in (series, *reductions)]
    return Block(series, tuple(reductions))


def _discount_series(rows: DiscountRows) -> Series:
    return Series(
        rows.discount.facts,
        rows.starts,
        rows.ends,
        rows.amounts,
        [ONE] * len(rows.amounts),
        applied_to=rows.applied_to,
        traces=rows.traces or None,
    )


def _net(series: Series, rate: Fraction, rounding: Rounding, rule: str) -> Series:
    nets, taxes = split(series.amounts, rate, rounding, rule)
    return replace(series, amounts=nets, taxes=taxes)
